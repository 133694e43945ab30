"""Payouts: what influencers earned, what is paid, due and overdue, and what does not add up."""

import math
from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from viewer import data, filters, measures
from viewer.charts import payouts as charts
from viewer.format import count, day, money, period, plain
from viewer.selection import Selection
from viewer.views import parts, payees, to_pay

MART, CHECKS_MART = "fct_payout_lines", "rpt_payout_checks"


def show(selection: Selection) -> None:
    """Lay out the page."""
    parts.header("Payouts", selection)
    # Once for all that is read here.
    by_campaign = data.payout_selection(selection)
    kept = filters.link(selection, data.options())
    totals = data.payout_totals(by_campaign)
    ever = to_pay.regardless_of_dates(by_campaign)
    if totals["lines"] or data.payout_totals(ever)["lines"]:
        to_pay.show(by_campaign, kept)
    if _shown_empty(selection, totals):
        return
    st.subheader("Earned in these dates")
    _show_tiles(totals)
    _show_notes(selection, totals)
    _show_checks(by_campaign, kept)
    _show_months(by_campaign)
    _show_ledger(by_campaign, totals, kept)
    _show_influencers(by_campaign, kept)


# --- Tiles and notes ---------------------------------------------------------------------------


def _show_tiles(totals: Mapping[str, Any]) -> None:
    tiles = {
        measures.EARNED: "reversals net to zero",
        measures.PAID: "",
        measures.OVER_BOOKED: "above rate × units",
        measures.UNDER_BOOKED: "below rate × units",
    }
    with st.grid(4, min_column_width=150):
        for measure, more in tiles.items():
            caption = _lines(totals[f"{measure.column}_lines"], more)
            parts.tile(measure, totals, below=partial(st.caption, caption))


def _lines(number: int, more: str = "") -> str:
    text = f"{count(number)} {'line' if number == 1 else 'lines'}"
    return f"{text}, {more}" if more else text


def _show_notes(selection: Selection, totals: Mapping[str, Any]) -> None:
    last_day = data.options().last_day
    notes = [
        f"Due and overdue are as of {day(last_day)}, the last day of the data. Earned is the"
        " total of paid, due, overdue and no due date.",
        f"Expected amounts, rate × units, are known for {count(totals['expected_lines'])} of"
        f" {count(totals['earned_lines'])} lines.",
    ]
    if totals["overdue_lines"]:
        oldest = totals["oldest_due_date"]
        notes.append(
            f"The oldest overdue line was due on {day(oldest)},"
            f" {count((last_day - oldest).days)} days before that."
        )
    if totals["no_due_date_lines"]:
        notes.append(
            f"{money(totals['no_due_date'])} on {_lines(totals['no_due_date_lines'])} is unpaid and"
            " has no due date. Add one so that it is not missed."
        )
    if totals["undated_lines"]:
        notes.append(
            f"{money(totals['undated'])} on {_lines(totals['undated_lines'])} has no earned"
            " date: it is included for any dates, but in no month."
        )
    if selection.members("brand"):
        notes.append("Payouts have a campaign but no brand: the brand is that of the campaign.")
    if selection.narrowed_by("campaign", "order"):
        chosen = (*selection.members("brand"), *selection.members("campaign"))
        outside = data.payout_totals(selection.having(brand=(), campaign=(data.NONE_MEMBER,)))
        if outside["lines"] and data.NONE_MEMBER not in chosen:
            notes.append(
                f"{money(outside['earned'])} on {_lines(outside['lines'])} has no campaign and is"
                " outside the filter."
            )
    with st.container(gap="xxsmall"):
        for note in notes:
            st.caption(f":material/info: {note}")


def _show_checks(selection: Selection, kept: filters.Query) -> None:
    """Lines that somebody should look at, and what to do about them."""
    rows = data.payout_checks(selection)
    st.subheader("To check")
    if rows.empty:
        st.caption(
            ":material/check_circle: No line is paid twice, off its rate, without a post, of"
            " refunded revenue, or reversed but paid."
        )
        return
    for reason, lines in rows.groupby("reason", sort=False):
        amount = money(lines["amount_at_stake"].sum())
        st.markdown(
            f"**{amount} on {_lines(len(lines))}**: {plain(str(reason))}"
            f" {plain(lines['remedy'].iloc[0])}"
        )
    payees.table(
        rows.assign(
            campaign_name=rows["campaign_name"].fillna(rows["campaign_id"]),
            **{name: rows[name].dt.date for name in ("event_date", "paid_date")},
        ),
        CHECKS,
        kept,
        alt=f"Payout lines to check: {_lines(len(rows))}, most money at stake first",
        file="payouts_to_check",
    )


def _shown_empty(selection: Selection, totals: Mapping[str, Any]) -> bool:
    """Where there is nothing to show, say why and what to do; True if that is so."""
    if totals["lines"]:
        return False
    whole = data.options().whole
    if data.payout_totals(Selection(*whole))["lines"]:
        dates = ["dates"] if selection.period != whole else []
        in_force = [*dates, *selection.narrowed_by()]
        st.info(
            "No payout matches this selection. Clear"
            f" {' or '.join(map(filters.label, in_force))} to see payouts. The data cover"
            f" {period(*whole)}.",
            icon=":material/filter_alt_off:",
        )
        filters.show_clear_buttons(in_force)
    else:
        st.info(
            "The exports contain no payouts. Add the table payouts (its columns are in"
            " docs/exports.md) and run `make build`.",
            icon=":material/payments:",
        )
    return True


def _show_months(selection: Selection) -> None:
    months = data.payout_months(selection)
    panels = (
        (
            "Earned by month", "earned", charts.EARNED, "what was earned by month",
            parts.pick_days, "No payout here has an earned date.",
        ),
        (
            "Unpaid, by month due", "falls_due", charts.UNPAID,
            "unpaid payouts by the month they fall due",
            None, "Nothing is due: all payouts with a due date are paid or reversed.",
        ),
    )  # fmt: skip
    with st.grid(2, min_column_width=340):
        for title, key, columns, what, on_pick, nothing in panels:
            shown = _without_empty_ends(months, columns)
            with st.container():
                st.subheader(title)
                if shown.empty:
                    st.caption(nothing)
                else:
                    chart = charts.by_month(shown, columns, what)
                    parts.show_chart(chart, title, key, on_pick)


def _without_empty_ends(months: pd.DataFrame, columns: Mapping[str, Any]) -> pd.DataFrame:
    """The months from the first to the last with any amount."""
    filled = months.index[months[list(columns)].ne(0).any(axis=1)]
    return months.loc[filled.min() : filled.max()] if len(filled) else months.head(0)


# --- Ledger ------------------------------------------------------------------------------------


def _show_ledger(selection: Selection, totals: Mapping[str, Any], kept: filters.Query) -> None:
    st.subheader("Ledger")
    status, order = _show_choice()
    name = status.replace(" ", "_") if status else "earned"
    lines = totals[f"{name}_lines"] if status else totals["lines"]
    if not lines:
        st.info(
            f"No line is {status} in this selection. Choose another status, or clear it to see"
            " all.",
            icon=":material/filter_alt_off:",
        )
        return
    pages = math.ceil(lines / parts.MOST_ROWS)
    ledger = st.container()
    first = (_show_pages(pages) - 1) * parts.MOST_ROWS
    rows = _ledger(selection, status, order, parts.MOST_ROWS, first)
    shown = (
        f"Lines {count(first + 1)} to {count(first + len(rows))} of {count(lines)}"
        if pages > 1
        else _lines(lines)
    )
    cut = " Sort by sorts all lines, a header those of its page." if pages > 1 else ""
    with ledger:
        st.caption(f"{shown}, {payees.in_paisa(totals[name])} in total.{cut}")
        payees.table(
            rows,
            LEDGER,
            kept,
            alt=f"Ledger of payouts: {shown}",
            file=f"payouts_{name}" if status else "payouts",
            whole=partial(_ledger, selection, status, order),
            how_many=lines,
        )


def _ledger(selection: Selection, status: str | None, order: str, *page: int) -> pd.DataFrame:
    """Lines as they are shown: those of a page, or all of them."""
    rows = data.payout_ledger(selection, status, order, *page)
    return rows.assign(
        campaign_name=rows["campaign_name"].fillna(rows["campaign_id"]),
        payment_status=rows["payment_status"].str.capitalize(),
        **{name: rows[name].dt.date for name in ("event_date", "due_date", "paid_date")},
    )


def _show_choice() -> tuple[str | None, str]:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        status = st.pills(
            "Status",
            list(data.PAYOUT_STATUSES),
            format_func=str.capitalize,
            key="status",
            bind="query-params",
            on_change=_to_first_page,
            wrap=True,
            help=f"As of {day(data.options().last_day)}. Unpaid is the total of overdue, due and"
            " no due date.",
        )
        order = st.selectbox(
            "Sort by",
            list(data.PAYOUT_ORDERS),
            key="ledger_order",
            bind="query-params",
            on_change=_to_first_page,
            width=200,
            help="Due date lists unpaid lines by due date, earliest first, then paid lines,"
            " latest first.",
        )
    return status, str(order)


def _show_pages(pages: int) -> int:
    if pages == 1:
        return 1
    if st.session_state.get("ledger_page", 1) > pages:
        _to_first_page()
    return st.pagination(pages, key="ledger_page", bind="query-params")


def _to_first_page() -> None:
    if "ledger_page" in st.session_state:
        st.session_state["ledger_page"] = 1


# --- Influencers -------------------------------------------------------------------------------


def _show_influencers(selection: Selection, kept: filters.Query) -> None:
    rows = data.payout_influencers(selection)
    if rows.empty:
        return
    st.subheader("Expected vs booked, by influencer")
    st.caption(
        "Largest difference first. Expected, booked, difference and lines include the lines whose"
        " rate and units are known; reversed lines are excluded."
    )
    alt = f"Payouts by influencer: {count(len(rows))} influencers, largest difference first"
    payees.table(rows, INFLUENCERS, kept, alt, file="payouts_by_influencer")


# --- Tables ------------------------------------------------------------------------------------


LEDGER = {
    "influencer": payees.LINK,
    **measures.of_mart(
        MART,
        *("payment_status", "days_overdue", "due_date", "amount", "expected_amount", "difference"),
    ),
    **measures.of_mart("dim_campaigns", "campaign_name"),
    **measures.of_mart(
        MART, "event_date", "paid_date", "basis", "rate", "unit", "units", "payout_line_id"
    ),
}
CHECKS = {
    "influencer": payees.LINK,
    **measures.of_mart(
        CHECKS_MART, *("reason", "amount_at_stake", "amount", "expected_amount", "event_date")
    ),
    **measures.of_mart("dim_campaigns", "campaign_name"),
    **measures.of_mart(
        CHECKS_MART, "paid_date", "basis", "payout_line_id", "earlier_payout_line_id"
    ),
}
INFLUENCERS = {
    "influencer": payees.LINK,
    **measures.of_mart(
        measures.PAYOUTS,
        *("expected", "booked", "difference", "expected_lines", "earned", "paid", "unpaid"),
        *("overdue", "lines"),
    ),
}


show(filters.chosen().selection)
