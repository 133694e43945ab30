"""The filters in the sidebar. They live in the URL, so a link carries them and pages share them."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, cast

import streamlit as st

from viewer.data import Options, Selection
from viewer.format import day, names, period, plain

# Keys of the widgets, which are also the names in the URL, by filter of a selection.
URL_NAMES = {
    "dates": "dates",
    "platforms": "platform",
    "personas": "persona",
    "brands": "brand",
    "campaigns": "campaign",
}
LABELS = {
    "dates": "Dates",
    "platforms": "Platform",
    "personas": "Persona",
    "brands": "Brand",
    "campaigns": "Campaign",
}
# Dates beyond the data stay valid, so that a link to a whole quarter works while data come in.
YEARS_BEYOND_DATA = 10
SELECTION_KEY = "selection"
WHOLE_PERIOD_KEY = "whole_period"

Period = tuple[date, date]


def show(options: Options) -> None:
    """Show the filters, keep what they choose, and tell what of the URL had to be dropped.

    Called on every run and for every page, since a bound widget that is not shown leaves the URL.
    """
    dropped = _unknown_in_url(options)
    with st.sidebar:
        dates = _show_dates(options)
        chosen: dict[str, Any] = {
            name: _show_members(name, labels) for name, labels in _labels(options).items()
        }
        st.button("Clear filters", on_click=_clear, args=[_whole(options)], width="stretch")
    if dropped:
        st.warning(
            f"Left out of the link, as the published data do not have it: {names(dropped)}.",
            icon=":material/link_off:",
        )
    first_day, last_day = period_of(dates, options)
    st.session_state[SELECTION_KEY] = Selection(first_day, last_day, **chosen)


def chosen() -> Selection:
    """What the filters choose in this run."""
    return cast(Selection, st.session_state[SELECTION_KEY])


def in_words(selection: Selection) -> str:
    """The selection in one line of Markdown."""
    parts = [period(selection.first_day, selection.last_day)]
    parts += [
        names([plain(member) for member in selection.members(name)])
        for name in _member_filters()
        if selection.members(name)
    ]
    return " · ".join(parts)


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


def _show_dates(options: Options) -> Sequence[date] | date | None:
    whole = _whole(options)
    _follow_new_data(whole)
    first_allowed, last_allowed = _allowed_days(options)
    dates = st.date_input(
        LABELS["dates"],
        value=whole,
        min_value=first_allowed,
        max_value=last_allowed,
        format="DD/MM/YYYY",
        key=URL_NAMES["dates"],
        bind="query-params",
        help=f"The data cover {period(*whole)}.",
    )
    if isinstance(dates, tuple) and len(dates) == 1:
        st.caption(f"Only {day(dates[0])}; choose an end for a longer period.")
    with st.container(horizontal=True, gap="xsmall"):
        _preset("All", "The whole data", whole)
        for length in (30, 90):
            first = max(whole[0], whole[1] - timedelta(days=length - 1))
            _preset(f"{length} days", f"The last {length} days of the data", (first, whole[1]))
    return cast("Sequence[date] | date | None", dates)


def _preset(label: str, meaning: str, dates: Period) -> None:
    st.button(label, help=meaning, on_click=_set_dates, args=[dates])


def _show_members(name: str, labels: Mapping[str, str]) -> tuple[str, ...]:
    """A filter by members; members by the label that the URL carries."""
    nothing_to_choose = set(labels.values()) <= {"(none)"}
    chosen = st.multiselect(
        LABELS[name],
        list(labels),
        key=URL_NAMES[name],
        bind="query-params",
        placeholder="Not in the data" if nothing_to_choose else "All",
        disabled=nothing_to_choose,
    )
    return tuple(labels[label] for label in chosen if label in labels)


def _labels(options: Options) -> dict[str, dict[str, str]]:
    """Members by the label to show, by filter."""
    return {
        "platforms": {name: name for name in options.platforms},
        "personas": {name: name for name in options.personas},
        "brands": {name: name for name in options.brands},
        "campaigns": {label: campaign for campaign, label in options.campaigns.items()},
    }


def _unknown_in_url(options: Options) -> list[str]:
    """What the URL asks for and the data do not have, in words."""
    unknown = [
        f"{LABELS[name]} {plain(value, longest=40)}"
        for name, labels in _labels(options).items()
        for value in st.query_params.get_all(URL_NAMES[name])
        if value and value not in labels
    ]
    first_allowed, last_allowed = _allowed_days(options)
    return unknown + [
        f"{LABELS['dates']} {plain(value, longest=40)}"
        for value in st.query_params.get_all(URL_NAMES["dates"])
        if value and not _is_day(value, first_allowed, last_allowed)
    ]


def _is_day(text: str, first_allowed: date, last_allowed: date) -> bool:
    try:
        return first_allowed <= date.fromisoformat(text) <= last_allowed
    except ValueError:
        return False


def _follow_new_data(whole: Period) -> None:
    """Let dates that covered all of the data go on doing so when a new file is published."""
    previous = st.session_state.get(WHOLE_PERIOD_KEY, whole)
    if previous != whole and st.session_state.get(URL_NAMES["dates"]) == previous:
        _set_dates(whole)
    st.session_state[WHOLE_PERIOD_KEY] = whole


def _set_dates(dates: Period) -> None:
    st.session_state[URL_NAMES["dates"]] = dates


def _clear(whole: Period) -> None:
    _set_dates(whole)
    for name in _member_filters():
        st.session_state[URL_NAMES[name]] = []


def _member_filters() -> list[str]:
    return [name for name in URL_NAMES if name != "dates"]


def _whole(options: Options) -> Period:
    return options.first_day, options.last_day


def _allowed_days(options: Options) -> Period:
    return (
        date(options.first_day.year - YEARS_BEYOND_DATA, 1, 1),
        date(options.last_day.year + YEARS_BEYOND_DATA, 12, 31),
    )
