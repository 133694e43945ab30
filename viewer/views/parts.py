"""Layout that pages share."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from viewer import data, filters
from viewer.charts import Chart
from viewer.data import Selection
from viewer.format import count, period, plain, rupees
from viewer.measures import LEGACY_INCREMENTAL_ROAS, LEGACY_NOTE, Measure


def header(title: str, selection: Selection) -> None:
    """Title of the page and what it shows; on a phone the filters themselves are out of sight."""
    st.title(title)
    st.caption(filters.in_words(selection))


def tiles(measures: Sequence[Measure], figures: Mapping[str, Any]) -> None:
    """A wall of tiles, one a measure, that wraps on narrow screens."""
    with st.grid(3, min_column_width=220):
        for measure in measures:
            st.metric(
                measure.label,
                measure.write(figures[measure.column]),
                help=measure.tooltip(),
                border=True,
            )


def show_chart(chart: Chart, key: str) -> None:
    """A chart with its description for screen readers."""
    st.plotly_chart(
        chart.figure,
        alt=chart.alt,
        key=key,
        config={"displayModeBar": False, "responsive": True},
    )


def performance_table(
    rows: pd.DataFrame, name: str, measures: Sequence[Measure], traits: Sequence[str], alt: str
) -> None:
    """A table of named rows: the name stays in sight, then measures, then traits.

    Args:
        rows: Rows of `data.performance`.
        name: Column that names a row.
        measures: Measures to show.
        traits: Columns that say more about a row.
        alt: What the table shows.
    """
    shown = rows[[name, *(measure.column for measure in measures), *traits]]
    columns: dict[str, Any] = {name: _named(name, pinned=True)}
    for trait in traits:
        columns[trait] = _named(trait)
    for measure in measures:
        columns[measure.column] = st.column_config.Column(measure.label, help=measure.tooltip())
    # A Styler keeps the figures, so that sorting a column sorts by amount and not by text.
    written = shown.style.format({measure.column: measure.write for measure in measures})
    st.dataframe(
        written, hide_index=True, column_config=columns, placeholder="–", height="content", alt=alt
    )


def _named(column: str, pinned: bool = False) -> Any:
    """A column of text of the influencers, explained by the published file."""
    label = column.removesuffix("_name").capitalize()
    comment = data.column_comments().get(("dim_influencers", column))
    return st.column_config.Column(label, help=plain(comment) if comment else None, pinned=pinned)


def legacy_note(figures: Mapping[str, Any]) -> None:
    """What the legacy incremental ROAS is, and when there was nothing to subtract."""
    note = LEGACY_NOTE
    if figures["organic_revenue"] == 0:
        note += (
            " These dates have no revenue of other channels, so nothing is subtracted here and it"
            " equals ROAS."
        )
    if pd.notna(figures[LEGACY_INCREMENTAL_ROAS.column]):
        st.caption(note)


def outside_note(selection: Selection) -> None:
    """Spend that a brand or campaign filter leaves out because nobody knows what it was for."""
    outside = data.spend_of_no_member(selection)
    if not outside:
        return
    filtered = " or ".join(
        filters.LABELS[name].lower() for name in ("brands", "campaigns") if selection.members(name)
    )
    st.caption(
        f":material/info: {rupees(outside)} of spend has no known {filtered}, so it is outside"
        " the filter."
    )


def no_spend_note(figures: Mapping[str, Any]) -> None:
    """How many influencers lift ROAS with revenue that has no spend against it."""
    everyone, with_spend = figures["influencers"], figures["influencers_with_spend"]
    if 0 < with_spend < everyone:
        st.caption(
            f":material/info: {count(everyone - with_spend)} of {count(everyone)} influencers had"
            " no spend in this selection; their revenue counts in ROAS all the same."
        )


def shown_empty(selection: Selection, figures: Mapping[str, Any]) -> bool:
    """On an empty selection, say which filters to widen; True tells the page that it is done."""
    if figures["influencer_days"] > 0:
        return False
    whole = data.options()
    widen = [filters.LABELS[name] for name in data.filters_to_widen(selection)]
    advice = (
        f"Clear {' or '.join(widen)} to see some."
        if widen
        else "Clear several filters, or all of them, to see some."
    )
    st.info(
        f"No influencer was active in this selection. {advice}"
        f" The data cover {period(whole.first_day, whole.last_day)}.",
        icon=":material/filter_alt_off:",
    )
    return True
