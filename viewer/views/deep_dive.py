"""Deep dive: which influencers and personas do well, and which do not."""

import pandas as pd
import streamlit as st

from viewer import charts, data, filters, measures
from viewer.data import RankedMeasure, Selection
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
    measures.ATTRIBUTED_REVENUE,
    measures.ROAS,
    measures.ORDERS,
    measures.LEGACY_INCREMENTAL_ROAS,
)
INFLUENCER_NAMES = {
    "influencer_name": "Influencer",
    "platform": "Platform",
    "persona": "Persona",
}


def show(selection: Selection) -> None:
    """Lay out the page."""
    parts.header("Deep dive", selection)
    figures = data.totals(selection)
    parts.stop_if_empty(selection, figures)
    measure, most = _choose_ranking()
    parts.spend_notes(selection, figures)
    _show_influencers(selection, int(figures["influencers"]), measure, most)
    _show_personas(selection, RANKED[measure])
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
    best = data.ranking(selection, measure, worst_first=False, most=most)
    ranked = 0 if best.empty else int(best["ranked"][0])
    label = RANKED[measure].label
    if best.empty:
        st.info(f"No influencer has {label} in this selection: none has spend on record.")
        return
    st.subheader(f"Highest {label}")
    _show_influencer_table(best, f"{len(best)} influencers with the highest {label}")
    # Nobody is shown as one of the worst who is already shown as one of the best.
    rest = min(most, ranked - len(best))
    if rest:
        st.subheader(f"Lowest {label}")
        worst = data.ranking(selection, measure, worst_first=True, most=rest)
        _show_influencer_table(worst, f"{len(worst)} influencers with the lowest {label}")
    if ranked < influencers:
        st.caption(f"{influencers - ranked} influencers without spend have no {label}.")
    st.caption(
        "Few orders make a ratio uncertain. No attributed orders does not mean no effect: buyers"
        " may use neither link nor code."
    )


def _show_influencer_table(rows: pd.DataFrame, alt: str) -> None:
    parts.performance_table(rows, INFLUENCER_NAMES, COLUMNS, alt)


def _show_personas(selection: Selection, measure: Measure) -> None:
    personas = data.performance(selection, "persona")
    st.subheader(f"{measure.label} by persona")
    if personas[measure.column].notna().any():
        parts.chart(charts.persona_bars(personas, measure), key="personas")
    parts.performance_table(
        personas,
        {"persona": "Persona"},
        (measures.INFLUENCERS, *COLUMNS),
        "Figures of each persona in the selection",
    )


show(filters.chosen())
