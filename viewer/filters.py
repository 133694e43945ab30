"""The filters in the sidebar. They live in the URL, so a link carries them and pages share them."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import cast

import streamlit as st

from viewer import data, own_persona
from viewer.data import Options
from viewer.dimensions import DIMENSIONS
from viewer.format import day, names, period, plain, short_period, style
from viewer.periods import Period, overlap, previous_year
from viewer.selection import (
    DEFAULT_METHOD,
    OWN_TRAITS,
    Comparison,
    JudgedBy,
    OwnPersona,
    Selection,
    View,
)

# What parameters of the URL that are no dimension are called, by name.
OTHER_LABELS = {
    **{"dates": "Dates", "region": "Region", "method": "Method", "compare": "Comparison"},
    "judge_by": "Judge by",
    "cohort": "Revenue counted",
    **{f"my_{trait}": f"My persona's {trait}" for trait in OWN_TRAITS},
}
# What returns are held against, in words; by the file itself as it was built.
JUDGED_BY = {
    "margin": "Margin",
    "revenue": "Revenue",
    "setting": "Set break-even",
}
# Days after the spend up to which its revenue counts, in words; None for that of the dates.
COHORTS = {None: "In these dates"} | {
    days: f"Up to {days} days after spend" for days in (7, 14, 30, 60, 90)
}
COMPARISONS = {"previous period": "Period", "previous year": "Year", "nothing": "Off"}
METHOD_NAMES = {
    DEFAULT_METHOD: "Default",
    "attributed": "Attributed revenue",
    "organic_projection": "Organic projection (legacy)",
    "pre_period": "Pre-post comparison",
    "did": "Difference-in-differences",
    "did_ratio": "Ratio difference-in-differences",
    "joint_panel": "Joint panel of all campaigns",
    "did_ratio_robust": "Ratio difference-in-differences, robust",
    "gbr": "Geo-based regression",
    "tbr": "Time-based regression",
    "trimmed_match": "Trimmed match",
    "synthetic_control": "Synthetic control",
}
SHORT_PERIODS = {"Quarter to date": "QTR", "Fiscal year to date": "FY"}
# Dates beyond the data stay valid, so that a link to a whole quarter works while data come in.
YEARS_BEYOND_DATA = 10
VIEW_KEY = "view"
# Parameters of a link by name.
Query = dict[str, list[str]]
WHOLE_PERIOD_KEY = "whole_period"
NAMED_PERIOD_KEY = "named_period"


def show(options: Options, has_regions: bool = False, has_cohort: bool = True) -> View:
    """Show the filters, and warn about values of the URL that are not in the data.

    Called on every run and for every page, since a bound widget that is not shown leaves the URL.
    Only pages with spend by region have a filter for it, and only those with what spend brought
    can count the revenue after it. What is chosen is also kept for `chosen`.
    """
    _follow_method_by_name(options)
    own = own_persona.made_up(options)
    dropped = _unknown_in_url(options, own)
    with st.sidebar:
        dates = _show_dates(options)
        members = _show_members(options, own, are_rare=False)
        with st.expander(_more_label(), icon=":material/tune:", key="more_filters"):
            members |= _show_members(options, own, are_rare=True)
            regions = _show_regions(options) if has_regions else []
            method = _show_method(options)
        own_persona.show(options)
        comparison = _show_comparison()
        judged_by = _show_judged_by(options)
        days_after = _show_cohort(has_cohort)
        st.button(
            "Clear filters",
            on_click=clear,
            args=["dates", *DIMENSIONS, "region", "method"],
            width="stretch",
            icon=":material/filter_alt_off:",
        )
    if dropped:
        st.warning(
            f"Ignored in the link because the published data do not have it: {names(dropped)}.",
            icon=":material/link_off:",
        )
    first_day, last_day = period_of(dates, options)
    chosen_own = own if own and own.member in members["persona"] else None
    if chosen_own:
        members["persona"].remove(chosen_own.member)
    everybody = Selection(
        first_day,
        last_day,
        own_persona=chosen_own,
        judged_by=judged_by,
        days_after=days_after,
    )
    view = View(everybody.having(**members), comparison, method, tuple(regions), own)
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


def label(name: str) -> str:
    """What users call a filter."""
    return DIMENSIONS[name].label if name in DIMENSIONS else OTHER_LABELS[name]


def link(selection: Selection, options: Options) -> Query:
    """Query parameters that choose this selection; the own persona keeps its definition."""
    query: Query = {}
    if selection.period != options.whole:
        query["dates"] = [*map(str, selection.period)]
    for name in selection.narrowed_by():
        labels = options.labels[name]
        chosen = [labels[member] for member in selection.members(name) if member in labels]
        if chosen:
            query[name] = chosen
    if selection.judged_by == "revenue":
        query["judge_by"] = [JUDGED_BY["revenue"]]
    if selection.days_after is not None:
        query["cohort"] = [COHORTS[selection.days_after]]
    return query


def choose(name: str, members: Sequence[str], options: Options) -> None:
    """Set a filter by members, in a callback: before the widgets of the next run are shown."""
    # A persona of one's own is a member that the data do not have.
    st.session_state[name] = [options.labels[name].get(member, member) for member in members]


def choose_dates(dates: Period) -> None:
    """Set the filter of dates, in a callback."""
    st.session_state["dates"] = dates


def choose_cohort(days_after: int | None) -> None:
    """Set what revenue counts, in a callback."""
    st.session_state["cohort"] = days_after


def clear(*names: str) -> None:
    """Clear some filters, in a callback."""
    for name in names:
        if name == "dates":
            choose_dates(data.options().whole)
        elif name == "method":
            st.session_state[name] = DEFAULT_METHOD
        elif name in st.session_state:
            st.session_state[name] = []


def show_clear_buttons(names: Sequence[str]) -> None:
    """A button for each of some filters, which clears it."""
    if not names:
        return
    with st.container(horizontal=True, gap="small"):
        for name in names:
            st.button(f"Clear {label(name)}", on_click=clear, args=[name], key=f"clear_{name}")


def period_of(dates: Sequence[date] | date | None, options: Options) -> Period:
    """First and last day of what the date widget holds, within the data where they meet.

    The widget holds nothing after it was cleared, which means the whole data, and one date while
    the second is being chosen. One date means that day, as it does in a link: Streamlit writes a
    period of one day, X to X, as dates=X&dates=X and reads it back as X alone.
    """
    first_of_data, last_of_data = options.whole
    days = sorted([dates] if isinstance(dates, date) else dates or options.whole)
    first, last = days[0], days[-1]
    if first > last_of_data or last < first_of_data:
        return first, last
    return max(first, first_of_data), min(last, last_of_data)


def _show_dates(options: Options) -> Sequence[date] | date | None:
    whole = options.whole
    # Dates that covered all of the data go on doing so when a new file is published.
    previous = st.session_state.get(WHOLE_PERIOD_KEY, whole)
    if previous != whole and st.session_state.get("dates") == previous:
        choose_dates(whole)
    st.session_state[WHOLE_PERIOD_KEY] = whole
    first_allowed, last_allowed = _allowed_days(options)
    dates = st.date_input(
        label("dates"),
        value=whole,
        min_value=first_allowed,
        max_value=last_allowed,
        format=style().date_picker,
        key="dates",
        bind="query-params",
        help=f"The data cover {period(*whole)}.",
    )
    if isinstance(dates, tuple) and len(dates) == 1:
        st.caption(f"Only {day(dates[0])}; choose an end date for a longer period.")
    with st.container(horizontal=True, gap="xsmall", key="presets"):
        for name, (meaning, dates_of_preset) in presets(options).items():
            st.button(
                name,
                help=f"{meaning}: {period(*dates_of_preset)}",
                on_click=choose_dates,
                args=[dates_of_preset],
                key=f"preset_{name}",
            )
    current = period_of(dates, options)
    _show_named_periods(named_periods(options, current), current)
    return cast("Sequence[date] | date | None", dates)


def presets(options: Options) -> dict[str, tuple[str, Period]]:
    """Meaning and dates of the buttons below the dates, by label."""
    first, last = options.whole
    found = {}
    for length in (7, 30, 90):
        since = max(first, last - timedelta(days=length - 1))
        found[f"{length}d"] = f"The last {length} days of the data", (since, last)
    for name, short in SHORT_PERIODS.items():
        found[short] = name, options.periods[name]
    return found | {"All": ("All dates in the data", options.whole)}


def named_periods(options: Options, current: Period) -> dict[str, Period]:
    """Periods of the calendar and festivals that have days in the data, by name with dates.

    Args:
        options: What there is to choose from.
        current: The chosen dates, of which the year before is one of them.
    """
    named = [*options.periods.items()]
    if year_before := overlap(previous_year(current), options.whole):
        named.append(("Same period last year", year_before))
    named += options.festivals
    return {f"{name}: {short_period(*days)}": days for name, days in named}


def _show_named_periods(named: Mapping[str, Period], current: Period) -> None:
    """The choice of a named period, which shows the one that the dates are."""
    if named.get(st.session_state.get(NAMED_PERIOD_KEY, "")) != current:
        found = (name for name, days in named.items() if days == current)
        st.session_state[NAMED_PERIOD_KEY] = next(found, None)
    st.selectbox(
        "Named period",
        list(named),
        index=None,
        key=NAMED_PERIOD_KEY,
        placeholder="Other periods, festivals",
        label_visibility="collapsed",
        on_change=_choose_named_period,
        args=[named],
    )


def _choose_named_period(named: Mapping[str, Period]) -> None:
    """Set the dates in a callback; a choice that is taken back leaves them as they are."""
    if chosen := st.session_state[NAMED_PERIOD_KEY]:
        choose_dates(named[chosen])


def _show_members(options: Options, own: OwnPersona | None, are_rare: bool) -> dict[str, list[str]]:
    """The rare filters by members or the others, and what each chooses."""
    return {
        name: _show_filter(name, _offered(name, _members_by_label(name, options, own), options))
        for name, dimension in DIMENSIONS.items()
        if dimension.is_rare == are_rare
    }


def _offered(name: str, members: Mapping[str, str], options: Options) -> Mapping[str, str]:
    """The members that other filters leave to choose from: the chosen brands have their campaigns.

    What is chosen already stays, so that a link goes on showing what it was made of.
    """
    brands = _held("brand")
    if name != "campaign" or not brands:
        return members
    return {
        shown: member
        for shown, member in members.items()
        if options.brands.get(member) in brands or shown in _held("campaign")
    }


def _held(name: str) -> list[str]:
    """What the widget of a filter holds, or, before its first run, the URL."""
    return list(st.session_state.get(name, st.query_params.get_all(name)))


def _show_filter(name: str, members: Mapping[str, str], meaning: str | None = None) -> list[str]:
    """A filter by members; they are given by the label that the URL carries."""
    nothing_to_choose = set(members.values()) <= {"(none)"}
    chosen = st.multiselect(
        label(name),
        list(members),
        key=name,
        bind="query-params",
        placeholder="Not in the data" if nothing_to_choose else "All",
        disabled=nothing_to_choose,
        help=meaning,
    )
    return [members[shown] for shown in chosen if shown in members]


def _members_by_label(name: str, options: Options, own: OwnPersona | None) -> dict[str, str]:
    """What a filter can choose, by what is shown of it; a persona of one's own comes first."""
    members = {shown: member for member, shown in options.labels[name].items()}
    return {own.member: own.member} | members if name == "persona" and own else members


def _show_regions(options: Options) -> list[str]:
    regions = {region: region for region in options.regions}
    return _show_filter("region", regions, "Experiments that treated one of these regions.")


def _show_method(options: Options) -> str:
    return st.selectbox(
        label("method"),
        _methods(options),
        format_func=method_name,
        key="method",
        bind="query-params",
        help="How incremental figures are measured. Attributed revenue and the legacy method"
        " apply to all figures, the others to experiments only.",
    )


def _follow_method_by_name(options: Options) -> None:
    """Go on to the link with the label, if it has the name that the published file gives a method.

    The browser does it, since a bound widget neither reads such a name nor lets it be set.
    """
    name = st.query_params.get("method", "")
    if name not in _methods(options) or method_name(name) == name:
        return
    st.html(
        "<script>const link = new URL(location);"
        f" link.searchParams.set('method', {json.dumps(method_name(name))});"
        " location.replace(link)</script>",
        unsafe_allow_javascript=True,
    )
    st.stop()


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
    return None if comparison == "nothing" else cast(Comparison, comparison)


def _show_judged_by(options: Options) -> JudgedBy:
    """What returns are held against, where the file knows more than revenue."""
    of_file = data.break_even(Selection(*options.whole)).basis
    bases = list(dict.fromkeys([of_file, "revenue"]))
    chosen = st.segmented_control(
        label("judge_by"),
        bases,
        format_func=JUDGED_BY.__getitem__,
        default=of_file,
        required=True,
        key="judge_by",
        bind="query-params",
        width="stretch",
        disabled=len(bases) == 1,
        help="What spend has to earn back. Margin: cost of goods and spend. Revenue: spend only,"
        " before cost of goods. Margin needs the unit cost of nearly all products.",
    )
    return "file" if chosen == of_file else "revenue"


def _show_cohort(has_cohort: bool) -> int | None:
    """Whether revenue is that of the dates or that of their spend."""
    chosen = st.selectbox(
        label("cohort"),
        list(COHORTS),
        format_func=COHORTS.__getitem__,
        key="cohort",
        bind="query-params",
        disabled=not has_cohort,
        help="In these dates: revenue of orders in the dates, whatever spend they follow. After"
        " spend: the spend of the dates, a cohort, with all the revenue that it brought up to so"
        " many days later; orders without spend of their influencer before them are left out.",
    )
    return chosen if has_cohort else None


def _more_label() -> str:
    """The label of the rare filters, with how many of them are in force."""
    state = st.session_state
    rare = [name for name, dimension in DIMENSIONS.items() if dimension.is_rare]
    in_force = sum(bool(state.get(name)) for name in (*rare, "region"))
    in_force += state.get("method", DEFAULT_METHOD) != DEFAULT_METHOD
    return f"More filters ({in_force})" if in_force else "More filters"


def _unknown_in_url(options: Options, own: OwnPersona | None) -> list[str]:
    """Values of the URL that the data do not have, in words."""
    days = st.query_params.get_all("dates")
    known: dict[str, Collection[str]] = {
        **{name: _members_by_label(name, options, own) for name in DIMENSIONS},
        "dates": [text for text in days if _is_allowed_day(text, options)],
        "region": options.regions,
        "method": [method_name(method) for method in _methods(options)],
        "compare": COMPARISONS.values(),
        "judge_by": JUDGED_BY.values(),
        "cohort": COHORTS.values(),
        **{f"my_{trait}": own_persona.choices(of) for trait, of in options.own_traits.items()},
    }
    return [
        f"{label(name)} {plain(value, longest=40)}"
        for name, values in known.items()
        for value in st.query_params.get_all(name)
        if value and value not in values
    ]


def _is_allowed_day(text: str, options: Options) -> bool:
    first_allowed, last_allowed = _allowed_days(options)
    try:
        return first_allowed <= date.fromisoformat(text) <= last_allowed
    except ValueError:
        return False


def _parts_in_words(selection: Selection) -> list[str]:
    parts = [period(*selection.period)]
    for name, labels in data.options().labels.items():
        members = [labels.get(member, member) for member in selection.members(name)]
        parts += [names(members)] if members else []
    if selection.own_persona:
        parts.append(selection.own_persona.member)
    if selection.days_after is not None:
        parts.append(f"revenue up to {selection.days_after} days after spend")
    return parts


def _allowed_days(options: Options) -> Period:
    return (
        date(options.first_day.year - YEARS_BEYOND_DATA, 1, 1),
        date(options.last_day.year + YEARS_BEYOND_DATA, 12, 31),
    )
