"""Deep dive: which influencers and personas do well, and which do not."""

import pandas as pd
import streamlit as st

from viewer import charts, data, filters, measures
from viewer.data import RankedMeasure, Selection
from viewer.format import count
from viewer.measures import Measure
from viewer.views import parts

RANKED: dict[RankedMeasure, Measure] = {
    "roas": measures.ROAS,
    "attributed_revenue": measures.ATTRIBUTED_REVENUE,
    "spend": measures.SPEND,
}
HOW_MANY = [5, 10, 20, 50]
COLUMNS = (
    measures.SPEND,
    measures.ORDERS,
    measures.ATTRIBUTED_REVENUE,
    measures.ROAS,
    measures.LEGACY_INCREMENTAL_ROAS,
)


def show(selection: Selection) -> None:
    """Lay out the page."""
    parts.header("Deep dive", selection)
    figures = data.totals(selection)
    if parts.shown_empty(selection, figures):
        return
    measure, most = _choose_ranking()
    parts.outside_note(selection)
    _show_influencers(selection, int(figures["influencers"]), measure, most)
    _show_personas(selection, measure)
    parts.legacy_note(figures)


def _choose_ranking() -> tuple[RankedMeasure, int]:
    with st.grid(2, min_column_width=150):
        measure = st.selectbox(
            "Rank by",
            list(RANKED),
            format_func=lambda name: RANKED[name].label,
            key="rank_by",
            bind="query-params",
        )
        most = st.selectbox("How many", HOW_MANY, index=1, key="how_many", bind="query-params")
    return measure, most


def _show_influencers(
    selection: Selection, influencers: int, measure: RankedMeasure, most: int
) -> None:
    label = RANKED[measure].label
    best = data.ranking(selection, measure, worst_first=False, most=most)
    if best.empty:
        st.info(f"No influencer has {label} in this selection: none has spend on record.")
        return
    ranked = int(best["ranked"][0])
    _show_influencer_table(f"Highest {label}", best, measure)
    # Nobody is shown among the lowest who is already shown among the highest.
    rest = min(most, ranked - len(best))
    if rest:
        worst = data.ranking(selection, measure, worst_first=True, most=rest)
        _show_influencer_table(f"Lowest {label}", worst, measure)
    if ranked < influencers:
        st.caption(
            f"{count(ranked)} of {count(influencers)} influencers are ranked: without spend there"
            f" is no {label}."
        )
    st.caption(
        "Few orders make a ratio uncertain. No attributed orders does not mean no effect: buyers"
        " may use neither link nor code."
    )


def _show_influencer_table(title: str, rows: pd.DataFrame, measure: RankedMeasure) -> None:
    st.subheader(title)
    alt = f"{len(rows)} influencers: {title}"
    parts.performance_table(
        rows, "influencer_name", _columns(measure), traits=("platform", "persona"), alt=alt
    )


def _show_personas(selection: Selection, measure: RankedMeasure) -> None:
    personas = data.performance(selection, "persona").sort_values(measure, ascending=False)
    st.subheader(f"{RANKED[measure].label} by persona")
    if personas[measure].notna().any():
        parts.show_chart(charts.persona_bars(personas, RANKED[measure]), key="personas")
    parts.performance_table(
        personas,
        "persona",
        (*_columns(measure), measures.INFLUENCERS),
        traits=(),
        alt="Figures of each persona in the selection",
    )


def _columns(measure: RankedMeasure) -> list[Measure]:
    """The ranked measure first, where a phone shows it."""
    return sorted(COLUMNS, key=lambda column: column.column != measure)


show(filters.chosen())
