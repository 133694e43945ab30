"""A campaign's own experiment beside its calibrated figure, and how the one becomes the other."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from viewer import data
from viewer.format import is_missing, money, names, number, plain
from viewer.measures import Measure
from viewer.pages import path
from viewer.selection import View
from viewer.views import parts


def show(view: View) -> None:
    """If the selection is one campaign that was measured, show that first, and the difference."""
    campaigns = view.selection.members("campaign")
    if len(campaigns) != 1:
        return
    rows = data.campaigns(view.selection, view.method)
    rows = rows[rows["measured_revenue"].notna()]
    if rows.empty:
        return
    row = {str(name): value for name, value in rows.iloc[0].to_dict().items()}
    with st.container(border=True):
        st.markdown(plain(_measured(row), longest=600).replace(MEASURED, f"**{MEASURED}**"))
        st.caption(plain(bridge(row), longest=900))
        st.page_link(
            path("experiments"),
            label="See the experiment",
            icon=":material/arrow_forward:",
            icon_position="right",
            query_params={"experiment": row["experiment_id"]},
        )


MEASURED = "Measured by its own experiment"
# What the own experiments of campaigns say, by column of `data.campaigns`.
COLUMNS = {
    "experiment_verdict": Measure("verdict", "fct_incremental_roas", "Own experiment"),
    "measured_revenue": Measure("incremental_revenue", "fct_incremental_roas"),
    "measured_iroas": Measure("iroas", "fct_incremental_roas"),
}
MOST_NAMED = 4


def bridge(row: Mapping[str, Any]) -> str:
    """How a campaign's experiment enters its calibrated figure, in plain text.

    Args:
        row: Of `data.campaigns`.
    """
    if is_missing(row["factor"]) or is_missing(row["incremental_revenue"]):
        return "Nothing is attributed to it, so that other pages have no figure of it."
    own = row["experiment_factor"]
    shrunk = (
        f"the factor of its own experiment, {_rounded(own)} ± {_rounded(row['experiment_se'])}, is"
        " pulled towards those of other campaigns, the more the less certain it is, and to it comes"
        f" what is bought or missing after the cooldown: {_rounded(row['factor'])}"
        if not is_missing(own)
        else f"its factor, {_rounded(row['factor'])}, is that of other campaigns"
    )
    amount, counted = f"{money(row['attributed_revenue'])} attributed", "what is attributed"
    if row["factor_of"] == "media value":
        value = row["incremental_revenue"] / row["factor"] if row["factor"] else 0.0
        amount, counted = f"{money(value)} of media value", "posts"
    return (
        f"Elsewhere its figure is calibrated: {amount} × factor ="
        f" {money(row['incremental_revenue'])} ({parts.level_in_words()} CI"
        f" {money(row['incremental_revenue_low'])} to {money(row['incremental_revenue_high'])});"
        f" {shrunk}. The experiment counts all revenue of its regions in test and cooldown, the"
        f" calibrated figure {counted} in the selected dates."
        + (f" {DISAGREE}" if row["disagrees"] else "")
    )


DISAGREE = "The two disagree beyond their intervals: look at the diagnostics of the experiment."


def show_disagreeing(rows: pd.DataFrame) -> None:
    """Name the campaigns whose two figures disagree, of rows of `data.campaigns`."""
    if apart := rows.loc[rows["disagrees"], "campaign_name"].tolist():
        st.caption(
            ":material/warning: Measured and calibrated incremental revenue of"
            f" {plain(names(apart, MOST_NAMED), longest=400)} disagree beyond their intervals."
        )


def _measured(row: Mapping[str, Any]) -> str:
    interval = parts.interval(row, "measured_revenue_low", "measured_revenue_high", money)
    words = f"{MEASURED}: {money(row['measured_revenue'])} of incremental revenue"
    if interval:
        words += f" ({parts.level_in_words()} CI {interval})"
    return f"{words}; {row['experiment_verdict']}."


def _rounded(value: float) -> str:
    return number(round(value, 2))
