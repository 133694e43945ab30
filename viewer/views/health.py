"""Data health: how fresh the data are, what was not accepted and why, what limits the figures."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st

from viewer import data, filters
from viewer.format import (
    count,
    day,
    is_missing,
    moment,
    money,
    names,
    percent,
    period,
    plain,
)
from viewer.measures import Measure
from viewer.pages import path
from viewer.published import published_identity
from viewer.selection import Selection
from viewer.views import parts

MART = "rpt_data_health"
ALL_TABLES = "All"
MOST_GROUPS = 40
MOST_ROWS = 200
# What is known to end on a day, by raw table.
DATED = {
    "tracking_data": "Orders",
    "posts": "Posts",
    "payouts": "Payouts",
    "geo_panel": "Geo tests",
}
# What to do about a complaint that holds these words; the first that fits.
REMEDIES = {
    "exact copy of an earlier row": "Nothing: it is counted once.",
    "cannot be split into cells": "Save the file again as CSV UTF-8, with quotes around cells that"
    " hold commas.",
    "is not among the accepted": "Add it to that table, or correct it here.",
    "value_synonyms.csv": "Add the spelling to seeds/reference/value_synonyms.csv.",
    "repeats an earlier row": "Keep the right one of the two, or give each a key of its own.",
    "is empty": "Fill in the cell.",
    "is not a date": "Write it as 2025-04-30; dates_day_first tells how 03/04/2025 is read.",
    "is not between 2000 and 2099": "Correct the year.",
    "is not a number": "Write digits only, such as 1234.50.",
    "is not a whole number": "Write digits only, such as 12.",
    "is not an amount": "Write digits only, such as 1234.50.",
    "is negative": "Write it without the sign; what came back or was reversed has a status.",
}
OTHER_REMEDY = "Correct it in the export."
# What to do about an experiment that could not be measured, by how its reason begins.
EXPERIMENT_REMEDIES = {
    "overlaps": "Let campaigns of one brand run one after the other where they share regions.",
    "the campaign is not over": "Build again when it is over.",
    "the test has no dates with data": "Export the orders of its days.",
    "no treated region": "List the regions in which it ran in campaign_regions.",
    "no control region": "Keep some regions free of the next campaign, and list them as control.",
    "fewer than 3 pretest dates": "Export the orders of the weeks before it.",
}
OTHER_EXPERIMENT_REMEDY = "Campaigns & experiments tells what each method lacks."
# What the figures lack without a table that is optional, in the order to show it.
OPTIONAL_TABLES = {
    "posts": "reach and engagement",
    "payouts": "spend, and so every return on it",
    "campaigns": "dates and brands of campaigns",
    "campaign_regions": "experiments, and so incremental revenue",
    "products": "cost of goods and contribution",
    "regions": "population and language of regions",
}


class Line(NamedTuple):
    """Something to know about the data.

    Attributes:
        text: What it is, in Markdown.
        remedy: What to do about it, in Markdown.
        is_good: Whether there is nothing to do.
    """

    text: str
    remedy: str
    is_good: bool = False


def show(selection: Selection) -> None:
    """Lay out the page."""
    st.title("Data health")
    st.caption("What was read, what was not accepted and why, and what limits the figures.")
    tables = data.raw_tables()
    _show_verdict(list(_problems(tables)))
    _show_freshness(tables)
    _show_tables(tables)
    _show_rejected(tables)
    _show_limits(selection)


# --- Verdict -----------------------------------------------------------------------------------


def _show_verdict(problems: list[Line]) -> None:
    if not problems:
        st.success(
            "All good: every row that was read was accepted, and the data are fresh. There is"
            " nothing to do.",
            icon=":material/check_circle:",
        )
        return
    with st.container(border=True, gap="small"):
        st.markdown(
            f"**{count(len(problems))} {'thing' if len(problems) == 1 else 'things'} to do**"
        )
        for problem in problems:
            _show_line(problem, ":material/error:")


def _problems(tables: pd.DataFrame) -> Iterator[Line]:
    yield from _stale()
    for table in tables.to_dict("records"):
        yield from _problems_of_table(table)
    yield from _behind(tables)


def _stale() -> Iterator[Line]:
    last_day, stale_after = data.options().last_day, data.settings().stale_after_days
    age = (date.today() - last_day).days
    if age > stale_after:
        yield Line(
            f"**The data are stale**: they end on {day(last_day)}, {count(age)} days ago.",
            "Put newer exports into the folder and run `make build`. From when on data are stale is"
            f" set by `stale_after_days`, now {count(stale_after)}.",
        )


def _problems_of_table(table: Mapping[Hashable, Any]) -> Iterator[Line]:
    name, read, rejected = plain(table["raw_table"]), table["rows_read"], table["rows_rejected"]
    if rejected:
        amount = table["amount_rejected"]
        worth = f", with {money(amount)} on them," if amount else ""
        yield Line(
            f"**{count(rejected)} of {count(read)} rows of {name}**{worth} were not accepted and"
            " are in no figure.",
            "The reasons are below. Correct the export and run `make build`.",
        )
    elif table["files"] and not read:
        yield Line(
            f"**{name} has no rows.**", "Export it again, or take its file out of the folder."
        )
    unknown = table["unknown_headers"]
    if isinstance(unknown, str) and unknown:
        yield Line(
            f"**Headers of {name} that nothing reads**: {plain(unknown, longest=600)}.",
            "Nothing, if they are not needed. Where one is a column of docs/exports.md by another"
            " name, add the spelling to seeds/reference/column_synonyms.csv.",
        )


def _behind(tables: pd.DataFrame) -> Iterator[Line]:
    """Tables that end long before the orders do."""
    last_days = _last_days(tables)
    newest = last_days.get("tracking_data")
    for name in ("posts", "payouts"):
        if newest is None or name not in last_days:
            continue
        behind = (newest - last_days[name]).days
        if behind > data.settings().stale_after_days:
            yield Line(
                f"**{DATED[name]} end {count(behind)} days before the orders**, on"
                f" {day(last_days[name])}.",
                f"Nothing, if there were none since. Else export {name} up to the same day as"
                " tracking\\_data.",
            )


# --- Freshness and tables ----------------------------------------------------------------------


def _show_freshness(tables: pd.DataFrame) -> None:
    st.subheader("Freshness")
    last_days = _last_days(tables)
    with st.grid(4, min_column_width=170):
        for name, last_day in last_days.items():
            st.metric(
                f"{DATED[name]} until",
                day(last_day),
                border=True,
                delta=_age(last_day),
                delta_color="off",
                delta_arrow="off",
                help=f"Last day of the accepted rows of {plain(name)}.",
            )
        st.metric(
            "Published",
            day(published_identity().published_at.date()),
            border=True,
            delta=_age(published_identity().published_at.date()),
            delta_color="off",
            delta_arrow="off",
            help=moment(published_identity().published_at),
        )


def _last_days(tables: pd.DataFrame) -> dict[str, date]:
    dated = tables.set_index("raw_table")["last_date"].dropna()
    return {name: dated[name].date() for name in DATED if name in dated.index}


def _age(last_day: date) -> str:
    days = (date.today() - last_day).days
    if days == 0:
        return "today"
    unit = "day" if abs(days) == 1 else "days"
    return f"{count(days)} {unit} ago" if days > 0 else f"{count(-days)} {unit} ahead"


def _show_tables(tables: pd.DataFrame) -> None:
    st.subheader("What was read")
    exported = tables[tables["files"] > 0]
    if exported.empty:
        st.info(
            "No table was read. Put exports into the folder and run `make build`.",
            icon=":material/info:",
        )
        return
    amounts = ["amount_read", "amount_accepted", "amount_rejected", "amount_duplicates"]
    has_money = exported["amount_read"].astype(float) != 0
    rows = exported.assign(**{name: exported[name].where(has_money) for name in amounts})
    parts.table(rows, TABLE_COLUMNS, alt=_tables_in_words(exported), pinned=["raw_table"])
    st.caption(
        "Read is accepted, rejected and duplicates together; an exact copy of a row counts once."
    )
    names_read = set(exported["raw_table"])
    missing = [
        f"{plain(name)} ({what})"
        for name, what in OPTIONAL_TABLES.items()
        if name not in names_read
    ]
    if missing and "tracking_data" in names_read:
        st.caption(
            f":material/info: Not among the exports: {', '.join(missing)}. In brackets is what is"
            " not known without them. To add one, see its columns in docs/exports.md."
        )


def _tables_in_words(tables: pd.DataFrame) -> str:
    return "Rows read of each raw table: " + "; ".join(
        f"{name} {count(read)}, of which {count(accepted)} accepted"
        for name, read, accepted in zip(
            tables["raw_table"], tables["rows_read"], tables["rows_accepted"], strict=True
        )
    )


# --- Rejected rows -----------------------------------------------------------------------------


def _show_rejected(tables: pd.DataFrame) -> None:
    st.subheader("What was not accepted")
    left_out = tables[(tables["rows_rejected"] > 0) | (tables["duplicates"] > 0)]
    if left_out.empty:
        st.markdown(":material/check_circle: Every row was accepted. Nothing to do.")
        return
    chosen = st.selectbox(
        "Raw table",
        [ALL_TABLES, *left_out["raw_table"]],
        key="raw_table",
        bind="query-params",
        width=260,
    )
    raw_table = None if chosen == ALL_TABLES else chosen
    groups = data.rejected_groups(raw_table)
    shown = groups.head(MOST_GROUPS)
    _show_groups(shown)
    if len(groups) > len(shown):
        st.caption(f"The {count(len(shown))} most frequent of {count(len(groups))} reasons.")
    total = int(groups["rows"].sum())
    with st.expander(f"The rows themselves ({count(total)})", icon=":material/table_rows:"):
        rows = data.rejected_rows(raw_table, MOST_ROWS)
        parts.table(rows, ROW_COLUMNS, alt=f"{count(len(rows))} rows that were not accepted")
        if total > len(rows):
            st.caption(f"The first {count(len(rows))}; the data explorer has them all.")
    st.page_link(
        path("explorer"),
        label="Explore and download them",
        icon=":material/arrow_forward:",
        query_params={"mart": "fct_rejected_rows"},
    )


def _show_groups(groups: pd.DataFrame) -> None:
    st.table(
        pd.DataFrame(
            {
                "Raw table": [plain(table) for table in groups["raw_table"]],
                "Column": [_text(column, "the whole row") for column in groups["column_name"]],
                "What is wrong": [plain(reason) for reason in groups["reason"]],
                "Rows": [count(rows) for rows in groups["rows"]],
                "Amount": [money(amount) for amount in groups["amount"]],
                "Example": [
                    f"{plain(file)}, record {count(record)}{_text(value, before=': ')}"
                    for file, record, value in zip(
                        groups["file"], groups["record_number"], groups["value"], strict=True
                    )
                ],
                "What to do": [plain(remedy(reason)) for reason in groups["reason"]],
            }
        ),
        hide_index=True,
        alt="What is wrong with rows that were not accepted, by raw table, column and reason",
    )


def remedy(complaint: str) -> str:
    """What to do about a complaint."""
    fitting = (what for words, what in REMEDIES.items() if words in complaint)
    return next(fitting, OTHER_REMEDY)


def _text(cell: object, otherwise: str = "", before: str = "") -> str:
    return before + plain(cell, longest=80) if isinstance(cell, str) and cell else otherwise


# --- What limits the figures -------------------------------------------------------------------


def _show_limits(selection: Selection) -> None:
    st.subheader("What limits the figures")
    st.caption(f"Of this selection: {filters.in_words(selection)}")
    for line in _limits(selection):
        _show_line(line)
    _show_channels(selection)


def _limits(selection: Selection) -> Iterator[Line]:
    yield _immature(selection)
    yield _measured(selection)
    yield from _campaigns(selection)
    yield from _experiments(selection)


def _immature(selection: Selection) -> Line:
    immature = data.immature_days(selection)
    if not immature["days"]:
        return Line("**No day is immature**: what comes back has come back.", "", is_good=True)
    return_window = _return_window_days()
    mature = immature["last_day"] + timedelta(days=return_window)
    return Line(
        f"**{period(immature['first_day'], immature['last_day'])} are immature**: of"
        f" {money(immature['attributed_revenue'])} of attributed revenue some can still come back,"
        f" within {count(return_window)} days of the order.",
        f"Decide on earlier days, or look again after {day(mature)}.",
    )


def _return_window_days() -> int:
    rows = data.settings_in_force()
    return int(rows.set_index("setting")["value"]["return_window_days"])


def _measured(selection: Selection) -> Line:
    figures = data.totals(selection, aggregates=())
    share = figures["spend_measured_share"]
    if is_missing(share):
        return Line(
            "**No spend is here**, so that no return can be measured.",
            "Widen the filters, or add payouts to the exports.",
        )
    text = f"**{percent(share)} of spend is measured**"
    if share >= 1:
        return Line(f"{text}: all of it has attributed revenue to calibrate.", "", is_good=True)
    return Line(
        f"{text}: the rest has no attributed revenue that experiments could calibrate, which is not"
        " the same as no effect. Below a half there is no verdict.",
        "Give every influencer a code or link of their own, so that orders can be attributed.",
    )


def _campaigns(selection: Selection) -> Iterator[Line]:
    known = data.campaign_measurement(selection)
    campaigns = int(known["campaigns"].sum())
    without = int(known["campaigns_without_experiment"].sum())
    spend = float(known["spend_without_experiment"].sum())
    if not campaigns:
        yield Line(
            "**No campaign is here**, so that no experiment stands behind the figures.",
            "Name the campaign of posts, orders and payouts in the exports.",
        )
    elif without:
        which = (
            "The only campaign has"
            if campaigns == 1
            else f"{count(without)} of {count(campaigns)} campaigns have"
        )
        yield Line(
            f"**{which} no experiment**, with {money(spend)} of spend.",
            "Keep some regions free of the next campaign, and list them in campaign\\_regions.",
        )
    else:
        which = (
            "The only campaign has" if campaigns == 1 else f"All {count(campaigns)} campaigns have"
        )
        yield Line(f"**{which} an experiment.**", "", is_good=True)
    yield _bases(known)


def _bases(known: pd.DataFrame) -> Line:
    """How much attributed revenue is calibrated by what."""
    revenue = known.set_index("known_by")["attributed_revenue"].astype(float)
    total = float(revenue.sum())
    if not total:
        return Line(
            "**No attributed revenue is here**, so there is nothing to calibrate.",
            "Widen the filters, or see that orders carry influencers' codes.",
        )
    words = {
        "own experiment": "by the campaign's own experiment",
        "pooled": "by those of other campaigns",
        "none": "by nothing, as there are fewer than three experiments",
        "no factor": "by nothing",
    }
    shares = [
        f"{percent(part / total)} {words[str(name)]}" for name, part in revenue.items() if part
    ]
    own = float(revenue.get("own experiment", 0.0))
    return Line(
        f"**Attributed revenue is calibrated** {'; '.join(shares)}.",
        "" if own == total else "An experiment of its own makes a campaign's figures surer.",
        is_good=own == total,
    )


def _experiments(selection: Selection) -> Iterator[Line]:
    unmeasured, experiments = data.unmeasured_experiments(selection)
    if not experiments:
        yield Line(
            "**There are no experiments here**, so that incremental revenue rests on none of them.",
            "docs/method.md tells how to run one: some regions with the campaign, some without.",
        )
    elif unmeasured.empty:
        which = (
            "The only experiment" if experiments == 1 else f"All {count(experiments)} experiments"
        )
        yield Line(f"**{which} could be measured.**", "", is_good=True)
    else:
        kinds = unmeasured["reason"].fillna("").str.split(":").str[0]
        for kind, group in unmeasured.groupby(kinds, sort=True):
            reason = plain(group["reason"].iloc[0] if len(group) == 1 else str(kind))
            what = names([plain(str(name)) for name in group["experiment_name"]])
            share = f"{count(len(group))} of {count(experiments)}"
            yield Line(
                f"**{share} experiments could not be measured**: {reason} ({what}).",
                EXPERIMENT_REMEDIES.get(str(kind), OTHER_EXPERIMENT_REMEDY),
            )


def _show_channels(selection: Selection) -> None:
    channels = data.orders_by_channel(selection)
    if channels.empty:
        return
    others = channels[channels["channel"] != data.INFLUENCER_CHANNEL]
    share = float(others["share"].sum())
    _show_line(
        Line(
            f"**{percent(share)} of orders have no influencer**, by channel as below. Who buys"
            " without code or link looks like everybody else; only experiments see them.",
            "Offer a code at checkout, and tell who owns it in the influencers' coupon\\_codes.",
            is_good=share == 0,
        )
    )
    parts.table(channels, CHANNEL_COLUMNS, alt="Orders by channel", width=520)
    st.caption("Only dates and brand narrow channels.")


def _show_line(line: Line, icon: str = ":material/info:") -> None:
    with st.container(gap="xxsmall"):
        st.markdown(f"{':material/check_circle:' if line.is_good else icon} {line.text}")
        if line.is_good:
            st.caption("Nothing to do.")
        else:
            st.caption(f"What to do: {line.remedy}")


# --- Columns of tables -------------------------------------------------------------------------


def _day(value: date) -> str:
    return day(value)


def _measure(column: str, label: str, write: Callable[[Any], str] = str) -> tuple[str, Measure]:
    return column, Measure(column, label, write, MART)


TABLE_COLUMNS: dict[str, Measure | str] = dict(
    [
        _measure("raw_table", "Raw table"),
        _measure("rows_read", "Read", count),
        _measure("rows_accepted", "Accepted", count),
        _measure("accepted_share", "Accepted share", percent),
        _measure("rows_rejected", "Rejected", count),
        _measure("duplicates", "Duplicates", count),
        _measure("first_date", "First day", _day),
        _measure("last_date", "Last day", _day),
        _measure("amount_read", "Amount read", money),
        _measure("amount_accepted", "Amount accepted", money),
        _measure("amount_rejected", "Amount rejected", money),
        _measure("amount_duplicates", "Amount in duplicates", money),
        _measure("files", "Files", count),
        _measure("unknown_headers", "Unknown headers"),
    ]
)
ROW_COLUMNS: dict[str, Measure | str] = {
    "raw_table": "Raw table",
    "file": "File",
    "record_number": "Record",
    "column_name": "Column",
    "value": "Value",
    "reason": "Reason",
}
CHANNEL_COLUMNS: dict[str, Measure | str] = {
    "channel": "Channel",
    "orders": Measure("orders", "Orders", count, "fct_revenue_days"),
    "share": Measure("share", "Share", percent, "fct_revenue_days"),
    "revenue": Measure("revenue", "Revenue", money, "fct_revenue_days"),
}


show(filters.chosen().selection)
