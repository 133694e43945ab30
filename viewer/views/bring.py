"""Bring your data: upload exports, check how they are read, map unknown headers, and build."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from zoneinfo import available_timezones

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from intake.adapters import AdapterError, load_adapters
from intake.check import check
from intake.check_result import CheckResult, TableCheck
from intake.contract import Contract, Table, load_contract
from intake.exports import Exports, FileFacts
from intake.files import ADAPTERS
from intake.records import Records
from viewer import building, data, hosting, mapping, uploads
from viewer.folders import PROJECT_ROOT, raw_exports
from viewer.format import count, money, names, plain
from viewer.mapping import Mapped, MappingError
from viewer.measures import Measure, made_here
from viewer.pages import path
from viewer.published import NothingPublishedError, UnreadableFileError
from viewer.uploads import Placed, Plan, UploadError, Uploads
from viewer.views import parts

SECONDS_BETWEEN_LOOKS = 1.5
AS_FOUND, BY_HAND, LEAVE_OUT, AS_TABLE = "as found", "by hand", "leave out", "table "
NOT_THERE, CONSTANT = "(not in the file)", "(the same text in every row)"
BY_EVIDENCE, AS_IT_IS = "(as the file shows)", "(as it is)"
ADD, REPLACE_ALL = "Add to existing exports", "Replace all existing exports"
MOST_LINES = 12
MOST_REASONS = 20


def show() -> None:
    """Lay out the page."""
    st.title("Bring your data")
    st.caption(
        "Upload reports as your systems export them, check how they are read, then build. No data"
        " leave the machine that Helios runs on."
    )
    try:
        if not _is_open():
            return
        if building.is_running() or "bring_placed" in st.session_state:
            _show_build()
            return
        _show_uploads()
    except (UploadError, MappingError) as error:
        st.error(plain(str(error), longest=1000), icon=":material/error:")


def _is_open() -> bool:
    """Whether files may be brought here; if not, why."""
    host = st.context.headers.get("Host")
    if not uploads.is_allowed(host, st.context.ip_address):
        st.info(
            "Uploads are off. Put the files into the folder of exports, or set HELIOS\\_UPLOADS to"
            " on (docs/deploy.md) if every user of this page may change the figures.",
            icon=":material/lock:",
        )
        return False
    if not uploads.can_be_written() or not building.is_allowed():
        folder = "warehouse" if uploads.can_be_written() else "folder of exports"
        st.info(
            f"The viewer cannot write to the {folder}, so uploads are not possible. Grant access,"
            " or copy the files there yourself.",
            icon=":material/lock:",
        )
        return False
    return True


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
    contract = _contract()
    plan = _show_files(kept, contract)
    if not plan.destinations:
        st.info(
            "No file is selected yet. Choose above how to read each file.", icon=":material/info:"
        )
        return
    plan = _show_place(plan, contract)
    folder, exports = kept.planned(plan)
    _show_previews(plan, exports)
    _show_finish(kept, plan, folder, exports)


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
    for problem in problems[:MOST_LINES]:
        st.error(plain(problem, longest=1000), icon=":material/block:")
    if len(problems) > MOST_LINES:
        st.caption(f"And {count(len(problems) - MOST_LINES)} more.")


# --- What each file is -------------------------------------------------------------------------


def _show_files(kept: Uploads, contract: Contract) -> Plan:
    """Each file with what it is taken for; returns where those go that are used."""
    st.subheader("Files")
    recognised = kept.recognised({})
    if recognised.problems and not recognised.files:  # an adapter of the user's is broken
        _show_problems(recognised.problems)
        return Plan()
    facts_of = {facts.file: facts for facts in recognised.files}
    plan = Plan()
    for file in kept.names:
        with st.container(border=True, gap="small", key=f"bring_file_{kept.names.index(file)}"):
            facts = facts_of.get(file, FileFacts(file))
            plan = _show_file(kept, contract, facts, plan)
    return plan


def _show_file(kept: Uploads, contract: Contract, facts: FileFacts, plan: Plan) -> Plan:
    """One file; returns the plan with it."""
    st.markdown(f"**{plain(facts.file)}**")
    st.markdown(_found_in_words(facts))
    if facts.note:
        st.caption(plain(f"{facts.note[:1].upper()}{facts.note[1:]}", longest=800))
    try:
        choices = _choices(kept, facts, contract)
        chosen = st.selectbox(
            "Read as",
            list(choices),
            format_func=lambda choice: choices[choice],
            key=f"take_{facts.file}",
            width=420,
        )
        if chosen == BY_HAND:
            return _show_mapping(contract, facts.file, _records(kept, facts.file), plan)
    except MappingError as error:
        st.error(plain(str(error), longest=1000), icon=":material/block:")
        return plan
    if chosen == LEAVE_OUT:
        return plan
    if chosen.startswith(AS_TABLE):
        place = f"{chosen.removeprefix(AS_TABLE)}/{facts.file}"
    else:
        place = uploads.destination(facts)
    return replace(plan, destinations={**plan.destinations, facts.file: place})


def _records(kept: Uploads, file: str) -> Records:
    return mapping.records_of(kept.files / file, kept.root / "copies-by-hand")


def _found_in_words(facts: FileFacts) -> str:
    if not facts.is_read:
        if facts.raw_table is not None:
            return f":material/error: Named like {plain(facts.raw_table)}, but cannot be read."
        return ":material/help: Not recognised by its name or headers."
    line = f"; header in line {count(facts.header_line)}" if facts.header_line else ""
    unit = "line" if facts.lines == 1 else "lines"
    rows = f"; {count(facts.lines)} {unit} below it" if facts.lines is not None else ""
    return f":material/check_circle: Read as **{plain(str(facts.raw_table))}**{line}{rows}."


def _choices(kept: Uploads, facts: FileFacts, contract: Contract) -> dict[str, str]:
    """What a file may be taken as, the likeliest first."""
    choices = {}
    if facts.is_read:
        choices[AS_FOUND] = f"{facts.adapter or facts.raw_table}, as recognised"
    else:
        for table in mapping.fitting_tables(contract, _records(kept, facts.file).names):
            choices[f"{AS_TABLE}{table}"] = f"{table}: has all required columns"
    return choices | {BY_HAND: "Map the columns by hand", LEAVE_OUT: "Do not use"}


# --- Mapping by hand ---------------------------------------------------------------------------


def _show_mapping(contract: Contract, file: str, records: Records, plan: Plan) -> Plan:
    """Headers to columns by hand; returns the plan with the adapter that says so."""
    header_facts = mapping.header_facts(records)
    _show_headers(header_facts)
    headers = [facts.header for facts in header_facts]
    tables = list(contract.tables)
    name = st.selectbox(
        "Rows are",
        tables,
        index=tables.index(mapping.best_table(contract, headers)),
        key=f"table_{file}",
        width=420,
    )
    table = contract.tables[name]
    mapped = _show_columns(contract, table, file, headers)
    mapped = replace(
        mapped,
        settings=_show_settings(table, file, mapped, headers),
        values=_show_words(table, file, records, mapped),
    )
    missing = table.missing(frozenset([*mapped.headers, *mapped.constants]))
    if missing:
        st.info(
            f"Still required: {plain(', '.join(missing))}. Choose a header for it, or the same text"
            " in every row.",
            icon=":material/pending:",
        )
        return plan
    return _show_adapter(contract, file, mapped, plan)


def _show_headers(header_facts: Sequence[mapping.HeaderFacts]) -> None:
    with st.expander(f"Contents of its {count(len(header_facts))} columns"):
        frame = pd.DataFrame(
            {
                "header": [facts.header for facts in header_facts],
                "filled": [facts.filled for facts in header_facts],
                "samples": ["; ".join(facts.samples) for facts in header_facts],
            }
        )
        parts.table(
            frame,
            {
                "header": "Header",
                "filled": made_here("filled", "Filled", "percent"),
                "samples": "Values",
            },
            alt="Headers of the file, share of filled cells, and sample values",
            height=min(38 + 35 * len(frame), 420),
        )


def _show_columns(contract: Contract, table: Table, file: str, headers: list[str]) -> Mapped:
    """Where each column comes from, required ones in sight."""
    taken = {name for name in headers if contract.column_of(table.name, name)}
    guesses = {
        column: mapping.suggestion(contract, table.name, column, headers, taken)
        for column in table.columns
    }
    needed = [name for name, column in table.columns.items() if column.required]
    needed += [other for name in needed if (other := table.columns[name].alternative)]
    others = [name for name in table.columns if name not in needed]
    sources: dict[str, str] = {}
    constants: dict[str, str] = {}

    def choose(column: str) -> None:
        options = [NOT_THERE, *mapping.suggested(contract, table.name, column, headers), CONSTANT]
        guess = guesses[column]
        chosen = st.selectbox(
            column,
            options,
            index=options.index(guess) if guess in options else 0,
            key=f"column_{file}_{table.name}_{column}",
        )
        if chosen == CONSTANT:
            constants[column] = st.text_input(
                f"Text of {column}", key=f"constant_{file}_{table.name}_{column}"
            )
        elif chosen != NOT_THERE:
            sources[column] = chosen

    with st.grid(3, min_column_width=230):
        for column in needed:
            choose(column)
    found = sum(guesses[column] is not None for column in others)
    with (
        st.expander(f"Further columns ({count(found)} of {count(len(others))} found)"),
        st.grid(3, min_column_width=230),
    ):
        for column in others:
            choose(column)
    return Mapped(table.name, sources, constants)


def _show_settings(
    table: Table, file: str, mapped: Mapped, headers: Sequence[str]
) -> dict[str, str]:
    """How cells are written, where the file itself does not show it."""
    kinds = {table.columns[column].kind for column in mapped.headers}
    settings: dict[str, str] = {}

    def choose(setting: str, label: str, options: Sequence[str]) -> None:
        chosen = st.selectbox(
            label, [BY_EVIDENCE, *options], key=f"setting_{file}_{table.name}_{setting}"
        )
        if chosen != BY_EVIDENCE:
            settings[setting] = chosen

    with st.expander("Format of dates and amounts"), st.grid(4, min_column_width=200):
        if "date" in kinds:
            choose("date_order", "Order of day and month", mapping.DATE_ORDERS)
            choose("time_zone", "Time zone", _time_zones())
        choose("decimal", "Decimal mark", mapping.DECIMAL_MARKS)
        if "currency" in table.columns and "currency" not in mapped.headers:
            choose("currency", "Currency", mapping.currencies())
    return settings


def _time_zones() -> list[str]:
    usual = ["Asia/Kolkata", "UTC"]
    return [*usual, *sorted(zone for zone in available_timezones() if "/" in zone)]


def _show_words(
    table: Table, file: str, records: Records, mapped: Mapped
) -> dict[str, dict[str, str]]:
    """What words of this report mean that no list of spellings has."""
    values: dict[str, dict[str, str]] = {}
    for column, header in mapped.headers.items():
        field = table.columns[column].words
        if field is None:
            continue
        unknown = mapping.unknown_words(field, mapping.distinct_words(records, header))
        if not unknown:
            continue
        with (
            st.expander(f"Meaning of values of {column} ({count(len(unknown))} unknown)"),
            st.grid(3, min_column_width=220),
        ):
            for word in unknown:
                meant = st.selectbox(
                    word, [AS_IT_IS, *mapping.words_of(field)], key=f"word_{file}_{column}_{word}"
                )
                if meant != AS_IT_IS:
                    values.setdefault(field, {})[word] = meant
    return values


def _show_adapter(contract: Contract, file: str, mapped: Mapped, plan: Plan) -> Plan:
    """The name that the mapping is kept by; returns the plan with it if it can be used."""
    name = st.text_input(
        "Save the mapping as adapter",
        value=mapping.adapter_name(file),
        key=f"adapter_{file}",
        help="Later reports with the same headers are then read automatically.",
        width=420,
    ).strip()
    if not mapping.is_adapter_name(name) or name in contract.tables:
        st.error(
            "An adapter name consists of lowercase letters, digits and underscores, starts with a"
            " letter, and is not the name of a table.",
            icon=":material/block:",
        )
        return plan
    if (PROJECT_ROOT / ADAPTERS / f"{name}.yml").exists() or name in plan.adapters:
        st.error(
            f"An adapter {plain(name)} already exists. Choose another name.",
            icon=":material/block:",
        )
        return plan
    if (raw_exports() / ADAPTERS / f"{name}.yml").exists() and not st.toggle(
        f"Replace your existing adapter {plain(name)}", key=f"overwrite_{file}"
    ):
        st.info("Choose another name, or confirm that it is replaced.", icon=":material/pending:")
        return plan
    text = mapping.adapter_text(mapped, file)
    with st.expander(f"{name}.yml"):
        st.code(text, language="yaml")
    problem = _adapter_problem(contract, name, text)
    if problem:
        st.error(plain(problem, longest=1000), icon=":material/block:")
        return plan
    return replace(
        plan,
        destinations={**plan.destinations, file: f"{name}/{file}"},
        adapters={**plan.adapters, name: text},
    )


def _adapter_problem(contract: Contract, name: str, text: str) -> str:
    """Why an adapter cannot be used; empty if it can."""
    folder = _uploads().root / "draft"
    folder.mkdir(exist_ok=True)
    draft = folder / f"{name}.yml"
    draft.write_text(text, encoding="utf-8")
    try:
        load_adapters([folder], contract)
    except AdapterError as error:
        return str(error).splitlines()[0]
    finally:
        draft.unlink()
    return ""


# --- Where files go, and what is in them -------------------------------------------------------


def _show_place(plan: Plan, contract: Contract) -> Plan:
    """Whether files join the exports that are there or replace them; returns the plan with that."""
    there = uploads.existing()
    if not there:
        return plan
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
    if chosen == REPLACE_ALL:
        return replace(plan, replaces_all=True)
    for file, others in uploads.conflicts(plan, contract).items():
        if st.toggle(f"Replace {plain(', '.join(others))} by {plain(file)}", key=f"replace_{file}"):
            plan = replace(plan, replaced=plan.replaced | set(others))
        else:
            st.info(
                f"{plain(file)} is not used as long as {plain(', '.join(others))} exists.",
                icon=":material/pending:",
            )
            rest = {name: to for name, to in plan.destinations.items() if name != file}
            plan = replace(plan, destinations=rest)
    return plan


def _show_previews(plan: Plan, exports: Exports) -> None:
    st.subheader("Preview")
    facts_of = {facts.file: facts for facts in exports.files}
    for file, place in plan.destinations.items():
        facts = facts_of.get(place)
        if facts is None or not facts.is_read:
            note = facts.note if facts is not None and facts.note else "it is not read"
            st.error(f"{plain(file)}: {plain(note, longest=800)}", icon=":material/block:")
            continue
        with st.expander(
            f"{plain(file)} as {plain(str(facts.raw_table))}: the first rows",
            icon=":material/table_rows:",
        ):
            rows = uploads.sample(exports, place)
            if rows.empty:
                st.caption("There are no rows.")
                continue
            columns = {str(name): str(name) for name in rows.columns}
            columns["record_number"] = "record"
            parts.table(rows, columns, alt=f"First rows of {file} by column of the table")
            unread = [
                header.header
                for header in exports.headers
                if header.file == place and header.column_name is None
            ]
            if unread:
                st.caption(f"Not used: {plain(names(unread, most=12), longest=800)}")


# --- Check, use and build ----------------------------------------------------------------------


def _show_finish(kept: Uploads, plan: Plan, folder: Path, exports: Exports) -> None:
    st.subheader("Check and build")
    _show_problems(_without(folder, exports.problems))
    key = exports.folder_state, tuple(plan.adapters.items())
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
        _use(kept, plan)
    if is_checked:
        st.session_state["bring_result"] = key, _checked(folder)
    known, result = st.session_state.get("bring_result", (None, None))
    if result is not None and known == key:
        _show_result(result, folder)


def _without(folder: Path, problems: Sequence[str]) -> list[str]:
    """Problems without the name of the folder of this session, which says nothing."""
    return [problem.replace(folder.as_posix(), "HELIOS_RAW") for problem in problems]


def _checked(folder: Path) -> CheckResult:
    with st.status("Checking all rows", expanded=True) as status:
        line = st.empty()
        try:
            result = check(folder, PROJECT_ROOT, lambda what: _say(line, what))
        except OSError as error:
            status.update(label="The check failed", state="error")
            raise UploadError(f"The check failed: {error.strerror or error}.") from error
        status.update(label="All rows checked", state="complete", expanded=False)
    return result


def _say(line: DeltaGenerator, what: str) -> None:
    line.caption(plain(what))


def _show_result(result: CheckResult, folder: Path) -> None:
    _show_problems(_without(folder, result.problems))
    if result.tables:
        _show_tables(pd.DataFrame([_row(table) for table in result.tables]))
    lost = [reason for reason in result.reasons if reason.row_status != "duplicate"]
    if lost:
        st.table(
            pd.DataFrame(
                {
                    "Raw table": [plain(reason.raw_table) for reason in lost[:MOST_REASONS]],
                    "Row status": [reason.row_status for reason in lost[:MOST_REASONS]],
                    "Rows": [count(reason.rows) for reason in lost[:MOST_REASONS]],
                    "Amount": [money(reason.amount) for reason in lost[:MOST_REASONS]],
                    "Example": [
                        f"{plain(reason.file)}, record {count(reason.record_number)}:"
                        f" {plain(reason.reason, longest=160)}"
                        for reason in lost[:MOST_REASONS]
                    ],
                    "Remedy": [plain(reason.remedy) for reason in lost[:MOST_REASONS]],
                }
            ),
            hide_index=True,
            alt="Reasons for rejected rows and ignored cells",
        )
    if result.not_found:
        _show_not_found(pd.DataFrame([vars(value) for value in result.not_found]))
    elif result.tables:
        st.markdown(":material/check_circle: Every value in the files was found.")


def _row(table: TableCheck) -> dict[str, object]:
    rows, amounts = table.tally.rows, table.tally.amounts
    return {
        "raw_table": table.raw_table,
        "rows_read": table.tally.rows_read,
        "rows_accepted": rows.get("accepted", 0),
        "rows_rejected": rows.get("rejected", 0) + rows.get("unreadable", 0),
        "rows_superseded": rows.get("superseded", 0),
        "duplicates": rows.get("duplicate", 0),
        "amount_read": float(table.tally.amount_read),
        "amount_accepted": float(amounts.get("accepted", 0)),
    }


def _show_tables(rows: pd.DataFrame) -> None:
    """Rows and money of each table by what becomes of them."""
    described = "; ".join(
        f"{name} {count(read)}, of which {count(accepted)} accepted"
        for name, read, accepted in zip(
            rows["raw_table"], rows["rows_read"], rows["rows_accepted"], strict=True
        )
    )
    parts.table(rows, TABLE_COLUMNS, alt=f"Rows read: {described}", pinned=["raw_table"])


def _show_not_found(rows: pd.DataFrame) -> None:
    """Values that are found nowhere, with rows and money."""
    which = "1 value is" if len(rows) == 1 else f"{count(len(rows))} values are"
    st.markdown(f"**{which} not found**")
    parts.table(
        rows.head(200).reset_index(drop=True),
        NOT_FOUND_COLUMNS,
        alt=f"{count(len(rows))} values not found, with rows and amount",
        height=min(38 + 35 * len(rows), 420),
    )


def _use(kept: Uploads, plan: Plan) -> None:
    """Put the files among the exports and start the build."""
    if building.is_running() or building.is_dbt_building():
        raise UploadError("A build is already running. Wait until it ends, then try again.")
    placed = uploads.place(kept, plan)
    try:
        building.start()
    except OSError as error:
        uploads.take_back(placed)
        raise UploadError(
            f"The build cannot be started: {error.strerror or error}. Nothing was changed."
        ) from error
    st.session_state["bring_placed"] = placed
    st.rerun()


# --- The build ---------------------------------------------------------------------------------


@st.fragment(run_every=SECONDS_BETWEEN_LOOKS)
def _show_build() -> None:
    """How far the build is, and how it ended."""
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
                _start_again()
            if st.button("Remove the files again", key="bring_back"):
                uploads.take_back(placed)
                _begin_anew()
        st.caption(
            "The files were added to the exports. Removing them restores the previous exports."
        )


def _start_again() -> None:
    try:
        building.start()
    except OSError as error:
        raise UploadError(f"The build cannot be started: {error.strerror or error}.") from error
    st.rerun()


def _show_built(placed: Placed) -> None:
    st.success("Built and published.", icon=":material/check_circle:")
    files = [file.relative_to(placed.folder).as_posix() for file in placed.added]
    st.caption(f"Added to the exports: {plain(names(files, most=8), longest=800)}.")
    try:
        tables, not_found = data.raw_tables(), data.not_found()
    except (NothingPublishedError, UnreadableFileError) as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    rows = tables[tables["files"] > 0].copy()
    rows["rows_rejected"] += rows["rows_unreadable"]
    _show_tables(rows)
    if not_found.empty:
        st.markdown(":material/check_circle: Every value in the exports was found.")
    else:
        _show_not_found(not_found)
    with st.container(horizontal=True):
        st.page_link(path("overview"), label="Overview", icon=":material/arrow_forward:")
        st.page_link(path("health"), label="Data health", icon=":material/arrow_forward:")
        if st.button("Add more files", key="bring_more"):
            _begin_anew()


def _begin_anew() -> None:
    """Forget the files of this session."""
    for key in ("bring_placed", "bring_uploads", "bring_result"):
        st.session_state.pop(key, None)
    st.session_state["bring_round"] = st.session_state.get("bring_round", 0) + 1
    st.rerun()


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


show()
