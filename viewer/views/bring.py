"""Bring your data: upload exports, check how they are read, map unknown headers, and build."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import pandas as pd
import streamlit as st

from intake.adapters import AdapterError, load_adapters
from intake.check import check
from intake.check_result import STATUSES, CheckResult, Tally
from intake.contract import Contract, Table, load_contract
from intake.exports import Exports, FileFacts
from intake.files import ADAPTERS
from intake.records import Records
from viewer import building, data, hosting, mapping, uploads
from viewer.building import NotStartedError
from viewer.folders import PROJECT_ROOT, can_be_written, raw_exports, warehouse
from viewer.format import count, money, names, plain
from viewer.mapping import Mapped
from viewer.measures import Measure, made_here
from viewer.pages import path
from viewer.published import NothingPublishedError, UnreadableFileError
from viewer.uploads import Placed, Plan, UploadError, Uploads
from viewer.views import parts

AS_FOUND, BY_HAND, LEAVE_OUT, AS_TABLE = "as found", "by hand", "leave out", "table "
NOT_THERE, CONSTANT = "(not in the file)", "(the same text in every row)"
BY_EVIDENCE, AS_IT_IS = "(as the file shows)", "(as it is)"
ADD, REPLACE_ALL = "Add to existing exports", "Replace all existing exports"
MOST_LINES = 12
MOST_REASONS = 20
MOST_VALUES = 200
# No file need be published yet that says how to show them.
TABLE_COLUMNS: dict[str, Measure | str] = {
    "raw_table": "Raw table",
    "rows_read": made_here("rows_read", "Read", "count"),
    "rows_accepted": made_here("rows_accepted", "Accepted", "count"),
    "rows_rejected": made_here("rows_rejected", "Rejected", "count"),
    "rows_superseded": made_here("rows_superseded", "Superseded", "count"),
    "duplicates": made_here("duplicates", "Duplicates", "count"),
    "amount_read": made_here("amount_read", "Amount read", "currency"),
    "amount_accepted": made_here("amount_accepted", "Amount accepted", "currency"),
}
NOT_FOUND_COLUMNS: dict[str, Measure | str] = {
    "value": "Value",
    "field": "Kind",
    "rows": made_here("rows", "Rows", "count"),
    "amount": made_here("amount", "Amount", "currency"),
    "nearest": "Nearest known",
    "reason": "Consequence",
    "raw_table": "Raw table",
}
HEADER_COLUMNS: dict[str, Measure | str] = {
    "header": "Header",
    "filled": made_here("filled", "Filled", "percent"),
    "samples": "Values",
}


@contextmanager
def _told() -> Iterator[None]:
    """Show what the user can do something about."""
    try:
        yield
    except (UploadError, NotStartedError) as error:
        st.error(plain(str(error), longest=1000), icon=":material/error:")


@_told()
def show() -> None:
    """Lay out the page."""
    st.title("Bring your data")
    st.caption(
        "Upload reports as your systems export them, check how they are read, then build. No data"
        " leave the machine that Helios runs on."
    )
    closed = _why_closed()
    if closed:
        st.info(closed, icon=":material/lock:")
    elif building.is_running() or "bring_placed" in st.session_state:
        _show_build()
    else:
        _show_uploads()


def _why_closed() -> str:
    """Why no files may be brought here; empty if they may."""
    if not uploads.is_allowed(st.context.headers.get("Host"), st.context.ip_address):
        return (
            "Uploads are off. Put the files into the folder of exports, or set HELIOS\\_UPLOADS to"
            " on (docs/deploy.md) if every user of this page may change the figures."
        )
    for folder, what in ((raw_exports(), "folder of exports"), (warehouse(), "warehouse")):
        if not can_be_written(folder):
            return (
                f"The viewer cannot write to the {what}, so uploads are not possible. Grant"
                " access, or copy the files there yourself."
            )
    return ""


def _stop(text: str) -> None:
    st.error(plain(text, longest=1000), icon=":material/block:")


def _wait_for(text: str) -> None:
    st.info(text, icon=":material/pending:")


def _show_uploads() -> None:
    limit = uploads.limit_mb()
    sent = st.file_uploader(
        f"Exports: {', '.join(uploads.ENDINGS)}; at most {count(limit)} MB together",
        type=list(uploads.ENDINGS),
        accept_multiple_files=True,
        key=f"bring_files_{st.session_state.get('bring_round', 0)}",
        max_upload_size=limit,
    )
    kept = _uploads()
    _show_problems(kept.keep(sent))
    if not kept.names:
        _show_what_is_needed()
        return
    plan = _show_files()
    if not plan.destinations:
        st.info(
            "No file is selected yet. Choose above how to read each file.", icon=":material/info:"
        )
        return
    _show_place(plan)
    exports = kept.planned(plan)
    _show_previews(plan, exports)
    _show_finish(plan, exports)


def _uploads() -> Uploads:
    if "bring_uploads" not in st.session_state:
        st.session_state["bring_uploads"] = Uploads()
    kept: Uploads = st.session_state["bring_uploads"]
    return kept


@st.cache_resource
def _contract() -> Contract:
    return load_contract(PROJECT_ROOT)


def _show_what_is_needed() -> None:
    there = uploads.existing()
    if there:
        what = "They come from the simulator." if uploads.is_simulated() else ""
        st.caption(f"The folder already contains {count(len(there))} exports. {what}")
    st.markdown(
        "Required: **orders** of all channels (such as Shopify, WooCommerce, Amazon or GA4) and a"
        " list of **influencers** with their codes. **Posts** and **payouts** add reach and"
        " returns; docs/exports.md has every table and column."
    )


def _show_problems(problems: Sequence[str]) -> None:
    folder = _uploads().planned_folder.as_posix()  # which says nothing to anybody
    for problem in problems[:MOST_LINES]:
        _stop(problem.replace(folder, "HELIOS_RAW"))
    if len(problems) > MOST_LINES:
        st.caption(f"And {count(len(problems) - MOST_LINES)} more.")


def _choice(label: str, options: Sequence[str], key: str, index: int = 0) -> str | None:
    """What is chosen of options, the first of which stands for nothing."""
    chosen = st.selectbox(label, options, index=index, key=key)
    return None if chosen == options[0] else chosen


# --- What each file is -------------------------------------------------------------------------


def _show_files() -> Plan:
    """Each file with what it is taken for; returns where those go that are used."""
    st.subheader("Files")
    recognised = _uploads().recognised()
    plan = Plan()
    if recognised.problems and not recognised.files:  # an adapter of the user's is broken
        _show_problems(recognised.problems)
        return plan
    facts_of = {facts.file: facts for facts in recognised.files}
    for number, file in enumerate(_uploads().names):
        with st.container(border=True, gap="small", key=f"bring_file_{number}"):
            _show_file(facts_of.get(file, FileFacts(file)), plan)
    return plan


def _show_file(facts: FileFacts, plan: Plan) -> None:
    file = facts.file
    st.markdown(f"**{plain(file)}**")
    st.markdown(_found_in_words(facts))
    if facts.note:
        st.caption(plain(f"{facts.note[:1].upper()}{facts.note[1:]}", longest=800))
    try:
        choices = _choices(facts)
        chosen = st.selectbox(
            "Read as",
            list(choices),
            format_func=choices.__getitem__,
            key=f"take_{file}",
            width=420,
        )
        if chosen == BY_HAND:
            _show_mapping(file, plan)
        elif chosen == AS_FOUND:
            plan.destinations[file] = f"{facts.adapter or facts.raw_table}/{file}"
        elif chosen != LEAVE_OUT:
            plan.destinations[file] = f"{chosen.removeprefix(AS_TABLE)}/{file}"
    except (AdapterError, UploadError) as error:
        _stop(str(error).splitlines()[0])


def _records(file: str) -> Records:
    return mapping.records_of(_uploads().files / file, _uploads().root / "copies-by-hand")


def _found_in_words(facts: FileFacts) -> str:
    if not facts.is_read:
        if facts.raw_table is not None:
            return f":material/error: Named like {plain(facts.raw_table)}, but cannot be read."
        return ":material/help: Not recognised by its name or headers."
    line = f"; header in line {count(facts.header_line)}" if facts.header_line else ""
    unit = "line" if facts.lines == 1 else "lines"
    rows = f"; {count(facts.lines)} {unit} below it" if facts.lines is not None else ""
    return f":material/check_circle: Read as **{plain(str(facts.raw_table))}**{line}{rows}."


def _choices(facts: FileFacts) -> dict[str, str]:
    """What a file may be taken as, the likeliest first."""
    choices = {}
    if facts.is_read:
        choices[AS_FOUND] = f"{facts.adapter or facts.raw_table}, as recognised"
    else:
        for table in mapping.fitting_tables(_contract(), _records(facts.file).names):
            choices[f"{AS_TABLE}{table}"] = f"{table}: has all required columns"
    return choices | {BY_HAND: "Map the columns by hand", LEAVE_OUT: "Do not use"}


# --- Mapping by hand ---------------------------------------------------------------------------


def _show_mapping(file: str, plan: Plan) -> None:
    """Headers to columns by hand; adds the file to the plan with the adapter that says so."""
    contract, records = _contract(), _records(file)
    facts = mapping.header_facts(records)
    with st.expander(f"Contents of its {count(len(facts))} columns"):
        alt = "Headers of the file, share of filled cells, and sample values"
        parts.table(facts, HEADER_COLUMNS, alt=alt, height=_height(facts))
    headers = list(facts["header"])
    tables = list(contract.tables)
    name = st.selectbox(
        "Rows are",
        tables,
        index=tables.index(mapping.best_table(contract, headers)),
        key=f"table_{file}",
        width=420,
    )
    table = contract.tables[name]
    mapped = Mapped(name)
    _show_columns(table, file, headers, mapped)
    _show_settings(table, file, mapped)
    _show_words(table, file, records, mapped)
    missing = table.missing(frozenset([*mapped.headers, *mapped.constants]))
    if missing:
        _wait_for(
            f"Still required: {plain(', '.join(missing))}. Choose a header for it, or the same text"
            " in every row."
        )
    else:
        _show_adapter(file, mapped, plan)


def _height(rows: pd.DataFrame) -> int:
    """Of a table that scrolls within the page when it is long."""
    return min(38 + 35 * len(rows), 420)


def _show_columns(table: Table, file: str, headers: list[str], mapped: Mapped) -> None:
    """Where each column comes from, required ones in sight."""
    contract = _contract()
    found = {
        column
        for column in table.columns
        if mapping.suggestion(contract, table.name, column, headers)
    }
    needed = [name for name, column in table.columns.items() if column.required]
    needed += [other for name in needed if (other := table.columns[name].alternative)]
    others = [name for name in table.columns if name not in needed]

    def choose(column: str) -> None:
        key = f"{file}_{table.name}_{column}"
        likely = mapping.suggested(contract, table.name, column, headers)
        options = [NOT_THERE, *likely, CONSTANT]
        chosen = _choice(column, options, f"column_{key}", int(column in found))
        if chosen == CONSTANT:
            mapped.constants[column] = st.text_input(f"Text of {column}", key=f"constant_{key}")
        elif chosen:
            mapped.headers[column] = chosen

    with st.grid(3, min_column_width=230):
        for column in needed:
            choose(column)
    further = f"{count(len(found.intersection(others)))} of {count(len(others))}"
    with st.expander(f"Further columns ({further} found)"), st.grid(3, min_column_width=230):
        for column in others:
            choose(column)


def _show_settings(table: Table, file: str, mapped: Mapped) -> None:
    """How cells are written, where the file itself does not show it."""

    def choose(setting: str, label: str, options: Sequence[str]) -> None:
        key = f"setting_{file}_{table.name}_{setting}"
        if chosen := _choice(label, [BY_EVIDENCE, *options], key):
            mapped.settings[setting] = chosen

    with st.expander("Format of dates and amounts"), st.grid(4, min_column_width=200):
        if any(table.columns[column].kind == "date" for column in mapped.headers):
            zones = sorted(zone for zone in available_timezones() if "/" in zone)
            choose("date_order", "Order of day and month", mapping.DATE_ORDERS)
            choose("time_zone", "Time zone", ["Asia/Kolkata", "UTC", *zones])
        choose("decimal", "Decimal mark", mapping.DECIMAL_MARKS)
        if "currency" in table.columns and "currency" not in mapped.headers:
            choose("currency", "Currency", mapping.currencies())


def _show_words(table: Table, file: str, records: Records, mapped: Mapped) -> None:
    """What words of this report mean that no list of spellings has."""
    for column, header in mapped.headers.items():
        field = table.columns[column].words
        unknown = mapping.unknown_words(field, records, header) if field else []
        if not field or not unknown:
            continue
        options = [AS_IT_IS, *mapping.words_of(field)]
        with (
            st.expander(f"Meaning of values of {column} ({count(len(unknown))} unknown)"),
            st.grid(3, min_column_width=220),
        ):
            for word in unknown:
                if meant := _choice(word, options, f"word_{file}_{column}_{word}"):
                    mapped.values.setdefault(field, {})[word] = meant


def _show_adapter(file: str, mapped: Mapped, plan: Plan) -> None:
    """The name that the mapping is kept by; adds both to the plan if they can be used."""
    contract = _contract()
    name = st.text_input(
        "Save the mapping as adapter",
        value=mapping.adapter_name(file),
        key=f"adapter_{file}",
        help="Later reports with the same headers are then read automatically.",
        width=420,
    ).strip()
    if not mapping.is_adapter_name(name) or name in contract.tables:
        raise UploadError(
            "An adapter name consists of lowercase letters, digits and underscores, starts with a"
            " letter, and is not the name of a table."
        )
    if (PROJECT_ROOT / ADAPTERS / f"{name}.yml").exists() or name in plan.adapters:
        raise UploadError(f"An adapter {name} already exists. Choose another name.")
    if (raw_exports() / ADAPTERS / f"{name}.yml").exists() and not st.toggle(
        f"Replace your existing adapter {plain(name)}", key=f"overwrite_{file}"
    ):
        _wait_for("Choose another name, or confirm that it is replaced.")
        return
    text = mapping.adapter_text(mapped, file)
    with st.expander(f"{name}.yml"):
        st.code(text, language="yaml")
    draft = _uploads().root / "draft" / f"{name}.yml"
    draft.parent.mkdir(exist_ok=True)
    draft.write_text(text, encoding="utf-8")
    try:
        load_adapters([draft.parent], contract)
    finally:
        draft.unlink()
    plan.destinations[file] = f"{name}/{file}"
    plan.adapters[name] = text


# --- Where files go, and what is in them -------------------------------------------------------


def _show_place(plan: Plan) -> None:
    """Whether files join the exports that are there or replace them; notes that in the plan."""
    there = uploads.existing()
    if not there:
        return
    st.subheader("Existing exports")
    what = " from the simulator" if uploads.is_simulated() else ""
    chosen = st.radio(
        f"{count(len(there))} files{what}: {names(there)}",
        [ADD, REPLACE_ALL],
        index=int(uploads.is_simulated()),
        key="bring_place",
        captions=[
            "If several files contain a record, the newest file counts.",
            f"They are moved to {uploads.REPLACED}/, which builds ignore.",
        ],
    )
    plan.replaces_all = chosen == REPLACE_ALL
    if plan.replaces_all:
        return
    for file, others in uploads.conflicts(plan, _contract()).items():
        theirs = plain(", ".join(others))
        if st.toggle(f"Replace {theirs} by {plain(file)}", key=f"replace_{file}"):
            plan.replaced.update(others)
        else:
            _wait_for(f"{plain(file)} is not used as long as {theirs} exists.")
            del plan.destinations[file]


def _show_previews(plan: Plan, exports: Exports) -> None:
    st.subheader("Preview")
    facts_of = {facts.file: facts for facts in exports.files}
    for file, place in plan.destinations.items():
        facts = facts_of.get(place, FileFacts(place))
        if not facts.is_read:
            _stop(f"{file}: {facts.note or 'it is not read'}")
            continue
        with st.expander(
            f"{plain(file)} as {plain(str(facts.raw_table))}: the first rows",
            icon=":material/table_rows:",
        ):
            rows = uploads.sample(exports, facts)
            if rows.empty:
                st.caption("There are no rows.")
                continue
            columns = {str(name): str(name) for name in rows.columns} | {"record_number": "record"}
            parts.table(rows, columns, alt=f"First rows of {file} by column of the table")
            unread = [
                header.header
                for header in exports.headers
                if header.file == place and header.column_name is None
            ]
            if unread:
                st.caption(f"Not used: {plain(names(unread, most=12), longest=800)}")


# --- Check, use and build ----------------------------------------------------------------------


def _show_finish(plan: Plan, exports: Exports) -> None:
    st.subheader("Check and build")
    _show_problems(exports.problems)
    with st.container(horizontal=True):
        is_checked = st.button(
            "Check all rows",
            icon=":material/fact_check:",
            key="bring_check",
            help="A dry run of the build, in about a minute. Nothing is changed.",
        )
        is_used = st.button(
            "Use these files and build",
            type="primary",
            icon=":material/play_arrow:",
            key="bring_use",
            disabled=bool(exports.problems),
        )
    if exports.problems:
        st.caption("Resolve the problems above before building.")
    if is_used:
        _use(plan)
    key = exports.folder_state, tuple(plan.adapters.items())
    if is_checked:
        st.session_state["bring_result"] = key, _checked(_uploads().planned_folder)
    known, result = st.session_state.get("bring_result", (None, None))
    if known == key:
        _show_result(result)


def _checked(folder: Path) -> CheckResult:
    with st.status("Checking all rows", expanded=True) as status:
        line = st.empty()

        def say(what: str) -> None:
            line.caption(plain(what))

        try:
            result = check(folder, PROJECT_ROOT, say)
        except OSError as error:
            status.update(label="The check failed", state="error")
            raise UploadError(f"The check failed: {error.strerror or error}.") from error
        status.update(label="All rows checked", state="complete", expanded=False)
    return result


def _show_result(result: CheckResult) -> None:
    _show_problems(result.problems)
    if result.tables:
        _show_tables(pd.DataFrame([_row(table.raw_table, table.tally) for table in result.tables]))
    lost = [
        {
            "Raw table": plain(reason.raw_table),
            "Row status": reason.row_status,
            "Rows": count(reason.rows),
            "Amount": money(reason.amount),
            "Example": f"{plain(reason.file)}, record {count(reason.record_number)}:"
            f" {plain(reason.reason, longest=160)}",
            "Remedy": plain(reason.remedy),
        }
        for reason in result.reasons
        if reason.row_status != "duplicate"
    ]
    if lost:
        st.table(
            pd.DataFrame(lost[:MOST_REASONS]),
            hide_index=True,
            alt="Reasons for rejected rows and ignored cells",
        )
    if result.tables or result.not_found:
        _show_not_found(pd.DataFrame(list(result.not_found)), "files")


def _row(raw_table: str, tally: Tally) -> dict[str, Any]:
    """A table with its rows and money, as of `data.raw_tables`."""
    return {
        "raw_table": raw_table,
        "rows_read": tally.rows_read,
        **{f"rows_{status}": tally.rows.get(status, 0) for status in STATUSES},
        "duplicates": tally.rows.get("duplicate", 0),
        "amount_read": float(tally.amount_read),
        "amount_accepted": float(tally.amounts.get("accepted", 0)),
    }


def _show_tables(rows: pd.DataFrame) -> None:
    rows = rows.assign(rows_rejected=rows["rows_rejected"] + rows["rows_unreadable"])
    described = "; ".join(
        f"{row['raw_table']} {count(row['rows_read'])}, of which {count(row['rows_accepted'])}"
        " accepted"
        for row in rows.to_dict("records")
    )
    parts.table(rows, TABLE_COLUMNS, alt=f"Rows read: {described}", pinned=["raw_table"])


def _show_not_found(rows: pd.DataFrame, where: str) -> None:
    if rows.empty:
        st.markdown(f":material/check_circle: Every value in the {where} was found.")
        return
    which = "1 value is" if len(rows) == 1 else f"{count(len(rows))} values are"
    st.markdown(f"**{which} not found**")
    parts.table(
        rows.head(MOST_VALUES).reset_index(drop=True),
        NOT_FOUND_COLUMNS,
        alt=f"{count(len(rows))} values not found, with rows and amount",
        height=_height(rows),
    )


def _use(plan: Plan) -> None:
    if building.is_running() or building.is_dbt_building():
        raise UploadError("A build is already running. Wait until it ends, then try again.")
    placed = uploads.place(_uploads(), plan)
    try:
        building.start()
    except NotStartedError as error:
        uploads.take_back(placed)
        raise UploadError(f"{error} Nothing was changed.") from error
    st.session_state["bring_placed"] = placed
    st.rerun()


# --- The build ---------------------------------------------------------------------------------


@st.fragment(run_every=hosting.SECONDS_BETWEEN_LOOKS)
@_told()
def _show_build() -> None:
    progress = building.progress()
    placed: Placed | None = st.session_state.get("bring_placed")
    if progress.state == "running":
        hosting.show_progress(progress)
    elif placed is None:
        st.rerun()
    elif progress.state == "done":
        _show_built(placed)
    else:
        hosting.show_failure(progress)
        with st.container(horizontal=True):
            if st.button("Try again", type="primary", key="bring_again"):
                building.start()
                st.rerun()
            if st.button("Remove the files again", key="bring_back"):
                uploads.take_back(placed)
                _begin_anew()
        st.caption(
            "The files were added to the exports. Removing them restores the previous exports."
        )


def _show_built(placed: Placed) -> None:
    st.success("Built and published.", icon=":material/check_circle:")
    files = [file.relative_to(raw_exports()).as_posix() for file in placed.added]
    st.caption(f"Added to the exports: {plain(names(files, most=8), longest=800)}.")
    try:
        tables, not_found = data.raw_tables(), data.not_found()
    except (NothingPublishedError, UnreadableFileError) as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    _show_tables(tables[tables["files"] > 0])
    _show_not_found(not_found, "exports")
    with st.container(horizontal=True):
        st.page_link(path("overview"), label="Overview", icon=":material/arrow_forward:")
        st.page_link(path("health"), label="Data health", icon=":material/arrow_forward:")
        if st.button("Add more files", key="bring_more"):
            _begin_anew()


def _begin_anew() -> None:
    for key in ("bring_placed", "bring_uploads", "bring_result"):
        st.session_state.pop(key, None)
    st.session_state["bring_round"] = st.session_state.get("bring_round", 0) + 1
    st.rerun()


show()
