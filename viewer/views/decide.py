"""Decide: whom to pay more, keep, test or stop, and what that is worth."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple, cast

import pandas as pd
import streamlit as st

from viewer import data, filters, insights, measures, reasons
from viewer.dimensions import DIMENSIONS
from viewer.format import count, money, percent, plain
from viewer.selection import Selection, View
from viewer.views import measured, parts

# What can be decided about: singular, plural, and the page that a row opens with its parameter.
KINDS = {
    "influencer": ("influencer", "influencers", "influencer", "id"),
    "persona": ("persona", "personas", "influencers", "persona"),
    "campaign": ("campaign", "campaigns", "experiments", "campaign"),
}
# Share of verdicts that may be wrong, where false discoveries are controlled.
FALSE_DISCOVERY_RATE = 0.1
MOST_ROWS_IN_SIGHT, TABLE_PIXELS = 12, 460


class Group(NamedTuple):
    """What is decided alike.

    Attributes:
        title: What to do.
        meaning: Whom it is about.
        advice: How to do it.
        icon: Icon of Streamlit.
    """

    title: str
    meaning: str
    advice: str
    icon: str


GROUPS = {
    "raise": Group(
        "Raise",
        "Profitable: the interval of incremental ROAS lies above the break-even.",
        "Raise spend in steps: the next rupee may return less than the average one.",
        ":material/trending_up:",
    ),
    "keep": Group(
        "Keep",
        "More likely profitable than not, but not surely.",
        "Keep spend as it is, up to the break-even spend.",
        ":material/check:",
    ),
    "test": Group(
        "Test",
        "Less likely profitable than not, or not measurable; an experiment would settle it.",
        "Keep some regions free of the next campaign, or lower the fee to the break-even spend."
        " Where nothing is attributed, give an own code or link.",
        ":material/science:",
    ),
    "stop": Group(
        "Stop",
        "Unprofitable: the interval of incremental ROAS lies below the break-even.",
        "Stop, or renegotiate to at most the break-even spend. The surest loss is first.",
        ":material/block:",
    ),
}
COLUMNS = {
    "spend": measures.SPEND,
    **measures.of_mart(
        measures.REPORT, "incremental_profit", "break_even_spend", "break_even_spend_80"
    ),
    "orders": measures.ORDERS,
    **measures.of_mart(
        measures.REPORT,
        *("iroas", "iroas_low", "iroas_high", "prob_profitable"),
        *("incremental_profit_low", "incremental_profit_high", "q_value"),
    ),
}
REASON = {"reason": measures.made_here("reason", "Reason")}


def show(view: View) -> None:
    """Lay out the page."""
    parts.header("Decide", view.selection)
    if parts.shown_empty(view.selection):
        return
    parts.method_note(view)
    parts.short_note(view.selection)
    by, group, is_controlled = _show_controls()
    if data.timing(view.selection).is_off:
        return
    rate = FALSE_DISCOVERY_RATE if is_controlled else None
    decided = data.decisions(view.selection, by, view.method, rate)
    if decided.empty:
        st.info("There is no spend in this selection, so there is nothing to decide.")
        return
    if view.method in measures.METHOD_LABELS:
        st.info(
            "This method has no confidence interval, so there is nothing to decide by. Choose the"
            " default method under More filters.",
            icon=":material/info:",
        )
        return
    totals = data.decision_totals(view.selection, by, decided, view.method)
    _show_headline(by, decided, totals)
    _show_tiles(by, totals)
    _show_false(decided, by, is_controlled)
    if by == "campaign":
        decided = _with_experiments(view, decided)
    for name in GROUPS:
        rows = decided[decided["decision"] == name]
        if len(rows) and group in ("all", name):
            _show_group(view, by, name, rows)


def _with_experiments(view: View, decided: pd.DataFrame) -> pd.DataFrame:
    """Campaigns with what their own experiments say, and which of them disagree."""
    campaigns = data.campaigns(view.selection, view.method)
    st.caption(
        "Decided by calibrated figures, which hold the experiments of all campaigns and are nearer"
        " to the truth than the own experiment alone; that stands beside them."
    )
    measured.show_disagreeing(campaigns)
    return decided.merge(
        campaigns[["campaign_id", *measured.COLUMNS]], on="campaign_id", how="left"
    )


def _show_controls() -> tuple[str, str, bool]:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        by = st.segmented_control(
            "Decide about",
            list(KINDS),
            format_func=lambda kind: KINDS[kind][1].capitalize(),
            default="influencer",
            required=True,
            key="by",
            bind="query-params",
        )
        group = st.segmented_control(
            "Show",
            ["all", *GROUPS],
            format_func=str.capitalize,
            default="all",
            required=True,
            key="decision",
            bind="query-params",
        )
        is_controlled = st.toggle(
            "Control false discoveries",
            key="fdr",
            bind="query-params",
            help="Of many verdicts some are wrong by chance. With this, only those are kept to"
            f" raise or stop of which at most {percent(FALSE_DISCOVERY_RATE)} are expected to be"
            " wrong (Benjamini-Hochberg).",
        )
    return by, group, is_controlled


def _show_headline(by: str, decided: pd.DataFrame, totals: pd.DataFrame) -> None:
    """What following the decisions is worth, or that little can be decided."""
    lines = [_in_words(by, row) for row in _rows(totals) if row["decision"] in ("stop", "raise")]
    of_spend = totals.set_index("decision")["spend"].astype(float)
    undecided = insights.undecided(of_spend, ("keep", "test"))
    st.markdown("\n".join(f"- {line}" for line in (undecided, *lines) if line))


def _in_words(by: str, row: Mapping[str, Any]) -> str:
    who = _members(by, row["members"])
    against = reasons.break_even(row["break_even"], row["break_even_basis"])
    if row["decision"] == "stop":
        saved = (row["incremental_profit"], row["incremental_profit_high"])
        return (
            f"**Stopping {who} would save {money(-saved[0])}** ({parts.level_in_words()} CI"
            f" {money(-saved[1])} to {money(-row['incremental_profit_low'])}) of"
            f" {money(row['spend'])} of spend, at a break-even of {against}."
        )
    return (
        f"**{who.capitalize()} earned {money(row['incremental_profit'])}** more than they cost"
        f" ({parts.level_in_words()} CI"
        f" {parts.interval(row, 'incremental_profit_low', 'incremental_profit_high', money)}) on"
        f" {money(row['spend'])} of spend: raise it."
    )


def _show_tiles(by: str, totals: pd.DataFrame) -> None:
    with st.grid(4, min_column_width=180):
        for row in _rows(totals):
            group = GROUPS[row["decision"]]
            interval = parts.interval(
                row, "incremental_profit_low", "incremental_profit_high", money
            )
            caption = f"on {money(row['spend'])} of spend" + (
                f" · {parts.level_in_words()} CI {interval}" if interval else ""
            )
            parts.tile(
                replace(
                    measures.shown(measures.INCREMENTAL_PROFIT, "", row["break_even_basis"]),
                    own_label=f"{group.title} {_members(by, row['members'])}",
                ),
                row,
                below=partial(st.caption, plain(caption)),
            )
    st.caption(
        "Incremental profit of each group. Decisions are about the average rupee of these dates;"
        " the next one may return less."
    )


def _show_false(decided: pd.DataFrame, by: str, is_controlled: bool) -> None:
    """How many of the verdicts are expected to be wrong."""
    sure = decided[decided["decision"].isin(["raise", "stop"])]
    if sure.empty:
        return
    wrong = float(sure["prob_wrong"].sum())
    text = (
        f"Of {_members(by, len(sure))} to raise or stop, about {wrong:.1f} are expected to be on"
        " the wrong side of the break-even."
    )
    if not is_controlled and len(sure) > 1:
        text += " Control false discoveries above to keep only the surest."
    st.caption(f":material/casino: {text}")


def _show_group(view: View, by: str, name: str, rows: pd.DataFrame) -> None:
    group = GROUPS[name]
    st.subheader(f"{group.title}: {_members(by, len(rows))}")
    st.caption(f"{group.icon} {group.meaning} {group.advice}")
    basis = data.break_even(view.selection).basis
    singular = KINDS[by][0].capitalize()
    own = measured.COLUMNS if by == "campaign" else {}
    columns = {"member": measures.made_here("member", singular)} | {
        column: measures.shown(what, view.method, basis)
        for column, what in (COLUMNS | own | REASON).items()
    }
    described = rows.assign(
        member=rows["label"], reason=[reasons.of_verdict(row) for row in _rows(rows)]
    )
    alt = f"{group.title}: {_members(by, len(rows))} with spend, profit and interval"
    parts.table(
        described.assign(member=_links(view.selection, by, rows)),
        columns,
        alt=alt,
        config={"member": parts.link_column(singular, "Opens its page.")},
        height="content" if len(rows) <= MOST_ROWS_IN_SIGHT else TABLE_PIXELS,
    )
    parts.offer_files(lambda: described, len(rows), columns, alt, f"{name}_{KINDS[by][1]}")


def _links(selection: Selection, by: str, rows: pd.DataFrame) -> list[str]:
    """A link to the page of each member that keeps the other filters; its name follows the #."""
    _, _, page, parameter = KINDS[by]
    kept = filters.link(selection.without(by), data.options())
    shown = data.options().labels[by]
    members = rows[DIMENSIONS[by].column]
    values = members if parameter == "id" else members.map(lambda key: shown.get(key, key))
    return parts.links_to(page, (kept | {parameter: [value]} for value in values), rows["label"])


def _rows(totals: pd.DataFrame) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", totals.to_dict("records"))


def _members(by: str, number: Any) -> str:
    singular, plural, *_ = KINDS[by]
    return f"{count(number)} {singular if number == 1 else plural}"


show(filters.chosen())
