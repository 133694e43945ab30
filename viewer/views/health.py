"""Data health: how fresh the data are, what was not accepted and why, what limits the figures."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st

from viewer import data, filters, measures, reasons
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
from viewer.pages import path
from viewer.selection import Selection
from viewer.views import parts

MART = "rpt_data_health"
ALL = "All"
MOST_GROUPS = 40
NO_FILTERS = "None: all exports"
# Longer tables scroll.
MOST_ROWS_IN_FULL, TABLE_HEIGHT = 12, 460
# Raw tables with dates, by label.
DATED = {
    "tracking_data": "Orders",
    "posts": "Posts",
    "payouts": "Payouts",
    "geo_panel": "Geo tests",
}
# Row statuses by section of the page.
NOT_ACCEPTED = ("rejected", "unreadable")
COUNTED_ELSEWHERE = ("superseded", "duplicate")
NOTED = ("accepted",)
FIELDS = {
    "brand": "Brands",
    "campaign": "Campaigns",
    "coupon_code": "Coupon codes",
    "currency": "Currencies",
    "influencer": "Influencers",
    "product": "Products",
    "region": "Regions",
    "source": "Sources",
    "status": "Statuses",
}
# What is missing without an optional table, in the order to show it.
OPTIONAL_TABLES = {
    "posts": "reach and engagement",
    "payouts": "spend and all returns on it",
    "campaigns": "dates and brands of campaigns",
    "campaign_regions": "experiments and incremental revenue",
    "products": "cost of goods and contribution",
    "regions": "population and language of regions",
}


class Line(NamedTuple):
    """An issue or a limitation of the data.

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
    st.caption("What was read, what was rejected and why, and the limitations of the figures.")
    tables, not_found = data.raw_tables(), data.not_found()
    _show_verdict(list(_problems(tables, not_found)))
    _show_freshness(tables)
    _show_tables(tables)
    _show_files(tables)
    _show_rejected(tables)
    _show_not_found(not_found)
    _show_limits(selection)


# --- Verdict -----------------------------------------------------------------------------------


def _show_verdict(problems: list[Line]) -> None:
    if not problems:
        st.success(
            "All good: every row was accepted, and the data are up to date. Nothing to do.",
            icon=":material/check_circle:",
        )
        return
    with st.container(border=True, gap="small"):
        st.markdown(
            f"**{count(len(problems))} {'issue' if len(problems) == 1 else 'issues'} to resolve**"
        )
        for problem in problems:
            _show_line(problem, ":material/error:")


def _problems(tables: pd.DataFrame, not_found: pd.DataFrame) -> Iterator[Line]:
    yield from _stale()
    for table in tables.to_dict("records"):
        yield from _problems_of_table(table)
    yield from _files_left_out()
    yield from _values_not_found(not_found)
    yield from _behind(tables)
    yield from _money_to_look_at()


def _stale() -> Iterator[Line]:
    last_day, stale_after = data.options().last_day, data.settings().stale_after_days
    age = (date.today() - last_day).days
    if age > stale_after:
        yield Line(
            f"**The data are stale**: they end on {day(last_day)}, {count(age)} days ago.",
            "Put newer exports into the folder and run `make build`. The setting"
            f" `stale_after_days` is {count(stale_after)}.",
        )


def _problems_of_table(table: Mapping[Hashable, Any]) -> Iterator[Line]:
    name, read = plain(table["raw_table"]), table["rows_read"]
    rejected = table["rows_rejected"] + table["rows_unreadable"]
    if rejected:
        amount = table["amount_rejected"]
        worth = f", worth {money(amount)}," if amount else ""
        yield Line(
            f"**{count(rejected)} of {count(read)} rows of {name}**{worth} were rejected and"
            " are excluded from all figures.",
            "See the reasons below, correct the export and run `make build`.",
        )
    elif table["files"] and not read:
        yield Line(
            f"**{name} has no rows.**", "Export it again, or remove its file from the folder."
        )
    unknown = table["unknown_headers"]
    if isinstance(unknown, str) and unknown:
        yield Line(
            f"**Headers of {name} that are not used**: {plain(unknown, longest=600)}.",
            "Nothing to do if they are not needed. If one is a column of docs/exports.md under"
            " another name, add the spelling to seeds/reference/column_synonyms.csv.",
        )


def _files_left_out() -> Iterator[Line]:
    notes = data.file_notes()
    files = _files_of(notes[notes["raw_table"] == data.NONE_MEMBER])
    if files:
        which = "1 file was" if files == 1 else f"{count(files)} files were"
        yield Line(
            f"**{which} not read.**",
            "See Files for the reason and remedy of each. Nothing to do if they are not exports.",
        )


def _values_not_found(not_found: pd.DataFrame) -> Iterator[Line]:
    if not_found.empty:
        return
    amount = float(not_found["amount"].astype(float).sum())
    which = "1 value is" if len(not_found) == 1 else f"{count(len(not_found))} values are"
    worth = f", in rows worth {money(amount)}" if amount else ""
    yield Line(
        f"**{which} not found**{worth}.",
        "See Not found. Add a code of the shop itself to `value_synonyms.csv`, as"
        " `coupon_code,shop,CODE`.",
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
                f"Nothing to do if there were none since. Otherwise export {name} up to the same"
                " day as tracking\\_data.",
            )


def _money_to_look_at() -> Iterator[Line]:
    """Spend that filters cannot reach, and payout lines that may be wrong."""
    if unknown := data.spend_of_unknown():
        yield Line(
            f"**{money(unknown)} of spend has no known brand or campaign**, and is outside of these"
            " filters.",
            "Name the campaign of these payouts, or of the posts that they pay for.",
        )
    whole = Selection(*data.options().whole)
    checks = data.payout_checks(whole)
    if len(checks):
        which = "1 payout line" if len(checks) == 1 else f"{count(len(checks))} payout lines"
        at_stake = money(float(checks["amount_at_stake"].sum()))
        yield Line(
            f"**{which} to check**, {at_stake} at stake.",
            "See To check on the page Payouts, with a reason and remedy of each.",
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
        published = data.settings().published_at
        st.metric(
            "Published",
            day(published.date()),
            border=True,
            delta=_age(published.date()),
            delta_color="off",
            delta_arrow="off",
            help=moment(published),
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
    has_money = exported["amount_read"].astype(float) != 0
    rows = exported.assign(**{name: exported[name].where(has_money) for name in AMOUNTS})
    # Columns that are empty for all tables are hidden.
    shown = {
        name: what
        for name, what in TABLE_COLUMNS.items()
        if name not in RARE_COLUMNS or exported[name].astype(float).any()
    }
    parts.table(
        rows,
        shown,
        alt=_tables_in_words(exported),
        pinned=["raw_table"],
        file="rows_read",
        applied=NO_FILTERS,
    )
    st.caption(
        "Each record is accepted, rejected, superseded by a newer file, a duplicate (counted once),"
        " or cannot be split into cells."
    )
    names_read = set(exported["raw_table"])
    missing = [
        f"{plain(name)} ({what})"
        for name, what in OPTIONAL_TABLES.items()
        if name not in names_read
    ]
    if missing and "tracking_data" in names_read:
        st.caption(
            f":material/info: Not in the exports: {', '.join(missing)}. In brackets: what is"
            " missing without them. For their columns see docs/exports.md."
        )


def _tables_in_words(tables: pd.DataFrame) -> str:
    return "Rows read of each raw table: " + "; ".join(
        f"{name} {count(read)}, of which {count(accepted)} accepted"
        for name, read, accepted in zip(
            tables["raw_table"], tables["rows_read"], tables["rows_accepted"], strict=True
        )
    )


# --- Files -------------------------------------------------------------------------------------


def _show_files(tables: pd.DataFrame) -> None:
    """Files that were not read, and assumptions and repairs in the others."""
    st.subheader("Files")
    notes = data.file_notes()
    if notes.empty:
        st.markdown(":material/check_circle: Every file was read without assumptions or repairs.")
        return
    not_read = notes["raw_table"] == data.NONE_MEMBER
    if not_read.any():
        st.markdown(f"**Not read ({count(_files_of(notes[not_read]))})**")
        _show_notes(notes[not_read])
    for name in tables["raw_table"]:
        own = notes[notes["raw_table"] == name]
        if len(own):
            label = f"Notes on {plain(name)} ({count(len(own))})"
            with st.expander(label, icon=":material/notes:"):
                _show_notes(own)


def _files_of(notes: pd.DataFrame) -> int:
    return int(notes["file"].nunique())


def _show_notes(notes: pd.DataFrame) -> None:
    lines = [
        f"- {plain(f'{file}: {note}', longest=600)}"
        for file, note in zip(notes["file"], notes["note"], strict=True)
    ]
    st.markdown("\n".join(lines))


# --- Rejected rows -----------------------------------------------------------------------------


def _show_rejected(tables: pd.DataFrame) -> None:
    st.subheader("Rejected rows")
    counted = ["rows_rejected", "rows_unreadable", "rows_superseded", "duplicates", "rows_noted"]
    with_some = tables[(tables[counted] > 0).any(axis="columns")]
    if with_some.empty:
        st.markdown(":material/check_circle: Every row was accepted. Nothing to do.")
        return
    chosen = st.selectbox(
        "Raw table",
        [ALL, *with_some["raw_table"]],
        key="raw_table",
        bind="query-params",
        width=260,
    )
    raw_table = None if chosen == ALL else chosen
    if not _show_rows(NOT_ACCEPTED, raw_table, "reject"):
        st.markdown(":material/check_circle: No row was rejected. Nothing to do.")
    if data.has_reject_rows(NOTED, raw_table):
        st.markdown("**Accepted with a warning**")
        st.caption("The rows count, but the value of one cell is ignored.")
        _show_rows(NOTED, raw_table, "note")
    if data.has_reject_rows(COUNTED_ELSEWHERE, raw_table):
        st.markdown("**Superseded and duplicate**")
        st.caption("Another row counts instead.")
        _show_rows(COUNTED_ELSEWHERE, raw_table, "superseded")
    st.page_link(
        path("explorer"),
        label="Explore and download these rows",
        icon=":material/arrow_forward:",
        query_params={"mart": "fct_rejected_rows"},
    )


def _show_rows(statuses: Sequence[str], raw_table: str | None, what: str) -> bool:
    """Rows of these statuses, by what is wrong, and the first of them; False if there are none."""
    groups = data.reject_groups(statuses, raw_table)
    if groups.empty:
        return False
    shown = groups.head(MOST_GROUPS)
    _show_groups(shown, what)
    if len(groups) > len(shown):
        st.caption(f"The {count(len(shown))} most frequent of {count(len(groups))} reasons.")
    total = int(groups["rows"].sum())
    label = f"Rows ({count(total)})"
    with st.expander(label, icon=":material/table_rows:", key=f"rows_{what}"):
        rows = data.reject_rows(statuses, raw_table, parts.MOST_ROWS)
        alt = f"{count(len(rows))} rows: {what}"
        parts.table(rows, ROW_COLUMNS, alt=alt, key=f"table_{what}")
        if total > len(rows):
            st.caption(
                f"The first {count(len(rows))} of {count(total)}, which a click on a header sorts;"
                " files have all of them."
            )
        every = partial(data.reject_rows, statuses, raw_table)
        parts.offer_files(every, total, ROW_COLUMNS, alt, f"rows_{what}", NO_FILTERS)
    return True


def _show_groups(groups: pd.DataFrame, what: str) -> None:
    st.table(
        pd.DataFrame(
            {
                "Raw table": [plain(table) for table in groups["raw_table"]],
                "Column": [_text(column, "the whole row") for column in groups["column_name"]],
                "Reason": [plain(sentence) for sentence in groups["sentence"]],
                "Rows": [count(rows) for rows in groups["rows"]],
                "Amount": [money(amount) for amount in groups["amount"]],
                "Example": [
                    f"{plain(file)}, record {count(record)}: {_text(reason)}"
                    for file, record, reason in zip(
                        groups["file"], groups["record_number"], groups["reason"], strict=True
                    )
                ],
                "Remedy": [plain(remedy) for remedy in groups["remedy"]],
            }
        ),
        hide_index=True,
        alt=f"Rows by raw table, column and reason: {what}",
    )


def _text(cell: object, otherwise: str = "") -> str:
    return plain(cell, longest=120) if isinstance(cell, str) and cell else otherwise


# --- Not found ---------------------------------------------------------------------------------


def _show_not_found(everything: pd.DataFrame) -> None:
    st.subheader("Not found")
    if everything.empty:
        st.markdown(":material/check_circle: Every value in the exports was found. Nothing to do.")
        return
    st.caption(
        "Values in the exports that are missing from their reference table. The nearest known value"
        " is a suggestion and is never applied."
    )
    fields = list(dict.fromkeys(sorted(everything["field"])))
    chosen = st.selectbox(
        "Type of value",
        [ALL, *fields],
        format_func=lambda field: FIELDS.get(field, field),
        key="not_found",
        bind="query-params",
        width=260,
    )
    rows = everything if chosen == ALL else everything[everything["field"] == chosen]
    rows = rows.reset_index(drop=True)
    parts.table(
        rows,
        NOT_FOUND_COLUMNS,
        alt=f"{count(len(rows))} values not found, with rows and amount",
        pinned=["value"],
        file="not_found",
        applied=NO_FILTERS,
        key="not_found_values",
        **({"height": TABLE_HEIGHT} if len(rows) > MOST_ROWS_IN_FULL else {}),
    )


# --- Limitations -------------------------------------------------------------------------------


def _show_limits(selection: Selection) -> None:
    st.subheader("Limitations of the figures")
    st.caption(f"For this selection: {filters.in_words(selection)}")
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
        return Line(
            "**No immature days**: the return window is over for all orders.", "", is_good=True
        )
    return_window = _return_window_days()
    mature = immature["last_day"] + timedelta(days=return_window)
    return Line(
        f"**{period(immature['first_day'], immature['last_day'])} are immature**: part of"
        f" {money(immature['attributed_revenue'])} of attributed revenue can still be returned,"
        f" within {count(return_window)} days of the order.",
        f"Use earlier dates for decisions, or check again after {day(mature)}.",
    )


def _return_window_days() -> int:
    rows = data.settings_in_force()
    return int(rows.set_index("setting")["value"]["return_window_days"])


def _measured(selection: Selection) -> Line:
    figures = data.totals(selection)
    share = figures["spend_measured_share"]
    if is_missing(share):
        return Line(
            "**No spend in this selection**, so no return can be measured.",
            "Widen the filters, or add payouts to the exports.",
        )
    text = f"**{percent(share)} of spend is measurable**"
    if share >= 1:
        return Line(f"{text}: all of it has attributed revenue to calibrate.", "", is_good=True)
    return Line(
        f"{text}: the rest has no attributed revenue to calibrate, which is not evidence of no"
        " effect. Below 50 % there is no verdict.",
        "Give every influencer their own code or link so that orders can be attributed.",
    )


def _campaigns(selection: Selection) -> Iterator[Line]:
    known = data.campaign_measurement(selection)
    campaigns = int(known["campaigns"].sum())
    without = int(known["campaigns_without_experiment"].sum())
    spend = float(known["spend_without_experiment"].sum())
    if not campaigns:
        yield Line(
            "**No campaigns in this selection**, so no experiment supports the figures.",
            "Export the campaign of posts, orders and payouts.",
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
    by_media_value = int(known["campaigns_by_media_value"].sum())
    if by_media_value:
        yield _media_value(by_media_value, campaigns, float(known["spend_by_media_value"].sum()))
    if float(known["attributed_revenue"].astype(float).sum()) or not by_media_value:
        yield _bases(known)


def _media_value(by_media_value: int, campaigns: int, spend: float) -> Line:
    """That some campaigns have no coded orders, and what carries their figures instead."""
    which = (
        "The only campaign has"
        if campaigns == 1
        else f"{count(by_media_value)} of {count(campaigns)} campaigns have"
    )
    return Line(
        f"**{which} no attributed orders**, with {money(spend)} of spend. Incremental revenue is"
        " media value × factor: what posts of this reach usually cost, times what that is estimated"
        " to bring.",
        "Give every influencer a code or link: by media value alone they are hard to compare.",
    )


def _bases(known: pd.DataFrame) -> Line:
    """How much attributed revenue is calibrated by what."""
    revenue = known.set_index("known_by")["attributed_revenue"].astype(float)
    total = float(revenue.sum())
    if not total:
        return Line(
            "**No attributed revenue in this selection**, so there is nothing to calibrate.",
            "Widen the filters, or check that orders have influencers' codes.",
        )
    words = {
        "own experiment": "by the campaign's own experiment",
        "pooled": "by experiments of other campaigns",
        "observational": "by brands as each other's control, without experiments",
        "outside campaigns": "outside campaigns, by an assumption no experiment has tested",
        "none": "not calibrated (fewer than three experiments)",
        "no factor": "not calibrated",
    }
    shares = [
        f"{percent(part / total)} {words[str(name)]}" for name, part in revenue.items() if part
    ]
    own = float(revenue.get("own experiment", 0.0))
    return Line(
        f"**Calibration of attributed revenue**: {'; '.join(shares)}.",
        ""
        if own == total
        else "An experiment of its own makes the figures of a campaign more precise.",
        is_good=own == total,
    )


def _experiments(selection: Selection) -> Iterator[Line]:
    unmeasured, experiments = data.unmeasured_experiments(selection)
    if not experiments:
        yield Line(
            "**No experiments in this selection** support its incremental revenue.",
            "Run one: some regions with the campaign, some without. See docs/method.md.",
        )
    elif unmeasured.empty:
        which = (
            "The only experiment" if experiments == 1 else f"All {count(experiments)} experiments"
        )
        yield Line(f"**{which} could be measured.**", "", is_good=True)
    else:
        campaigns = data.options().labels["campaign"]
        for code, group in unmeasured.groupby("reason_code", sort=True):
            why = reasons.of_verdicts(group.to_dict("records"), campaigns)
            what = names([plain(str(name)) for name in group["experiment_name"]])
            share = f"{count(len(group))} of {count(experiments)}"
            yield Line(
                f"**{share} experiments could not be measured** ({what}). {plain(why)}",
                plain(reasons.remedy(str(code))),
            )


def _show_channels(selection: Selection) -> None:
    channels = data.orders_by_channel(selection)
    if channels.empty:
        return
    others = channels[channels["channel"] != data.INFLUENCER_CHANNEL]
    share = float(others["share"].sum())
    _show_line(
        Line(
            f"**{percent(share)} of orders have no influencer** (by channel below). Buyers"
            " without a code or link cannot be attributed; only experiments capture their orders.",
            "Offer a code at checkout, and list its owner in coupon\\_codes of influencers.",
            is_good=share == 0,
        )
    )
    parts.table(
        channels, CHANNEL_COLUMNS, alt="Orders by channel", file="orders_by_channel", width=520,
        applied=f"Only dates and brands: {filters.in_plain_words(selection)}",
    )  # fmt: skip
    st.caption("Only the date and brand filters apply to channels.")


def _show_line(line: Line, icon: str = ":material/info:") -> None:
    with st.container(gap="xxsmall"):
        st.markdown(f"{':material/check_circle:' if line.is_good else icon} {line.text}")
        if line.is_good:
            st.caption("Nothing to do.")
        else:
            st.caption(f"Remedy: {line.remedy}")


# --- Columns of tables -------------------------------------------------------------------------


TABLE_COLUMNS = measures.of_mart(
    MART,
    *("raw_table", "rows_read", "rows_accepted", "accepted_share", "rows_rejected"),
    *("rows_unreadable", "rows_superseded", "duplicates", "rows_noted", "first_date", "last_date"),
    *("amount_read", "amount_accepted", "amount_rejected", "amount_superseded"),
    *("amount_duplicates", "files", "unknown_headers"),
)
AMOUNTS = [name for name in TABLE_COLUMNS if name.startswith("amount_")]
RARE_COLUMNS = {"rows_unreadable", "rows_superseded", "amount_superseded", "rows_noted"}
NOT_FOUND_COLUMNS = measures.of_mart(
    "rpt_not_found",
    *("field", "value", "rows", "amount", "nearest", "reason", "remedy"),
    *("raw_table", "first_date", "last_date"),
)
ROW_COLUMNS = measures.of_mart(
    "fct_rejected_rows", "raw_table", "file", "record_number", "column_name", "value", "reason"
)
CHANNEL_COLUMNS = {
    **measures.of_mart("fct_revenue_days", "channel", "orders"),
    "share": measures.made_here("share", "Share", "percent"),
    **measures.of_mart("fct_revenue_days", "revenue"),
}


show(filters.chosen().selection)
