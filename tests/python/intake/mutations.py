"""Small good exports, and the same exports as other people would have written them.

A world is one retailer's exports with a prefix of its own in every id, name and code, so that many
worlds can be built at once and told apart afterwards. A mutation changes how a world is written,
never what it says.
"""

import csv
import gzip
import io
import json
import re
import urllib.parse
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TypeAlias

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from tests.python.support import PROJECT

Record: TypeAlias = dict[str, str]
Table: TypeAlias = list[Record]
World: TypeAlias = dict[str, Table]

VARIANTS = 4
FIRST_DAY = date(2025, 4, 1)
# Region, and how other systems write it.
STATES = {
    "Maharashtra": ("MH", "IN-MH", "MAHARASHTRA", "maharashtra "),
    "Karnataka": ("KA", "IN-KA", "karnataka"),
    "Tamil Nadu": ("TN", "IN-TN", "TAMIL NADU", "Tamilnadu", "tamil-nadu"),
    "Odisha": ("OR", "OD", "Orissa", "ODISHA"),
}
SOURCES = (("google", "organic"), ("google", "cpc"), ("direct", ""), ("newsletter", "email"))
NOTHING = ("-", "--", "NA", "N/A", "nil", "null", "None", "n.a.", "(not set)", "#N/A")
MONEY = ("revenue", "discount", "refunded_amount", "total_payout", "rate")
DATES = ("date", "event_date", "paid_date", "start_date", "end_date")
BLANKS = ("", " ", "  ", "\u00a0")
MAY_BE_NOTHING = ("coupon_code", "influencer_id", "campaign", "medium", "refunded_amount")
EXPORTED_TABLES = ("influencers", "tracking_data", "posts", "payouts")
IST = timedelta(hours=5, minutes=30)
EXCEL_DAY_0 = date(1899, 12, 30)
LAST_AMBIGUOUS_DAY = 12


# --- the good export ------------------------------------------------------------------------------


def world(prefix: str, variant: int) -> World:
    """The good exports of one retailer.

    Args:
        prefix: In every id, name and code, such as W007.
        variant: Which of the retailers; the same variant says the same under every prefix.

    Returns:
        Records by raw table, cells as Helios' own documentation writes them.
    """
    rng = Random(variant)
    return {
        "influencers": _influencers(prefix, rng),
        "campaigns": _campaigns(prefix),
        "products": _products(prefix),
        "posts": _posts(prefix, rng),
        "payouts": _payouts(prefix, rng),
        "tracking_data": _orders(prefix, rng),
    }


def shared_tables() -> World:
    """What all worlds have in common: the regions."""
    return {"regions": [{"region": state, "population": "1000000"} for state in STATES]}


def _influencers(prefix: str, rng: Random) -> Table:
    people = (("Asha", "Instagram"), ("Vikram", "YouTube"), ("Zoë", "Instagram"))
    return [
        {
            "influencer_id": f"{prefix}-I{number}",
            "name": f"{name} Rao, {prefix}",
            "platform": platform,
            "category": "Fitness",
            "gender": rng.choice(["Female", "Male"]),
            "follower_count": str(rng.randrange(2_000, 900_000)),
            "handle": f"@{prefix.lower()}.{name.lower().replace('ë', 'e')}",
            "coupon_codes": f"{prefix}{name.upper().replace('Ë', 'E')}10",
        }
        for number, (name, platform) in enumerate(people, 1)
    ]


def _campaigns(prefix: str) -> Table:
    return [
        {
            "campaign_id": f"{prefix}-CMP1",
            "name": f"{prefix} Summer Glow 25",
            "brand": f"{prefix} MuscleBlaze",
            "start_date": "2025-04-10",
            "end_date": "2025-05-20",
        },
        {
            "campaign_id": f"{prefix}-CMP2",
            "name": f"{prefix} Rentrée d'été",
            "brand": f"{prefix} True Basics",
            "start_date": "2025-05-01",
            "end_date": "2025-06-15",
        },
    ]


def _products(prefix: str) -> Table:
    brands = (f"{prefix} MuscleBlaze", f"{prefix} True Basics")
    names = ("Whey 1kg", "Crème Shake", "Multivit 90", "Shaker")
    return [
        {
            "product": f"{prefix} {name}",
            "brand": brands[place % 2],
            "list_price": f"{900 + 250 * place}.00",
            "unit_cost": f"{400 + 90 * place}.50",
        }
        for place, name in enumerate(names)
    ]


def _posts(prefix: str, rng: Random) -> Table:
    return [
        {
            "post_id": f"{prefix}-P{number}",
            "influencer_id": f"{prefix}-I{1 + number % 3}",
            "date": _day(rng),
            "url": f"https://example.org/{prefix}/{number}",
            "caption": rng.choice(['Day 1, "strong"', "Crème & whey; new", "First\nsecond"]),
            "reach": str(rng.randrange(500, 60_000)),
            "likes": str(rng.randrange(5, 900)),
            "campaign": rng.choice([f"{prefix}-CMP1", f"{prefix}-CMP2", ""]),
        }
        for number in range(1, 9)
    ]


def _payouts(prefix: str, rng: Random) -> Table:
    return [
        {
            "payout_id": f"{prefix}-PO{number}",
            "influencer_id": f"{prefix}-I{1 + number % 3}",
            "campaign": f"{prefix}-CMP{1 + number % 2}",
            "basis": "post",
            "rate": "2500.00",
            "rate_unit": "per post",
            "posts": "2",
            "total_payout": "5000.00",
            "event_date": _day(rng),
            "paid_date": "",
            "status": rng.choice(["accrued", "due", "reversed"]),
        }
        for number in range(1, 6)
    ]


def _orders(prefix: str, rng: Random) -> Table:
    products = _products(prefix)
    records = []
    for number in range(1, 31):
        day, state = _day(rng), rng.choice(sorted(STATES))
        source, medium = rng.choice(SOURCES)
        person = rng.choice([0, 0, 1, 2, 3])
        code = ("", "ASHA10", "VIKRAM10", "ZOE10")[person]
        status = rng.choice(["completed"] * 6 + ["returned", "refused", "cancelled"])
        for line in range(1, rng.choice([2, 2, 2, 3])):
            product = rng.choice(products)
            revenue = rng.randrange(300_00, 4_000_00)
            records.append(
                {
                    "transaction_id": f"{prefix}-{1000 + number}",
                    "line_id": str(line),
                    "source": source,
                    "medium": medium,
                    "campaign": rng.choice([f"{prefix}-CMP1", ""]) if person else "",
                    "influencer_id": f"{prefix}-I{person}" if person and number % 2 else "",
                    "coupon_code": f"{prefix}{code}" if person else "",
                    "product": product["product"],
                    "brand": product["brand"],
                    "date": day,
                    "orders": "1",
                    "revenue": f"{revenue // 100}.{revenue % 100:02}",
                    "discount": f"{rng.randrange(0, 200)}.50",
                    "refunded_amount": "",
                    "region": state,
                    "status": status,
                    "is_new_customer": rng.choice(["yes", "no"]),
                }
            )
    return records


def _day(rng: Random) -> str:
    return (FIRST_DAY + timedelta(rng.randrange(0, 75))).isoformat()


# --- what may be written otherwise ----------------------------------------------------------------


@dataclass(frozen=True)
class Form:
    """How a file is written."""

    suffix: str
    encoding: str
    line_end: str
    delimiter: str
    quotes_all: bool
    titles: int
    names_delimiter: bool
    ends_open: bool
    blank_lines: bool


@dataclass(frozen=True)
class Mutation:
    """How a world is written otherwise. `seed` draws what differs cell by cell."""

    variant: int
    seed: int
    tables: frozenset[str]
    spelled: frozenset[str]
    form: Form
    dates: str
    amounts: str
    headers: bool
    files: str
    shuffled: bool
    copies: bool
    nothing: bool
    blanks: bool
    extra_columns: bool
    moved_columns: bool
    by_handle: bool


CLEAN_FORM = Form(".csv", "utf-8", "\n", ",", False, 0, False, False, False)

DATE_FORMS = (
    "%Y-%m-%d",
    "%d/%m/%Y",
    "%d-%m-%Y",
    "%d.%m.%Y",
    "%d-%m-%y",
    "%m/%d/%Y",
    "%d-%b-%Y",
    "%d %B %Y",
    "%b %d, %Y",
    "%Y%m%d",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %I:%M %p",
    "%Y-%m-%d %H:%M:%S",
    "utc",
    "offset",
    "serial",
)
AMOUNT_FORMS = ("plain", "commas", "lakhs", "rupee", "rs", "inr", "slash", "comma")
SPELLED = ("brand", "campaign", "product", "region", "source", "coupon_code", "influencer_id")

forms = st.builds(
    Form,
    suffix=st.sampled_from([".csv"] * 6 + [".tsv", ".txt", ".csv.gz", ".xlsx", ".parquet", ".CSV"]),
    encoding=st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-be-bom", "cp1252"]),
    line_end=st.sampled_from(["\n", "\r\n", "\r", "mixed"]),
    delimiter=st.sampled_from([",", ",", ",", ";", "\t", "|"]),
    quotes_all=st.booleans(),
    titles=st.sampled_from([0, 0, 0, 1, 3]),
    names_delimiter=st.sampled_from([False, False, False, True]),
    ends_open=st.booleans(),
    blank_lines=st.sampled_from([False, False, True]),
)
mutations = st.builds(
    Mutation,
    variant=st.integers(0, VARIANTS - 1),
    seed=st.integers(0, 2**32 - 1),
    tables=st.frozensets(st.sampled_from(EXPORTED_TABLES), min_size=1),
    spelled=st.frozensets(st.sampled_from(SPELLED)),
    form=forms,
    dates=st.sampled_from(DATE_FORMS),
    amounts=st.sampled_from(AMOUNT_FORMS),
    headers=st.booleans(),
    files=st.sampled_from(["one", "one", "split", "overlap", "again"]),
    shuffled=st.booleans(),
    copies=st.booleans(),
    nothing=st.booleans(),
    blanks=st.booleans(),
    extra_columns=st.booleans(),
    moved_columns=st.booleans(),
    by_handle=st.booleans(),
)


# --- writing --------------------------------------------------------------------------------------


def write_world(folder: Path, prefix: str, mutation: Mutation) -> list[str]:
    """Write the exports of a world as a mutation has them.

    Args:
        folder: Of the exports of all worlds; a table's files go into its folder.
        prefix: Of the world.
        mutation: How they are written.

    Returns:
        Names of the files, below the folder.
    """
    written = []
    for raw_table, records in world(prefix, mutation.variant).items():
        mutated = raw_table in mutation.tables
        rng = Random(f"{mutation.seed} {raw_table}")
        files = _files(records, mutation, rng) if mutated else [records]
        for number, part in enumerate(files):
            form = mutation.form if mutated else CLEAN_FORM
            # By value 9 comes before 10, by letter after it.
            name = f"{raw_table}/{prefix}-2025-{9 + number}{form.suffix}"
            header, rows = _sheet(raw_table, part, mutation, rng) if mutated else _plain(part)
            write_file(folder / name, header, rows, form, rng)
            written.append(name)
    return written


def write_clean(folder: Path, prefix: str, variant: int) -> None:
    """Write the exports of a world as they are documented."""
    for raw_table, records in world(prefix, variant).items():
        header, rows = _plain(records)
        write_file(folder / raw_table / f"{prefix}.csv", header, rows, CLEAN_FORM, Random(variant))


def write_shared(folder: Path) -> None:
    """Write what all worlds have in common."""
    for raw_table, records in shared_tables().items():
        header, rows = _plain(records)
        write_file(folder / raw_table / "all.csv", header, rows, CLEAN_FORM, Random(0))


def _plain(records: Table) -> tuple[list[str], list[list[str]]]:
    header = list(records[0])
    return header, [[record[name] for name in header] for record in records]


def _files(records: Table, mutation: Mutation, rng: Random) -> list[Table]:
    """The records of each file; the last one with a record says what is true now."""
    if mutation.files == "one":
        return [list(records)]
    cut = rng.randrange(1, len(records))
    if mutation.files == "split":
        return [records[:cut], records[cut:]]
    if mutation.files == "overlap":
        return [
            [_older(record, rng) for record in records[:cut]],
            records[: cut + 1],
            records[cut:],
        ]
    return [[_older(record, rng) for record in records], list(records)]


def _older(record: Record, rng: Random) -> Record:
    """A record as an earlier export had it: before its refund, with less reach, not yet paid."""
    before = dict(record)
    if "transaction_id" in record:
        before["status"] = "completed"
        before["refunded_amount"] = rng.choice(["", "0.00"])
    elif "reach" in record:
        before["reach"], before["likes"] = str(int(record["reach"]) // 2), "1"
    elif "total_payout" in record:
        before["status"], before["total_payout"] = "accrued", "4000.00"
    else:
        before["follower_count"] = str(int(record["follower_count"]) // 2)
    return before


def _sheet(
    raw_table: str, records: Table, mutation: Mutation, rng: Random
) -> tuple[list[str], list[list[str]]]:
    """Header and rows of one file of a mutated table."""
    columns = list(records[0])
    written = [_respelled(record, mutation, rng) for record in records]
    written = _in_forms(written, mutation, rng)
    if mutation.by_handle and raw_table == "posts":
        columns = ["handle" if name == "influencer_id" else name for name in columns]
        written = [_by_handle(record, rng) for record in written]
    if mutation.nothing:
        written = [
            {
                name: rng.choice(NOTHING) if not cell and name in MAY_BE_NOTHING else cell
                for name, cell in record.items()
            }
            for record in written
        ]
    if mutation.blanks:
        written = [
            {name: _with_blanks(cell, rng) for name, cell in record.items()} for record in written
        ]
    if mutation.moved_columns:
        rng.shuffle(columns)
    header = [_header(raw_table, name, rng) if mutation.headers else name for name in columns]
    rows = [[record[name] for name in columns] for record in written]
    if mutation.extra_columns:
        header = [*header, "Internal remark"]
        rows = [[*row, rng.choice(["", "checked", "ok; by Ravi"])] for row in rows]
    if mutation.copies:
        rows = [*rows, *(list(rng.choice(rows)) for _ in range(2))]
    if mutation.shuffled:
        rng.shuffle(rows)
    return header, rows


# --- cells ----------------------------------------------------------------------------------------


def _respelled(record: Record, mutation: Mutation, rng: Random) -> Record:
    spelled = dict(record)
    for column in mutation.spelled:
        # The list of influencers is where an id and a name are shown as they are.
        is_key = column == "influencer_id" and "follower_count" in record
        if record.get(column) and not is_key:
            spelled[column] = RESPELL[column](record[column], rng)
    return spelled


def _name(text: str, rng: Random) -> str:
    """A name in other case and with other signs between its words."""
    return rng.choice(
        [
            text.upper(),
            text.lower(),
            text.replace(" ", "  "),
            text.replace(" ", "-"),
            text.replace(" ", "_").lower(),
            text,
        ]
    )


def _campaign(text: str, rng: Random) -> str:
    """A campaign by its id or its name, as links write it."""
    if not text.endswith("-CMP1"):
        return rng.choice([text, text.lower()])
    name = text.replace("-CMP1", " Summer Glow 25")
    return rng.choice(
        [text, text.lower(), _name(name, rng), urllib.parse.quote(name), name.replace(" ", "+")]
    )


def _region(text: str, rng: Random) -> str:
    return rng.choice([text, *STATES[text]])


def _source(text: str, rng: Random) -> str:
    return rng.choice([text, text.upper(), text.title()])


def _code(text: str, rng: Random) -> str:
    """A code beside others, or as systems wrap codes."""
    return rng.choice(
        [
            text,
            text.lower(),
            f"'{text}",
            f"WELCOME5, {text}",
            f"{text}; FREESHIP",
            f"{text}\u200b",
            f"\u200e{text}",
            json.dumps([text]),
            f"{text}\nFREESHIP",
        ]
    )


def _id(text: str, rng: Random) -> str:
    return rng.choice([text, text.lower(), f"'{text}"])


RESPELL: Mapping[str, Callable[[str, Random], str]] = {
    "brand": _name,
    "campaign": _campaign,
    "product": _name,
    "region": _region,
    "source": _source,
    "coupon_code": _code,
    "influencer_id": _id,
}


def _by_handle(record: Record, rng: Random) -> Record:
    """A post that names its account, as exports of platforms do."""
    owner = record["influencer_id"].strip("'").upper()
    prefix, number = owner.split("-I")
    handle = f"{prefix.lower()}.{('asha', 'vikram', 'zoe')[int(number) - 1]}"
    written = rng.choice(
        [handle, f"@{handle}", handle.upper(), f"https://www.instagram.com/{handle}/"]
    )
    return {name: cell for name, cell in record.items() if name != "influencer_id"} | {
        "handle": written
    }


def _with_blanks(cell: str, rng: Random) -> str:
    return rng.choice(BLANKS) + cell + rng.choice(BLANKS)


def _in_forms(records: Table, mutation: Mutation, rng: Random) -> Table:
    """Records with their dates and amounts in the forms of the mutation."""
    written = [dict(record) for record in records]
    for column in records[0]:
        cells = [record[column] for record in records]
        if column in DATES:
            cells = _dates(cells, mutation.dates, rng)
        elif column in MONEY:
            cells = [_amount(cell, mutation.amounts, rng) for cell in cells]
        for record, cell in zip(written, cells, strict=True):
            record[column] = cell
    return written


def _dates(cells: Sequence[str], form: str, rng: Random) -> list[str]:
    """Days of one column in one form; month first only where the column shows it."""
    days = [date.fromisoformat(cell) if cell else None for cell in cells]
    shows_order = any(day is not None and day.day > LAST_AMBIGUOUS_DAY for day in days)
    if form.startswith("%m/%d") and not shows_order:
        form = "%Y-%m-%d"
    return ["" if day is None else _date(day, form, rng) for day in days]


def _date(day: date, form: str, rng: Random) -> str:
    moment = datetime(day.year, day.month, day.day) + timedelta(minutes=rng.randrange(24 * 60))
    if form == "utc":
        return (moment - IST).strftime("%Y-%m-%dT%H:%M:%SZ")
    if form == "offset":
        return moment.strftime("%Y-%m-%d %H:%M:%S +0530")
    if form == "serial":
        return str((day - EXCEL_DAY_0).days)
    return moment.strftime(form)


def _amount(cell: str, form: str, rng: Random) -> str:
    if not cell:
        return cell
    rupees, paise = cell.split(".")
    grouped = {
        "commas": f"{int(rupees):,}",
        "lakhs": re.sub(r"(?<=\d)(?=(\d{2})*\d{3}$)", ",", rupees),
        "comma": f"{int(rupees):,}".replace(",", "."),
    }.get(form, rupees)
    written = f"{grouped},{paise}" if form == "comma" else f"{grouped}.{paise}"
    if form == "slash" and paise == "00":
        return f"{rupees}/-"
    before = {"rupee": "₹", "rs": rng.choice(["Rs. ", "Rs ", "Rs."])}.get(form, "")
    return f"{before}{written}{' INR' if form == 'inr' else ''}"


# --- headers --------------------------------------------------------------------------------------


def _synonyms() -> dict[tuple[str, str], list[str]]:
    """Spellings of headers by raw table and column, the column's own name among them."""
    known: dict[tuple[str, str], list[str]] = {}
    path = PROJECT / "seeds/reference/column_synonyms.csv"
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            spellings = known.setdefault((row["raw_table"], row["column_name"]), [])
            spellings.append(row["spelling"])
    return known


SYNONYMS = _synonyms()


def _header(raw_table: str, column: str, rng: Random) -> str:
    """A header as others write it: another spelling, case, blanks, a star, a unit."""
    spelling = rng.choice([column, *SYNONYMS.get((raw_table, column), [])])
    spelling = rng.choice([spelling, spelling.replace("_", " "), spelling.replace("_", "\u00a0")])
    spelling = rng.choice([spelling, spelling.title(), spelling.upper(), f" {spelling} "])
    unit = rng.choice(["", " (INR)", " [₹]"]) if column in MONEY else ""
    return f"{spelling}{unit}{rng.choice(['', '', '*', ':'])}"


# --- files ----------------------------------------------------------------------------------------


def write_file(
    path: Path, header: Sequence[str], rows: Iterable[Sequence[str]], form: Form, rng: Random
) -> None:
    """Write one file in a form."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet = [list(row) for row in rows]
    if form.suffix == ".parquet":
        columns = [_typed_column([row[place] for row in sheet]) for place in range(len(header))]
        pq.write_table(pa.table(columns, names=list(header)), path)
    elif form.suffix == ".xlsx":
        titles = [["Report"] + [""] * (len(header) - 1)] * form.titles
        typed = [[_typed(cell) for cell in row] for row in sheet]
        pd.DataFrame([*titles, list(header), *typed]).to_excel(path, header=False, index=False)
    else:
        content = _encoded(_text(header, sheet, form, rng), form.encoding)
        path.write_bytes(gzip.compress(content) if form.suffix.endswith(".gz") else content)


def _typed(cell: str) -> str | float | date:
    """A cell as a spreadsheet keeps it: numbers and days are no text."""
    if re.fullmatch(r"\d+\.\d{2}", cell):
        return float(cell)
    return date.fromisoformat(cell) if re.fullmatch(r"\d{4}-\d\d-\d\d", cell) else cell


def _typed_column(cells: Sequence[str]) -> pa.Array:
    """A column of a Parquet file: of numbers or days where all its cells are."""
    typed = [_typed(cell) for cell in cells if cell]
    if any(isinstance(cell, str) for cell in typed):
        return pa.array([cell or None for cell in cells], pa.string())
    return pa.array([_typed(cell) if cell else None for cell in cells])


def _text(header: Sequence[str], rows: Sequence[Sequence[str]], form: Form, rng: Random) -> str:
    delimiter = "\t" if form.suffix == ".tsv" else form.delimiter
    buffer = io.StringIO()
    writer = csv.writer(
        buffer,
        delimiter=delimiter,
        quoting=csv.QUOTE_ALL if form.quotes_all else csv.QUOTE_MINIMAL,
        lineterminator="\n",
    )
    if form.names_delimiter:
        buffer.write(f"sep={delimiter}\n")
    titles = [["Orders report"], ["From 01-04-2025"], []][: form.titles]
    writer.writerows([*titles, list(header), *rows])
    if form.blank_lines:
        buffer.write("\n\n")
    text = buffer.getvalue()
    return _with_line_ends(text.rstrip("\n") if form.ends_open else text, form.line_end, rng)


def _with_line_ends(text: str, line_end: str, rng: Random) -> str:
    if line_end != "mixed":
        return text.replace("\n", line_end)
    return re.sub("\n", lambda _: rng.choice(["\n", "\r\n"]), text)


def _encoded(text: str, encoding: str) -> bytes:
    if encoding == "utf-16-be-bom":
        return b"\xfe\xff" + text.encode("utf-16-be")
    if encoding == "cp1252":
        # The code page has no rupee sign and no invisible marks.
        plain = text.replace("₹", "Rs ").translate(dict.fromkeys([0x200B, 0x200E]))
        return plain.encode("cp1252")
    return text.encode(encoding)


def unmutated(variant: int) -> Mutation:
    """The mutation that changes nothing, to change one thing of."""
    return Mutation(
        variant=variant,
        seed=0,
        tables=frozenset(EXPORTED_TABLES),
        spelled=frozenset(),
        form=CLEAN_FORM,
        dates="%Y-%m-%d",
        amounts="plain",
        headers=False,
        files="one",
        shuffled=False,
        copies=False,
        nothing=False,
        blanks=False,
        extra_columns=False,
        moved_columns=False,
        by_handle=False,
    )


def described(mutation: Mutation) -> str:
    """What a mutation changes, as code that makes it anew."""
    plain = unmutated(mutation.variant)
    changed = [
        f"{field.name}={getattr(mutation, field.name)!r}"
        for field in fields(mutation)
        if getattr(mutation, field.name) != getattr(plain, field.name)
    ]
    return f"replace(unmutated({mutation.variant}), {', '.join(changed)})"
