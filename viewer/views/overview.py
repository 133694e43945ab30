"""Overview: what influencers cost and what is attributed to them."""

import streamlit as st

from viewer import charts, data, filters, measures
from viewer.data import Selection
from viewer.format import period
from viewer.views import parts

TILES = (
    measures.SPEND,
    measures.ATTRIBUTED_REVENUE,
    measures.ROAS,
    measures.LEGACY_INCREMENTAL_ROAS,
    measures.ORDERS,
    measures.COST_PER_ORDER,
)


def show(selection: Selection) -> None:
    """Lay out the page."""
    parts.header("Overview", selection)
    figures = data.totals(selection)
    if parts.shown_empty(selection, figures):
        return
    parts.tiles(TILES, figures)
    parts.legacy_note(figures)
    parts.outside_note(selection)
    parts.no_spend_note(figures)
    _show_over_time(selection)
    _show_channels(selection)


def _show_over_time(selection: Selection) -> None:
    bucket = data.time_bucket(selection)
    st.subheader("Attributed revenue and spend over time")
    parts.show_chart(charts.revenue_and_spend(data.over_time(selection), bucket), key="over_time")
    if bucket != "day":
        st.caption(f"The first and the last {bucket} may be cut by the dates.")


def _show_channels(selection: Selection) -> None:
    channels = data.revenue_by_channel(selection)
    if len(channels) < 2:
        return
    st.subheader("Revenue of all channels")
    st.caption(
        f"{period(selection.first_day, selection.last_day)}. Only dates and brand apply here:"
        " other channels have no platform, persona or campaign."
    )
    parts.show_chart(charts.channel_shares(channels), key="channels")


show(filters.chosen())
