"""The filters in the sidebar. They live in the URL, so a link carries them and pages share them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, cast, get_args

import streamlit as st

from viewer import data
from viewer.data import Options
from viewer.format import count, day, names, period, plain
from viewer.selection import (
    DEFAULT_METHOD,
    Comparison,
    OwnPersona,
    Period,
    Selection,
    View,
)

# Keys of the widgets, which are also the names in the URL, by filter of a selection.
URL_NAMES = {
    "dates": "dates",
    "platforms": "platform",
    "personas": "persona",
    "brands": "brand",
    "campaigns": "campaign",
    "tiers": "tier",
    "categories": "category",
    "influencers": "influencer",
}
LABELS = {
    "dates": "Dates",
    "platforms": "Platform",
    "personas": "Persona",
    "brands": "Brand",
    "campaigns": "Campaign",
    "tiers": "Tier",
    "categories": "Category",
    "influencers": "Influencer",
}
# Those that stand behind "More filters".
RARE_FILTERS = ("tiers", "categories", "influencers")
COMPARISONS = {"previous period": "Period", "previous year": "Year", "nothing": "Off"}
METHOD_NAMES = {
    DEFAULT_METHOD: "Default",
    "attributed": "Attributed revenue",
    "organic_projection": "Organic projection (legacy)",
    "pre_period": "Pre-post comparison",
    "did": "Difference-in-differences",
    "did_ratio": "Ratio difference-in-differences",
    "did_ratio_robust": "Ratio difference-in-differences, robust",
    "gbr": "Geo-based regression",
    "tbr": "Time-based regression",
    "trimmed_match": "Trimmed match",
    "synthetic_control": "Synthetic control",
}
OWN_TRAITS = ("platform", "category", "gender", "language")
ANY = "Any"
# Dates beyond the data stay valid, so that a link to a whole quarter works while data come in.
YEARS_BEYOND_DATA = 10
VIEW_KEY = "view"
WHOLE_PERIOD_KEY = "whole_period"


def show(options: Options, has_regions: bool = False) -> View:
    """Show the filters, and warn about values of the URL that are not in the data.

    Called on every run and for every page, since a bound widget that is not shown leaves the URL.

    Args:
        options: What can be chosen.
        has_regions: Whether the page has spend by region, and so a filter for it.

    Returns:
        What the filters choose, also kept for `chosen`.
    """
    dropped = _unknown_in_url(options)
    labels = _labels(options)
    with st.sidebar:
        dates = _show_dates(options)
        own = _own_persona(options)
        members = {
            name: _show_members(name, labels[name], own)
            for name in labels
            if name not in RARE_FILTERS
        }
        with st.expander(_more_label(), icon=":material/tune:", key="more_filters"):
            members |= {name: _show_members(name, labels[name], own) for name in RARE_FILTERS}
            regions = _show_regions(options) if has_regions else ()
            method = _show_method(options)
        _show_own_persona(options)
        comparison = _show_comparison()
        st.button(
            "Clear filters",
            on_click=_clear,
            args=[_whole(options)],
            width="stretch",
            icon=":material/filter_alt_off:",
        )
    if dropped:
        st.warning(
            f"Ignored in the link because the published data do not have it: {names(dropped)}.",
            icon=":material/link_off:",
        )
    first_day, last_day = period_of(dates, options)
    own_is_chosen = own is not None and own_member(own) in members["personas"]
    if own is not None:
        members["personas"] = tuple(m for m in members["personas"] if m != own_member(own))
    selection = Selection(
        first_day, last_day, **members, own_persona=own if own_is_chosen else None
    )
    view = View(selection, comparison, method, regions, own)
    st.session_state[VIEW_KEY] = view
    return view


def chosen() -> View:
    """What the filters choose in this run."""
    return cast(View, st.session_state[VIEW_KEY])


def in_words(selection: Selection) -> str:
    """The selection in one line of Markdown."""
    return " · ".join(plain(part) for part in _parts_in_words(selection))


def in_plain_words(selection: Selection) -> str:
    """The selection in one line of text."""
    return " · ".join(_parts_in_words(selection))


def method_name(method: str) -> str:
    """What users call a method."""
    return METHOD_NAMES.get(method, method)


def own_member(own: OwnPersona) -> str:
    """The user's own persona as a member of the persona filter."""
    return f"★ {own.name}"


def own_in_words(own: OwnPersona) -> str:
    """Who belongs to the user's own persona."""
    parts = [value for trait in OWN_TRAITS if (value := getattr(own, trait))]
    if own.min_followers is not None:
        parts.append(f"from {count(own.min_followers)} followers")
    if own.max_followers is not None:
        parts.append(f"up to {count(own.max_followers)} followers")
    return ", ".join(parts) or "everybody"


def link(selection: Selection, options: Options) -> dict[str, list[str]]:
    """Query parameters that choose this selection; the own persona keeps its definition."""
    query: dict[str, list[str]] = {}
    if (selection.first_day, selection.last_day) != _whole(options):
        query["dates"] = [str(selection.first_day), str(selection.last_day)]
    for name, labels in _labels(options).items():
        label_of = {member: label for label, member in labels.items()}
        chosen = [label_of[member] for member in selection.members(name) if member in label_of]
        if chosen:
            query[URL_NAMES[name]] = chosen
    return query


def choose(name: str, members: Sequence[str], options: Options) -> None:
    """Set a filter, in a callback: before the widgets of the next run are shown.

    Args:
        name: Filter of a selection, such as "personas".
        members: What it shall choose.
        options: What can be chosen.
    """
    label_of = {member: label for label, member in _labels(options)[name].items()}
    st.session_state[URL_NAMES[name]] = [label_of[member] for member in members]


def choose_dates(dates: Period) -> None:
    """Set the filter of dates, in a callback."""
    _set_dates(dates)


def period_of(dates: Sequence[date] | date | None, options: Options) -> Period:
    """First and last day of what the date widget holds, within the data where they meet.

    The widget holds nothing after it was cleared, which means the whole data, and one date while
    the second is being chosen. One date means that day, as it does in a link: Streamlit writes a
    period of one day, X to X, as dates=X&dates=X and reads it back as X alone.
    """
    first_of_data, last_of_data = _whole(options)
    days = sorted([dates] if isinstance(dates, date) else dates or _whole(options))
    first, last = days[0], days[-1]
    if first > last_of_data or last < first_of_data:
        return first, last
    return max(first, first_of_data), min(last, last_of_data)


# --- Dates -------------------------------------------------------------------------------------


def _show_dates(options: Options) -> Sequence[date] | date | None:
    whole = _whole(options)
    _follow_new_data(whole)
    first_allowed, last_allowed = _allowed_days(options)
    dates = st.date_input(
        LABELS["dates"],
        value=whole,
        min_value=first_allowed,
        max_value=last_allowed,
        format="YYYY-MM-DD" if st.session_state.get("date_style") == "ISO" else "DD/MM/YYYY",
        key=URL_NAMES["dates"],
        bind="query-params",
        help=f"The data cover {period(*whole)}.",
    )
    if isinstance(dates, tuple) and len(dates) == 1:
        st.caption(f"Only {day(dates[0])}; choose an end date for a longer period.")
    with st.container(horizontal=True, gap="xsmall", key="presets"):
        for label, (meaning, dates_of_preset) in presets(options).items():
            st.button(
                label,
                help=f"{meaning}: {period(*dates_of_preset)}",
                on_click=_set_dates,
                args=[dates_of_preset],
                key=f"preset_{label}",
            )
    return cast("Sequence[date] | date | None", dates)


def presets(options: Options) -> dict[str, tuple[str, Period]]:
    """Meaning and dates of the buttons below the dates, by label."""
    first, last = _whole(options)
    lengths = {
        f"{length}d": (
            f"The last {length} days of the data",
            (max(first, last - timedelta(days=length - 1)), last),
        )
        for length in (7, 30, 90)
    }
    named = {"Quarter": "QTR", "Fiscal year": "FY"}
    periods = {
        named[name]: (f"{name} of the last day of the data", dates)
        for name, dates in options.periods.items()
    }
    return lengths | periods | {"All": ("All dates in the data", (first, last))}


def _follow_new_data(whole: Period) -> None:
    """Let dates that covered all of the data go on doing so when a new file is published."""
    previous = st.session_state.get(WHOLE_PERIOD_KEY, whole)
    if previous != whole and st.session_state.get(URL_NAMES["dates"]) == previous:
        _set_dates(whole)
    st.session_state[WHOLE_PERIOD_KEY] = whole


def _set_dates(dates: Period) -> None:
    st.session_state[URL_NAMES["dates"]] = dates


# --- Members -----------------------------------------------------------------------------------


def _show_members(name: str, labels: Mapping[str, str], own: OwnPersona | None) -> tuple[str, ...]:
    """A filter by members; members by the label that the URL carries."""
    shown = list(labels)
    if name == "personas" and own is not None:
        shown.insert(0, own_member(own))
    nothing_to_choose = set(labels.values()) <= {"(none)"}
    chosen = st.multiselect(
        LABELS[name],
        shown,
        key=URL_NAMES[name],
        bind="query-params",
        placeholder="Not in the data" if nothing_to_choose else "All",
        disabled=nothing_to_choose,
    )
    return tuple(labels.get(label, label) for label in chosen if label in shown)


def _labels(options: Options) -> dict[str, dict[str, str]]:
    """Members by the label to show, by filter."""
    return {
        "platforms": {name: name for name in options.platforms},
        "personas": {name: name for name in options.personas},
        "brands": {name: name for name in options.brands},
        "campaigns": {label: campaign for campaign, label in options.campaigns.items()},
        "tiers": {name: name for name in options.tiers},
        "categories": {name: name for name in options.categories},
        "influencers": {label: key for key, label in options.influencers.items()},
    }


def _show_regions(options: Options) -> tuple[str, ...]:
    regions = st.multiselect(
        "Region",
        options.regions,
        key="region",
        bind="query-params",
        placeholder="All" if options.regions else "Not in the data",
        disabled=not options.regions,
        help="Experiments that treated one of these regions.",
    )
    return tuple(regions)


def _show_method(options: Options) -> str:
    return str(
        st.selectbox(
            "Method",
            _methods(options),
            format_func=method_name,
            key="method",
            bind="query-params",
            help="How incremental figures are measured. Attributed revenue and the legacy method"
            " apply to all figures, the others to experiments only.",
        )
    )


def _methods(options: Options) -> list[str]:
    return list(dict.fromkeys([*data.SELECTION_METHODS, *options.methods]))


def _show_comparison() -> Comparison | None:
    comparison = st.segmented_control(
        "Compare with the previous",
        list(COMPARISONS),
        format_func=COMPARISONS.__getitem__,
        default="previous period",
        required=True,
        key="compare",
        bind="query-params",
        width="stretch",
    )
    return cast(Comparison, comparison) if comparison in get_args(Comparison) else None


def _more_label() -> str:
    """The label of the rare filters, with how many of them are in force."""
    in_force = sum(bool(st.session_state.get(URL_NAMES[name])) for name in RARE_FILTERS)
    in_force += bool(st.session_state.get("region"))
    in_force += st.session_state.get("method", DEFAULT_METHOD) != DEFAULT_METHOD
    return f"More filters ({in_force})" if in_force else "More filters"


# --- A persona of one's own --------------------------------------------------------------------


def _own_persona(options: Options) -> OwnPersona | None:
    """The persona of the user's own that the widgets hold, if it has a name."""
    name = " ".join(str(_own_state("name", "")).split())
    if not name:
        return None
    least, most = _own_state("min", None), _own_state("max", None)
    traits = {trait: _own_state(trait, ANY) for trait in OWN_TRAITS}
    known = _own_choices(options)
    return OwnPersona(
        name[:40],
        int(least) if least else None,
        int(most) if most else None,
        **{trait: value if value in known[trait] else None for trait, value in traits.items()},
    )


def _own_state(trait: str, default: Any) -> Any:
    """What the widget of a trait holds, or, before its first run, the URL."""
    key = f"my_{trait}"
    if key in st.session_state:
        return st.session_state[key]
    value = st.query_params.get(key, default)
    if trait in ("min", "max"):
        return int(value) if value and str(value).isdigit() else None
    return value


def _own_choices(options: Options) -> dict[str, list[str]]:
    return {
        "platform": options.platforms,
        "category": options.categories,
        "gender": options.genders,
        "language": options.languages,
    }


def _show_own_persona(options: Options) -> None:
    with st.expander("My persona", icon=":material/person_add:", key="my_persona"):
        st.text_input(
            "Name",
            key="my_name",
            bind="query-params",
            max_chars=40,
            placeholder="Such as Regional fitness",
            help="A name adds it to the persona filter and to comparisons. The link includes it.",
        )
        least, most = st.columns(2)
        for column, label, key in ((least, "Followers from", "min"), (most, "to", "max")):
            column.number_input(
                label,
                min_value=0,
                max_value=1_000_000_000,
                value=None,
                step=1000,
                key=f"my_{key}",
                bind="query-params",
                placeholder="Any",
            )
        for trait, choices in _own_choices(options).items():
            st.selectbox(
                trait.capitalize(), [ANY, *choices], key=f"my_{trait}", bind="query-params"
            )
        own = _own_persona(options)
        if own is not None:
            st.caption(f"{plain(own_member(own))}: {plain(own_in_words(own))}.")
            with st.popover("Row for persona_rules.csv", icon=":material/content_copy:"):
                st.caption(
                    "Add it to seeds/reference/persona_rules.csv and build again to include"
                    " it in every report. The first rule that matches wins, lowest priority first."
                )
                st.code(persona_rule(own), language=None, wrap_lines=True)


def persona_rule(own: OwnPersona) -> str:
    """The row to add to persona_rules.csv, so that the next build has this persona."""
    cells = [
        "100",
        own.name,
        "",
        own.category or "",
        own.platform or "",
        own.gender or "",
        own.language or "",
        "" if own.min_followers is None else str(own.min_followers),
        "" if own.max_followers is None else str(own.max_followers),
    ]
    return ",".join(_csv_cell(cell) for cell in cells)


def _csv_cell(cell: str) -> str:
    if any(mark in cell for mark in ',"\n'):
        return '"' + cell.replace('"', '""') + '"'
    return cell


# --- The URL -----------------------------------------------------------------------------------


def _unknown_in_url(options: Options) -> list[str]:
    """Values of the URL that the data do not have, in words."""
    return [
        f"{label} {plain(value, longest=40)}"
        for label, value, is_known in _asked_in_url(options)
        if value and not is_known
    ]


def _asked_in_url(options: Options) -> Iterator[tuple[str, str, bool]]:
    """Filter, value and whether the data have it, for all that the URL asks for."""
    own = _own_persona(options)
    for name, labels in _labels(options).items():
        known = {*labels, own_member(own)} if name == "personas" and own else set(labels)
        for value in st.query_params.get_all(URL_NAMES[name]):
            yield LABELS[name], value, value in known
    first_allowed, last_allowed = _allowed_days(options)
    for value in st.query_params.get_all(URL_NAMES["dates"]):
        yield LABELS["dates"], value, _is_day(value, first_allowed, last_allowed)
    for value in st.query_params.get_all("region"):
        yield "Region", value, value in options.regions
    for value in st.query_params.get_all("method"):
        methods = {method_name(method) for method in _methods(options)}
        yield "Method", value, value in methods
    for value in st.query_params.get_all("compare"):
        yield "Comparison", value, value in COMPARISONS.values()
    for trait, choices in _own_choices(options).items():
        for value in st.query_params.get_all(f"my_{trait}"):
            yield f"My persona's {trait}", value, value in (ANY, *choices)


def _is_day(text: str, first_allowed: date, last_allowed: date) -> bool:
    try:
        return first_allowed <= date.fromisoformat(text) <= last_allowed
    except ValueError:
        return False


def _parts_in_words(selection: Selection) -> list[str]:
    parts = [period(selection.first_day, selection.last_day)]
    for name, labels in _labels(data.options()).items():
        label_of = {member: label for label, member in labels.items()}
        members = [label_of.get(member, member) for member in selection.members(name)]
        parts += [names(members)] if members else []
    if selection.own_persona:
        parts.append(own_member(selection.own_persona))
    return parts


def _labels_order() -> list[str]:
    return [name for name in URL_NAMES if name != "dates"]


def _clear(whole: Period) -> None:
    _set_dates(whole)
    for name in _labels_order():
        st.session_state[URL_NAMES[name]] = []
    if "region" in st.session_state:
        st.session_state["region"] = []
    st.session_state["method"] = DEFAULT_METHOD


def _whole(options: Options) -> Period:
    return options.first_day, options.last_day


def _allowed_days(options: Options) -> Period:
    return (
        date(options.first_day.year - YEARS_BEYOND_DATA, 1, 1),
        date(options.last_day.year + YEARS_BEYOND_DATA, 12, 31),
    )
