"""Adapters: what a system's own report means in the columns of a raw table.

An adapter is one YAML file. Its `headers` tell which files it reads, its `columns` where each
column of the raw table comes from. It is checked whole when it is loaded, so that a mistake is
reported with the name of the file and the word at fault, not as an error of the database.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, TypeAlias, cast
from zoneinfo import ZoneInfo

import duckdb
import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from intake.contract import Contract, Table, header_key
from intake.headers import cells_of_the_record
from intake.records import Records

SYNONYMS = Path(__file__).resolve().parents[1] / "seeds" / "reference" / "value_synonyms.csv"
ENDINGS = (".yml", ".yaml")
BLANKS = " \t\r\n\u00a0\u202f\u200b\ufeff"
CODE = re.compile(r"[A-Z]{3}")  # an ISO 4217 code; anything longer is a header
# Names that expressions know beside the headers.
LINE, RECORD, HASH = "line", "record_number", "row_hash"
ALL = "*"
ORDER_KEY = "order_key"
BUILT_IN = (LINE, RECORD, HASH, ORDER_KEY)
# A call of amount() with one header; or a text or a header, which are passed over.
AMOUNT_CALL = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|\bamount\s*\(\s*("(?:[^"]|"")+"|\w+)\s*\)""", re.I
)
NUMERIC_TYPES = ("DECIMAL", "DOUBLE", "FLOAT")
NOTHING = ("-", "--", "n/a", "na", "null", "none", "nan", "(not set)")


class AdapterError(Exception):
    """An adapter that cannot be used; each line of its message is one file's problem."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Headers: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(_as_list)]
# Each entry is a header, or several of which one is enough.
Signature: TypeAlias = Annotated[tuple[Headers, ...], BeforeValidator(_as_list)]


class Header(_Strict):
    """The cell under a header, as it is.

    Attributes:
        header: The header.
    """

    header: str


class Constant(_Strict):
    """The same text in every row.

    Attributes:
        constant: The text; nothing where it is empty.
    """

    constant: str


class Origin(_Strict):
    """A part of the file's own name.

    Attributes:
        source: `folder`: the folder that the file lies in; `file`: its name without ending.
        without: A regular expression whose first match is left out.
    """

    source: Literal["folder", "file"] = Field(alias="from")
    without: str | None = None


class Key(_Strict):
    """What an influencer is known by: the first of these cells that is not empty.

    Attributes:
        key: Headers, the most certain one first.
    """

    key: Headers


class Sql(_Strict):
    """An SQL expression.

    Attributes:
        sql: Over the headers in double quotes, `line`, `record_number` and `amount("Header")`.
    """

    sql: str


class Share(_Strict):
    """The line's share of money that belongs to its order.

    Attributes:
        share: Header of the order's money, or its SQL expression.
        by: SQL expression of the line's weight; none spreads the money evenly.
    """

    share: str | Sql
    by: str | None = None


def _as_verb(value: Any) -> Any:
    return {"header": value} if isinstance(value, str) else value


Choice: TypeAlias = Annotated[Header | Constant | Origin, BeforeValidator(_as_verb)]


class First(_Strict):
    """The first of several that is not empty.

    Attributes:
        first: Headers; among them may be constants and parts of the file's name.
    """

    first: tuple[Choice, ...]


Verb: TypeAlias = Header | Constant | Origin | Key | Sql | Share | First
VERBS: dict[str, type[Verb]] = {
    "constant": Constant, "first": First, "from": Origin, "key": Key, "share": Share, "sql": Sql,
}  # fmt: skip


class Settings(_Strict):
    """How cells of the files are written.

    Attributes:
        time_zone: IANA name of the zone of dates and times without one.
        date_order: `day first`, `month first` or `year first`.
        decimal: The mark before the fraction of a number: `point` or `comma`.
        currency: An ISO 4217 code, or the header under which there is one.
    """

    time_zone: str | None = None
    date_order: Literal["day first", "month first", "year first"] | None = None
    decimal: Literal["point", "comma"] | None = None
    currency: str | None = None

    @property
    def currency_header(self) -> str | None:
        """The header of the currency; null where there is none or it is a code."""
        written = self.currency
        return None if written is None or CODE.fullmatch(written) else written


class Adapter(_Strict):
    """One adapter file.

    Attributes:
        name: Name of the file without ending.
        path: The file.
        rank: Number of the folder it was found in; a later folder wins.
        table: The raw table that its files become rows of.
        headers: All of them must be in a file for the adapter to read it; of those that stand in a
            list of their own one is enough.
        without: A file with one of these headers is another report.
        optional: Further headers that expressions use and that a file may lack.
        settings: How cells are written.
        order: Header of the order's id, where records are lines of orders.
        of_line: Headers that belong to the line: an empty cell stays empty; `*` are all. Under all
            others an empty cell means what the first record of the order says.
        ignore: SQL condition of records that are no data, such as totals: they are read without
            cells, so that they are counted and mean nothing.
        columns: Where each column of the table comes from.
        values: For each coded field, what this system's words mean.
        numeric: Names of columns whose SQL expression gives a number.
    """

    name: str
    path: Path
    rank: int = 0
    table: str
    headers: Signature
    without: Headers = ()
    optional: Headers = ()
    settings: Settings = Settings()
    order: str | None = None
    of_line: Headers = ()
    ignore: str | None = None
    columns: dict[str, Annotated[Verb, BeforeValidator(_as_verb)]]
    values: dict[str, dict[str, str]] = {}
    coded: dict[str, str] = {}
    numeric: frozenset[str] = frozenset()

    def spellings(self) -> dict[str, str]:
        """Every header that the adapter names, by key, as it is written there first."""
        named = [name for entry in self.headers for name in entry]
        named += self.optional
        for verb in self.columns.values():
            named += _headers_of(verb)
        named += [name for name in (self.order, self.settings.currency_header) if name]
        named += [name for name in self.of_line if name != ALL]
        spelled: dict[str, str] = {}
        for name in named:
            spelled.setdefault(header_key(name), name)
        return spelled


class _FaultError(Exception):
    """What is wrong with one adapter, without the name of the file."""

    def __init__(self, text: str) -> None:
        """Keep the text."""
        super().__init__(text)
        self.text = text


# ---------------------------------------------------------------------------------- loading


def load_adapters(folders: Sequence[Path], contract: Contract) -> list[Adapter]:
    """Read and check the adapters of some folders.

    Args:
        folders: Folders with YAML files; one that does not exist has none. An adapter replaces one
            of the same name of an earlier folder.
        contract: Raw tables and their columns.

    Returns:
        The adapters, in order of their names.

    Raises:
        AdapterError: If some cannot be used: one line for each of these files.
    """
    files = {
        file.stem: (rank, file)
        for rank, folder in enumerate(folders)
        if folder.is_dir()
        for file in sorted(folder.iterdir())
        if file.suffix.lower() in ENDINGS and not file.name.startswith(".") and file.is_file()
    }
    adapters, problems = [], []
    with duckdb.connect() as connection:
        for _, (rank, file) in sorted(files.items()):
            try:
                adapters.append(_load(file, rank, contract, connection))
            except _FaultError as problem:
                problems.append(f"adapter {file.parent.name}/{file.name}: {problem.text}")
    if problems:
        raise AdapterError("\n".join(problems))
    return adapters


class _Texts(yaml.BaseLoader):
    """Reads every scalar as text, and no key twice."""

    def construct_mapping(self, node: yaml.Node, deep: bool = False) -> dict[Any, Any]:
        """A mapping.

        Args:
            node: The YAML node.
            deep: Whether what it holds is made at once.

        Returns:
            The mapping.

        Raises:
            yaml.constructor.ConstructorError: If a key stands in it twice.
        """
        keys: set[str] = set()
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if str(key.value) in keys:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key.value!r} is there twice", key.start_mark
                )
            keys.add(str(key.value))
        mapping: dict[Any, Any] = super().construct_mapping(cast(yaml.MappingNode, node), deep=True)
        return mapping


def _load(file: Path, rank: int, contract: Contract, connection: Any) -> Adapter:
    written = _read_yaml(file)
    for name in ("name", "path", "rank", "coded", "numeric"):
        if name in written:
            raise _FaultError(f"unknown entry {name!r}; allowed: {_entries()}")
    table = contract.tables.get(str(written.get("table", "")))
    if table is None:
        raise _FaultError(
            f"table {written.get('table')!r} is no raw table; allowed: {', '.join(contract.tables)}"
        )
    try:
        adapter = Adapter.model_validate(
            {**written, "columns": _verbs(written.get("columns")), "name": file.stem}
            | {"path": file, "rank": rank, "coded": _coded(written.get("values"), table)}
        )
    except ValidationError as error:
        raise _FaultError(_complaint(error)) from error
    _check(adapter, table)
    _check_words(adapter)
    return adapter.model_copy(update={"numeric": _check_expressions(adapter, connection)})


def _read_yaml(file: Path) -> dict[str, Any]:
    try:
        written = yaml.load(file.read_text(encoding="utf-8-sig"), Loader=_Texts)
    except UnicodeDecodeError as error:
        raise _FaultError("not UTF-8; save it as UTF-8") from error
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise _FaultError(f"{line}{error.problem or 'is not YAML'}") from error
    except yaml.YAMLError as error:
        raise _FaultError(f"is not YAML: {str(error).splitlines()[0]}") from error
    if not isinstance(written, dict):
        raise _FaultError(f"holds no entries; needed: {_entries()}")
    return written


def _entries() -> str:
    own = {"name", "path", "rank", "coded", "numeric"}
    return ", ".join(entry for entry in Adapter.model_fields if entry not in own)


def _verbs(columns: Any) -> dict[str, Any]:
    """The columns with each verb as its model, so that a mistake names the column."""
    if not isinstance(columns, dict):
        raise _FaultError("'columns' must name a source for each column of the table")
    verbs: dict[str, Any] = {}
    for column, value in columns.items():
        if isinstance(value, str):
            verbs[column] = Header(header=value)
            continue
        kind = (
            next((VERBS[name] for name in value if name in VERBS), None)
            if (isinstance(value, dict))
            else None
        )
        if kind is None:
            word = ", ".join(map(str, value)) if isinstance(value, dict | list) else value
            raise _FaultError(
                f"column {column}: {word!r} is no verb; allowed: a header, {', '.join(VERBS)}"
            )
        try:
            verbs[column] = kind.model_validate(value)
        except ValidationError as error:
            raise _FaultError(f"column {column}: {_complaint(error)}") from error
    return verbs


def _coded(values: Any, table: Table) -> dict[str, str]:
    """The field of each coded column whose words the adapter maps."""
    if not isinstance(values, dict):
        return {}
    return {
        column.name: column.words
        for column in table.columns.values()
        if column.words is not None and column.words in values
    }


def _complaint(error: ValidationError) -> str:
    first = error.errors()[0]
    place = " ".join(str(part) for part in first["loc"] if not str(part)[:1].isupper())
    allowed = ""
    if first["type"] == "extra_forbidden":
        scope = first["loc"][:-1]
        known = list(Settings.model_fields) if scope == ("settings",) else None
        allowed = (
            f"; allowed: {', '.join(known) if known else _entries()}"
            if (known or not scope)
            else ""
        )
        return f"unknown entry {place!r}{allowed}"
    if first["type"] == "missing":
        return f"entry {place!r} is missing"
    given = first.get("input")
    said = f" is {given!r}" if isinstance(given, str) else ""
    return f"entry {place!r}{said}: {first['msg'][:1].lower()}{first['msg'][1:]}"


def _check(adapter: Adapter, table: Table) -> None:
    """Everything about an adapter but its words and expressions."""
    if not adapter.headers:
        raise _FaultError("'headers' is empty; name those that tell this file from others")
    for column in adapter.columns:
        if column not in table.columns:
            allowed = ", ".join(table.columns)
            raise _FaultError(f"{column!r} is no column of {table.name}; allowed: {allowed}")
    for name in table.missing(frozenset(adapter.columns)):
        other = table.columns[name].alternative
        either = f" or {other}" if other else ""
        raise _FaultError(
            f"column {name}{either} of {table.name} is required; give its header,"
            ' or {constant: ""} where the report does not say it'
        )
    if adapter.settings.currency and "currency" not in table.columns:
        raise _FaultError(f"settings currency: {table.name} has no column currency")
    if adapter.settings.currency and "currency" in adapter.columns:
        raise _FaultError("currency is both in settings and in columns; keep one")
    zone = adapter.settings.time_zone
    if zone is not None and not _is_zone(zone):
        raise _FaultError(f"settings time_zone: {zone!r} is no IANA zone, such as Asia/Kolkata")
    for spelling in adapter.spellings().values():
        if spelling.lower() in BUILT_IN:
            raise _FaultError(
                f"header {spelling!r} has a name that expressions use for another thing"
            )
    for verb in adapter.columns.values():
        for choice in verb.first if isinstance(verb, First) else (verb,):
            if isinstance(choice, Origin) and choice.without is not None:
                _check_pattern(choice.without)
    is_shared = any(isinstance(verb, Share) for verb in adapter.columns.values())
    if adapter.order is None and (is_shared or adapter.of_line):
        raise _FaultError("'share' and 'of_line' need 'order', the header of the order's id")


def _check_pattern(pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise _FaultError(f"'without' {pattern!r} is no regular expression: {error}") from error


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


@cache
def _known_words() -> dict[str, tuple[str, ...]]:
    """The values of each coded field of `seeds/reference/value_synonyms.csv`."""
    words: dict[str, dict[str, None]] = {}
    with SYNONYMS.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            words.setdefault(row["field"], {})[row["value"]] = None
    return {field: tuple(values) for field, values in words.items()}


def _check_words(adapter: Adapter) -> None:
    fields = set(adapter.coded.values())
    for field, mapping in adapter.values.items():
        if field not in fields:
            raise _FaultError(f"values: {field!r} is no coded field of {adapter.table}")
        allowed = _known_words().get(field, ())
        for word, value in mapping.items():
            if value not in allowed:
                raise _FaultError(
                    f"values {field}: {word!r} means {value!r}; allowed: {', '.join(allowed)}"
                )
        keys = [_word_key(word) for word in mapping]
        twice = next(
            (word for word, key in zip(mapping, keys, strict=True) if keys.count(key) > 1), None
        )
        if twice is not None:
            raise _FaultError(f"values {field}: {twice!r} is there twice, in two spellings")


def _word_key(word: str) -> str:
    return "".join(letter for letter in word.lower() if letter not in BLANKS)


# -------------------------------------------------------------------------------- expressions


def _expressions(adapter: Adapter) -> Iterator[tuple[str, str]]:
    """Where an SQL expression stands, and its text."""
    for column, verb in adapter.columns.items():
        if isinstance(verb, Sql):
            yield column, verb.sql
        elif isinstance(verb, Share):
            if isinstance(verb.share, Sql):
                yield column, verb.share.sql
            if verb.by is not None:
                yield column, verb.by
    if adapter.ignore is not None:
        yield "ignore", adapter.ignore


def _check_expressions(adapter: Adapter, connection: Any) -> frozenset[str]:
    """Bind every expression as it will be; names of those that give a number with a fraction."""
    spelled = adapter.spellings()
    cells = [f"cast(null as varchar) as {_name(header)}" for header in spelled.values()]
    cells += [
        f"cast(null as decimal(18, 4)) as {_name(_amount_name(header))}"
        for header in spelled.values()
    ]
    row = f"select {', '.join(cells)}, 1 as {LINE}, cast(1 as bigint) as {RECORD}"
    numeric = set()
    for place, text in _expressions(adapter):
        try:
            expression = _expanded(text, spelled)
            _check_single(expression, connection)
            described = connection.execute(
                f"describe select (\n{expression}\n) as x from ({row})"
            ).fetchone()
        except duckdb.Error as error:
            reason = str(error).split("\n")[0]
            raise _FaultError(
                f"column {place}: SQL {text!r}: {reason}; headers go in double quotes and must be"
                " listed under headers, optional or a column"
            ) from error
        except _FaultError as problem:
            raise _FaultError(f"column {place}: SQL {text!r}: {problem.text}") from problem
        is_number = str(described[1]).startswith(NUMERIC_TYPES)
        if is_number and isinstance(adapter.columns.get(place), Sql):
            numeric.add(place)
    return frozenset(numeric)


def _check_single(expression: str, connection: Any) -> None:
    """One expression over the row: no further statement, no query of its own."""
    (text,) = connection.execute(
        "select json_serialize_sql(?)", [f"select (\n{expression}\n)"]
    ).fetchone()
    parsed = json.loads(text)
    if parsed["error"]:
        raise _FaultError(str(parsed["error_message"]).split("\n")[0])
    node = parsed["statements"][0]["node"]
    is_plain = (
        len(parsed["statements"]) == 1
        and node["type"] == "SELECT_NODE"
        and len(node["select_list"]) == 1
        and node["from_table"]["type"] == "EMPTY"
        and node["where_clause"] is None
        and not node["modifiers"]
    )
    if not is_plain or '"class":"SUBQUERY"' in text.replace(" ", ""):
        raise _FaultError("must be one expression without a query of its own")


def _expanded(text: str, spelled: Mapping[str, str]) -> str:
    """An expression with each `amount("Header")` as the name of that header's number."""
    names = {spelling.lower(): spelling for spelling in spelled.values()}

    def replace(call: re.Match[str]) -> str:
        argument = call.group(1)
        if argument is None:
            return call.group(0)  # a text
        header = _unquoted(argument)
        if header.lower() not in names:
            raise _FaultError(f"amount({argument}) is of no header that the adapter lists")
        return _name(_amount_name(names[header.lower()]))

    return AMOUNT_CALL.sub(replace, text)


def _unquoted(identifier: str) -> str:
    is_quoted = identifier.startswith('"')
    return identifier[1:-1].replace('""', '"') if is_quoted else identifier


def _amount_headers(adapter: Adapter) -> list[str]:
    """Headers whose numbers expressions and shares use, as spelled in the adapter."""
    spelled = adapter.spellings()
    names = {spelling.lower(): spelling for spelling in spelled.values()}
    used: dict[str, None] = {}
    for _, text in _expressions(adapter):
        for call in AMOUNT_CALL.finditer(text):
            if call.group(1) is not None:
                used[names[_unquoted(call.group(1)).lower()]] = None
    for verb in adapter.columns.values():
        if isinstance(verb, Share) and isinstance(verb.share, str):
            used[spelled[header_key(verb.share)]] = None
    return list(used)


def _amount_name(header: str) -> str:
    return f"amount of {header}"


# ------------------------------------------------------------------------------- recognising


def claim(adapters: Sequence[Adapter], names: Sequence[str]) -> Adapter | None:
    """The adapter that reads a file.

    Args:
        adapters: The adapters.
        names: The file's headers.

    Returns:
        Of those whose headers are all there, one of the latest folder, with the most headers;
        none where no adapter's headers are all there.

    Raises:
        AdapterError: If two adapters are equally good, or two headers mean the same.
    """
    keys = {header_key(name) for name in names}
    fitting = [
        adapter
        for adapter in adapters
        if not _lacking(adapter, keys) and not _keys(adapter.without) & keys
    ]
    if not fitting:
        return None
    best = max(_goodness(adapter) for adapter in fitting)
    first, *others = [adapter for adapter in fitting if _goodness(adapter) == best]
    if others:
        raise AdapterError(
            f"adapters {first.name} and {others[0].name} both read a file with these headers;"
            " remove one, or name one more header under its 'headers'"
        )
    _stop_at_twins(first, names)
    return first


def _stop_at_twins(adapter: Adapter, names: Sequence[str]) -> None:
    """Stop where two of a file's headers are the same one of the adapter's."""
    first_of: dict[str, str] = {}
    spelled = adapter.spellings()
    for name in names:
        key = header_key(name)
        if key in spelled and key in first_of:
            raise AdapterError(
                f"the headers {first_of[key]!r} and {name!r} both mean {spelled[key]!r} of the"
                f" adapter {adapter.name}; rename or remove one of them"
            )
        first_of.setdefault(key, name)


def nearest(
    adapters: Sequence[Adapter], names: Sequence[str]
) -> tuple[Adapter, tuple[str, ...]] | None:
    """The adapter that almost reads a file.

    Args:
        adapters: The adapters.
        names: The file's headers.

    Returns:
        The adapter of whose headers the largest share is there, and those that are not (none of
        them where the file has a header that the adapter excludes); null where no header of any
        adapter is there.
    """
    keys = {header_key(name) for name in names}

    def share(adapter: Adapter) -> tuple[float, int]:
        there = len(adapter.headers) - len(_lacking(adapter, keys))
        return there / len(adapter.headers), there

    best = max(adapters, key=share, default=None)
    if best is None or share(best)[1] == 0:
        return None
    return best, tuple(" or ".join(entry) for entry in _lacking(best, keys))


def _lacking(adapter: Adapter, keys: set[str]) -> list[tuple[str, ...]]:
    """Entries of the adapter's signature of which no header is there."""
    return [entry for entry in adapter.headers if not _keys(entry) & keys]


def column_of(adapter: Adapter, header: str) -> str | None:
    """The column that a header feeds.

    Args:
        adapter: The adapter.
        header: A header of one of its files.

    Returns:
        The first column that is made of it; null where none is.
    """
    key = header_key(header)
    for column, verb in adapter.columns.items():
        if key in _keys(_headers_of(verb)):
            return column
    if adapter.settings.currency_header and key == header_key(adapter.settings.currency_header):
        return "currency"
    spelling = adapter.spellings().get(key)
    if spelling is None:
        return None
    quoted = {_name(spelling).lower(), spelling.lower() if spelling.isidentifier() else None}
    for place, text in _expressions(adapter):
        if place != "ignore" and any(word and word in text.lower() for word in quoted):
            return place
    return None


def _keys(names: Iterable[str]) -> set[str]:
    return {header_key(name) for name in names}


def _goodness(adapter: Adapter) -> tuple[int, int]:
    return adapter.rank, len(adapter.headers)


def _headers_of(verb: Verb) -> list[str]:
    """The headers that a verb names outside SQL."""
    match verb:
        case Header():
            return [verb.header]
        case Key():
            return list(verb.key)
        case Share():
            return [verb.share] if isinstance(verb.share, str) else []
        case First():
            return [choice.header for choice in verb.first if isinstance(choice, Header)]
        case _:
            return []


# ------------------------------------------------------------------------------------ reading


def adapter_select(
    adapter: Adapter, records: Records, file: str, file_number: int, columns: Sequence[str]
) -> str:
    """The query that reads one file as rows of the adapter's table.

    Args:
        adapter: The adapter.
        records: The file's records.
        file: Its name below the folder of exports.
        file_number: Its number among the files of the table.
        columns: Columns of the table, in order.

    Returns:
        A query with file, file_number, record_number, row_hash and these columns as text.
    """
    spelled = adapter.spellings()
    cells: dict[str, str] = {}
    for name, cell in zip(records.names, records.cells, strict=True):
        cells.setdefault(header_key(name), cell)
    hashed = cells_of_the_record(records, [header_key(name) in spelled for name in records.names])
    headers = [
        f"{_trimmed(cells[key]) if key in cells else 'cast(null as varchar)'} as {_name(spelling)}"
        for key, spelling in spelled.items()
    ]
    steps = {
        "cells": f"select cast({records.record_number} as bigint) as {RECORD},"
        f" hash({', '.join(hashed)}) as {HASH}, {', '.join(headers)}"
        f" from {records.reader}",
        "lines": _lines(adapter, spelled),
        "amounts": _amounts(adapter),
        "weights": _weights(adapter, spelled),
    }
    ctes = ", ".join(f"{name} as ({select})" for name, select in steps.items())
    outputs = [f"{_column(adapter, name, file, spelled)} as {_name(name)}" for name in columns]
    # Wrapped, so that it can be one part of a union.
    return (
        f"select * from (with {ctes} select {_text(file)} as file, {file_number} as file_number,"
        f" {RECORD}, {HASH}, {', '.join(outputs)} from weights) as records"
    )


def _lines(adapter: Adapter, spelled: Mapping[str, str]) -> str:
    """Records numbered within their order, with what the order's first record says."""
    if adapter.order is None:
        return f"select *, 1 as {LINE} from cells"
    own = _keys([*adapter.of_line, adapter.order])
    if ALL in adapter.of_line:
        own |= spelled.keys()
    filled = [
        f"coalesce({_name(spelling)}, first_value({_name(spelling)}) over one_order)"
        f" as {_name(spelling)}"
        for key, spelling in spelled.items()
        if key not in own
    ]
    replaced = f" replace ({', '.join(filled)})" if filled else ""
    keyed = f"select *, {_order_key(adapter, spelled)} as {ORDER_KEY} from cells"
    return (
        f"select *{replaced}, row_number() over one_order as {LINE} from ({keyed})"
        f" window one_order as (partition by {ORDER_KEY} order by {RECORD})"
    )


def _order_key(adapter: Adapter, spelled: Mapping[str, str]) -> str:
    """What records of one order share; a record without an order's id is alone."""
    order = _name(spelled[header_key(adapter.order or "")])
    return f"coalesce({_filled(order)}, chr(0) || {RECORD})"


def _amounts(adapter: Adapter) -> str:
    is_comma = adapter.settings.decimal == "comma"
    numbers = [
        f"{amount_sql(_name(header), is_comma)} as {_name(_amount_name(header))}"
        for header in _amount_headers(adapter)
    ]
    return f"select {', '.join(['*', *numbers])} from lines"


def _weights(adapter: Adapter, spelled: Mapping[str, str]) -> str:
    """How far the order is shared out with each line and before it, for each kind of weight."""
    kinds = _kinds_of_weight(adapter)
    if not kinds:
        return "select * from amounts"
    weights, sums = [], []
    for number, by in enumerate(kinds):
        weight = _name(f"weight {number}")
        text = _expanded(by, spelled)
        weights.append(
            f"cast(greatest(coalesce((\n{text}\n), 0), 0) as decimal(18, 4)) as {weight}"
        )
        so_far, total = f"sum({weight}) over so_far", f"sum({weight}) over whole_order"
        even = f"cast({LINE} as double)"
        sums += [
            f"case when {total} > 0 then {so_far} / {total}"
            f" else {even} / count(*) over whole_order end as {_name(f'up to {number}')}",
            f"case when {total} > 0 then ({so_far} - {weight}) / {total}"
            f" else ({even} - 1) / count(*) over whole_order end as {_name(f'before {number}')}",
        ]
    one_order = f"partition by {ORDER_KEY} order by {RECORD} rows between unbounded preceding and"
    return (
        f"select *, {', '.join(sums)} from (select *, {', '.join(weights)} from amounts)"
        f" window so_far as ({one_order} current row),"
        f" whole_order as ({one_order} unbounded following)"
    )


def _kinds_of_weight(adapter: Adapter) -> list[str]:
    """The different weights by which money is shared out."""
    shares = [verb for verb in adapter.columns.values() if isinstance(verb, Share)]
    return list(dict.fromkeys(_weight_of(share) for share in shares))


def _weight_of(share: Share) -> str:
    return share.by or "1"


def _column(adapter: Adapter, name: str, file: str, spelled: Mapping[str, str]) -> str:
    """The text of one column of the table."""
    if name == "currency" and name not in adapter.columns and adapter.settings.currency:
        header = adapter.settings.currency_header
        if header is None:
            value = _text(adapter.settings.currency)
        else:
            value = _name(spelled[header_key(header)])
    elif name in adapter.columns:
        value = _value(adapter, name, adapter.columns[name], file, spelled)
    else:
        return "cast(null as varchar)"
    if name in adapter.coded:
        value = _mapped(value, adapter.values[adapter.coded[name]])
    if adapter.ignore is not None:
        ignored = f"coalesce((\n{_expanded(adapter.ignore, spelled)}\n), false)"
        value = f"case when not {ignored} then {value} end"
    return f"cast({value} as varchar)"


def _value(adapter: Adapter, column: str, verb: Verb, file: str, spelled: Mapping[str, str]) -> str:
    match verb:
        case Header():
            return _name(spelled[header_key(verb.header)])
        case Constant():
            return _constant(verb.constant)
        case Origin():
            return _constant(_origin(verb, file))
        case Key():
            return _first([_name(spelled[header_key(header)]) for header in verb.key])
        case First():
            return _first([_value(adapter, column, item, file, spelled) for item in verb.first])
        case Share():
            number = _kinds_of_weight(adapter).index(_weight_of(verb))
            return _marked(adapter, _shared(verb, number, spelled))
        case Sql():
            expression = f"(\n{_expanded(verb.sql, spelled)}\n)"
            is_number = column in adapter.numeric
            return _marked(adapter, _short(expression)) if is_number else expression


def _shared(verb: Share, number: int, spelled: Mapping[str, str]) -> str:
    """The line's money: what the lines up to it have, less what those before it have.

    Rounding the running sums and not the shares makes the lines add up to the order exactly. An
    amount that cannot be read stays as it is, to be rejected with its text.
    """
    if isinstance(verb.share, Sql):
        money, written = f"(\n{_expanded(verb.share.sql, spelled)}\n)", "null"
    else:
        header = spelled[header_key(verb.share)]
        money, written = _name(_amount_name(header)), _name(header)
    up_to, before = _name(f"up to {number}"), _name(f"before {number}")
    rounded = f"round(cast({money} as decimal(18, 4)), 2)"
    share = f"round({rounded} * {up_to}, 2) - round({rounded} * {before}, 2)"
    return f"coalesce(cast(cast({share} as decimal(18, 2)) as varchar), {written})"


def _marked(adapter: Adapter, number: str) -> str:
    """A number as text, with the decimal mark that the adapter's files have."""
    written = f"cast({number} as varchar)"
    return f"replace({written}, '.', ',')" if adapter.settings.decimal == "comma" else written


def _short(number: str) -> str:
    """A decimal number without zeros at its end."""
    written = f"cast({number} as varchar)"
    short = f"rtrim(rtrim({written}, '0'), '.')"
    return f"case when contains({written}, '.') then {short} else {written} end"


def _first(values: Sequence[str]) -> str:
    return f"coalesce({', '.join(_filled(value) for value in values)})"


def _filled(value: str) -> str:
    """The value; null where it is a word for nothing."""
    nothing = ", ".join(_text(word) for word in NOTHING)
    return f"case when lower({value}) not in ({nothing}) then {value} end"


def _origin(verb: Origin, file: str) -> str:
    path = PurePosixPath(file)
    part = path.parent.name if verb.source == "folder" else path.name.split(".")[0]
    return re.sub(verb.without, "", part, count=1).strip() if verb.without else part


def _mapped(value: str, mapping: Mapping[str, str]) -> str:
    """The value, or what the mapping makes of it."""
    pairs = ", ".join(
        f"{_text(_word_key(word))}: {_text(meaning)}" for word, meaning in mapping.items()
    )
    key = f"translate(lower({value}), {_text(BLANKS)}, '')"
    return f"coalesce(map {{{pairs}}}[{key}], {value})" if pairs else value


def amount_sql(text: str, is_comma: bool = False) -> str:
    """The SQL of a number in a cell that may hold thousands marks and a currency.

    Args:
        text: SQL of the cell.
        is_comma: Whether the mark before the fraction is a comma.

    Returns:
        SQL of a decimal; null where there is no number.
    """
    thousands, mark = (".", ",") if is_comma else (",", ".")
    dense = rf"regexp_replace({text}, '[\s\x{{00a0}}\x{{202f}}''’]', '', 'g')"
    digits = f"replace(regexp_extract({dense}, '[0-9][0-9.,]*'), '{thousands}', '')"
    number = f"try_cast(replace({digits}, '{mark}', '.') as decimal(18, 4))"
    sign = f"case when regexp_matches({text}, '^[^0-9]*[-−(]') then -1 else 1 end"
    careful = f"cast({sign} * {number} as decimal(18, 4))"
    return careful if is_comma else f"coalesce(try_cast({text} as decimal(18, 4)), {careful})"


def _trimmed(cell: str) -> str:
    """The cell without blanks at its ends, by the quick function; staging takes the others off."""
    return f"nullif(trim(cast({cell} as varchar)), '')"


def _constant(text: str) -> str:
    return _text(text) if text else "cast(null as varchar)"


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _text(value: str | None) -> str:
    return "'" + (value or "").replace("'", "''") + "'"
