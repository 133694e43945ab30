"""Overview: what influencers cost, what is attributed to them, and their incremental effect."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from viewer import data, filters, insights, measures
from viewer.charts import overview as charts
from viewer.format import is_missing, percent, period
from viewer.pages import path
from viewer.selection import View
from viewer.views import measured, parts

# What a click opens: a page and its query, in the state of the session.
OPENED = "opened_from_overview"


def show(view: View) -> None:
    """Lay out the page."""
    if opened := st.session_state.pop(OPENED, None):
        page, query = opened
        st.switch_page(path(page), query_params=query)
    selection = view.selection
    parts.header("Overview", selection)
    if parts.shown_empty(selection):
        return
    bucket = data.time_bucket(selection)
    found = data.figures(
        selection, "influencer", method=view.method, comparison=view.comparison, bucket=bucket
    )
    figures, earlier, buckets = found.total, found.earlier, found.over_time
    measured.show(view)
    parts.performance_tiles(measures.headlines(), view, figures, earlier, buckets)
    parts.method_note(view)
    parts.short_note(selection)
    parts.outside_note(selection)
    for assumed in insights.assumptions(figures):
        st.caption(f":material/info: {assumed}")
    parts.no_spend_note(figures)
    _show_findings(view, found)
    buckets = _of_activity(view, buckets)
    if buckets["baseline"].notna().any():
        whose = selection.of_influencers
        st.subheader("Actual vs baseline revenue")
        note = parts.partial_note(buckets, bucket, "left out")
        st.caption(
            f"All channels. The baseline is the revenue expected without {whose}, with its"
            f" {parts.level_in_words()} confidence interval. Only the date and brand filters apply."
            f" {note}"
        )
        parts.show_chart(
            charts.actual_and_baseline(buckets, bucket, whose),
            "Actual vs baseline revenue",
            "baseline",
            _pick_days,
        )
    st.subheader(f"Spend and revenue by {bucket}")
    if note := parts.partial_note(buckets, bucket):
        st.caption(note)
    parts.show_chart(
        charts.spend_and_revenue(buckets, bucket),
        f"Spend and revenue by {bucket}",
        "over_time",
        _pick_days,
    )
    _show_bridge(figures)
    _show_channels(view)


def _of_activity(view: View, buckets: pd.DataFrame) -> pd.DataFrame:
    """Of some influencers or campaigns, the time from their first to their last spend or order."""
    if not view.selection.narrowed_by("influencer", "campaign"):
        return buckets
    active = np.flatnonzero((buckets["spend"] != 0) | (buckets["orders"] != 0))
    return buckets.iloc[active[0] : active[-1] + 1] if len(active) else buckets


def _show_findings(view: View, figures: data.Figures) -> None:
    found = insights.of(view, figures.total, figures.earlier, figures.by["influencer"])
    if not found:
        return
    st.subheader("Key findings")
    for finding in found:
        words, link = st.columns([4, 1], vertical_alignment="center")
        words.markdown(f"{finding.icon} {finding.text}")
        with link:
            st.page_link(
                path(finding.page),
                label=finding.link,
                icon=":material/arrow_forward:",
                icon_position="right",
                query_params=finding.query,
            )


def _show_bridge(figures: Mapping[str, Any]) -> None:
    """Why incremental revenue is not what is attributed; only calibrated figures tell it."""
    if is_missing(figures["anyway_revenue"]) or is_missing(figures["incremental_revenue"]):
        return
    own = figures["own_experiment_share"]
    source = (
        ""
        if is_missing(own)
        else f" {percent(own)} of attributed revenue is of campaigns with an experiment of their"
        " own; the experiments of others calibrate the rest, but for work outside campaigns, which"
        " is an assumption."
    )
    st.subheader("From attributed to incremental revenue")
    st.caption(
        "Experiments show that some attributed buyers would have come anyway, and that others came"
        " without a code or link. Within a campaign the two offset each other, so each step is at"
        f" least so much.{source}"
    )
    parts.show_chart(charts.bridge(figures), "From attributed to incremental revenue", "bridge")


def _show_channels(view: View) -> None:
    channels = data.revenue_by_channel(view.selection)
    if len(channels) < 2:
        return
    st.subheader("Revenue of all channels")
    on_own_days = "" if view.selection.days_after is None else " by the day of the order"
    st.caption(
        f"{period(view.selection.first_day, view.selection.last_day)}{on_own_days}. Only the date"
        " and brand filters apply: other channels have no platform, persona or campaign."
    )
    parts.show_chart(
        charts.channel_shares(channels), "Revenue of all channels", "channels", _pick_channel
    )


def _pick_days(picked: Sequence[Sequence[str]]) -> None:
    """Filter by the days that were picked; a day that is the filter already opens the ranking."""
    selection = filters.chosen().selection
    days = parts.picked_days(picked)
    if days == (selection.first_day, selection.last_day):
        st.session_state[OPENED] = "influencers", {}
    else:
        filters.choose_dates(days)


def _pick_channel(picked: Sequence[Sequence[str]]) -> None:
    """Open the ranking for the influencer channel, or the rows of another channel."""
    channel = picked[0][0]
    rows = {"mart": "fct_revenue_days", "c1": "channel", "o1": "=", "v1": channel}
    is_influencers = channel == data.INFLUENCER_CHANNEL
    st.session_state[OPENED] = ("influencers", {}) if is_influencers else ("explorer", rows)


show(filters.chosen())
