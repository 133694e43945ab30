"""Folders of exports: which files are read as what, what their headers mean, what stops a build."""

import codecs
import datetime as dt
import gzip
from pathlib import Path
from typing import Any

import duckdb
import pytest
import xlsxwriter

from intake.contract import header_currency, header_key
from intake.exports import Exports, FileFacts, look
from intake.files import file_order, file_states
from intake.plugin import changed_files, read_exports
from intake.workbooks import Cell, text_of
from tests.python.support import PROJECT

INFLUENCERS = "influencer_id,name,platform\nA,Asha,Instagram\nB,Ravi,YouTube\n"
ORDERS = "source,influencer_id,date,orders,revenue\nlink,A,2025-07-01,1,100\n"
POSTS = "influencer_id,date\nA,2025-07-01\n"


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    """Write files below a folder, influencers and orders among them."""
    basic: dict[str, str | bytes] = {"influencers.csv": INFLUENCERS, "tracking_data.csv": ORDERS}
    if any(name.startswith("tracking_data/") for name in files):
        del basic["tracking_data.csv"]
    for name, content in (basic | files).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def seen(tmp_path: Path, files: dict[str, str | bytes]) -> Exports:
    return look(write(tmp_path / "raw", files), tmp_path / "copies", PROJECT)


def facts_of(exports: Exports, file: str) -> FileFacts:
    [facts] = [facts for facts in exports.files if facts.file == file]
    return facts


def rows(exports: Exports, table: str, columns: str) -> list[tuple[object, ...]]:
    union = " union all ".join(f"({select})" for select in exports.selects[table])
    with duckdb.connect() as connection:
        return connection.execute(f"select {columns} from ({union}) order by all").fetchall()


def test_shape_of_a_raw_table(tmp_path: Path) -> None:
    exports = seen(tmp_path, {})
    assert exports.problems == []
    columns = "file, file_number, record_number, typeof(row_hash), source, revenue, campaign"
    expected = ("tracking_data.csv", 1, 1, "UBIGINT", "link", "100", None)
    assert rows(exports, "tracking_data", columns) == [expected]


def test_equal_records_have_equal_hashes_unknown_columns_included(tmp_path: Path) -> None:
    orders = "source,date,orders,revenue,utr\nx,2025-07-01,1,5,a\nx,2025-07-01,1,5,b\n"
    exports = seen(tmp_path, {"tracking_data.csv": orders + orders.splitlines()[1] + "\n"})
    hashes = rows(exports, "tracking_data", "record_number, row_hash")
    assert hashes[0][1] == hashes[2][1] != hashes[1][1]


def test_records_of_a_large_file_are_numbered_in_its_order(tmp_path: Path) -> None:
    """As a build reads it: on two threads, and rows may be written in any order."""
    count = 400_000
    orders = "".join(f"x,2025-07-01,1,{number}\n" for number in range(1, count + 1))
    exports = seen(tmp_path, {"tracking_data.csv": f"source,date,orders,revenue\n{orders}"})
    [select] = exports.selects["tracking_data"]
    build: dict[str, Any] = {"preserve_insertion_order": "false", "threads": 2}
    with duckdb.connect(str(tmp_path / "build.duckdb"), config=build) as connection:
        connection.execute(f"create table read as {select}")
        found = connection.execute(
            "select count(*), count(*) filter (where revenue::bigint = record_number) from read"
        ).fetchall()
    assert found == [(count, count)]


def test_what_an_export_says_of_itself_is_no_part_of_a_record(tmp_path: Path) -> None:
    orders = "Sr. No.,source,date,orders,revenue,Exported At\n1,x,2025-07-01,1,5,9:00\n"
    exports = seen(tmp_path, {"tracking_data.csv": orders + "2,x,2025-07-01,1,5,9:01\n"})
    [(one,), (other,)] = rows(exports, "tracking_data", "row_hash")
    assert one == other


def test_files_at_any_depth_and_of_any_format(tmp_path: Path) -> None:
    exports = seen(
        tmp_path,
        {
            "posts/2025-9.csv": POSTS,
            "posts/2025-10.tsv": POSTS.replace(",", "\t"),
            "posts/old/2024.txt": POSTS,
            "Regions/all.csv": "Region\nGoa\n",
            "posts/.hidden.csv": b"\0",
            "posts/~$2025-9.csv": b"\0",
            "__MACOSX/posts/._2025-9.csv": b"\0",
            ".simulated.json": "{}",
            "Thumbs.db": b"\0",
        },
    )
    assert exports.problems == []
    names = {facts.file for facts in exports.files}
    assert "posts/.hidden.csv" not in names
    assert not any("MACOSX" in name or "~$" in name or "Thumbs" in name for name in names)
    assert all(facts.is_read for facts in exports.files)


def test_the_newest_file_has_the_highest_number(tmp_path: Path) -> None:
    names = ["2025-10.csv", "2025-9.csv", "old/2024-12.csv"]
    exports = seen(tmp_path, {f"posts/{name}": POSTS for name in names})
    numbers = rows(exports, "posts", "file_number, file")
    assert [file for _, file in numbers] == [
        *("posts/old/2024-12.csv", "posts/2025-9.csv", "posts/2025-10.csv")
    ]


def test_months_sort_by_their_place_in_the_year() -> None:
    names = ["june.csv", "april.csv", "december 2.csv", "december.csv", "may.csv"]
    assert sorted(names, key=file_order) == [
        *("april.csv", "may.csv", "june.csv", "december.csv", "december 2.csv")
    ]


@pytest.mark.parametrize(
    ("file", "content", "note"),
    [
        ("payout.csv", "a,b\n1,2\n", "its name is that of no table, and its headers"),
        ("posts/may.xls", b"\xd0\xcf\x11\xe0", "Save it as .xlsx or as 'CSV UTF-8'."),
        ("posts/may.xlsx", b"PK no workbook", "it is no Excel workbook"),
        ("posts/may.csv", b"PK\x03\x04", "it is a zip archive or a workbook and no text"),
        ("all.zip", b"PK\x03\x04", "is an archive. Unpack it here."),
        ("posts/readme.md", "hello", "its name ends in none of .csv, .tsv"),
        ("shop.yml", "table: posts", "Move it there."),
        ("empty.csv", b"", "its name is that of no table, and it is empty."),
    ],
)
def test_files_that_are_not_read_say_why(
    tmp_path: Path, file: str, content: str | bytes, note: str
) -> None:
    exports = seen(tmp_path, {file: content})
    assert exports.problems == []
    facts = facts_of(exports, file)
    assert not facts.is_read
    assert facts.raw_table is None
    assert facts.note is not None
    assert note in facts.note


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    exports = seen(
        tmp_path,
        {
            "influencers.csv": "ID,Influencer Id,name,platform\n1,A,Asha,Instagram\n",
            "tracking_data.csv": "Orders report\nsource,date,orders\nx,2025-07-01,1\n",
            "payouts.csv": b"",
            "posts/april.csv": POSTS,
            "posts/april.tsv": POSTS.replace(",", "\t"),
            "products.csv": b"\xd0\xcf\x11\xe0",
        },
    )
    problems = "\n".join(exports.problems)
    assert (
        "influencers.csv: the headers 'ID' and 'Influencer Id' both mean influencer_id" in problems
    )
    assert "tracking_data.csv: the required column revenue is missing." in problems
    assert "Line 1 ('Orders report') was taken for the header." in problems
    assert "Accepted spellings: revenue, amount" in problems
    assert "payouts.csv is empty. Save it as 'CSV UTF-8', or remove it" in problems
    assert "posts/april.csv and posts/april.tsv: their rows would count twice" in problems
    assert "products.csv is an old Excel workbook" in problems


def test_a_table_in_two_shapes(tmp_path: Path) -> None:
    exports = seen(tmp_path, {"posts.csv": POSTS, "posts/may.csv": POSTS})
    [problem] = exports.problems
    assert "has posts.csv and posts/: the rows of posts would count twice" in problem


def test_a_needed_table_is_missing(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    [problem] = look(raw, tmp_path / "copies", PROJECT).problems
    assert problem.startswith(f"There are no exports in the folder {raw}. Needed are the tables")
    raw.mkdir()
    (raw / "influencers.csv").write_text(INFLUENCERS)
    [problem] = look(raw, tmp_path / "copies", PROJECT).problems
    assert problem.startswith("There is no tracking_data table in the folder")


@pytest.mark.parametrize(
    "header",
    [
        *("Net Revenue", "net_revenue", " NET-REVENUE* ", "Net\u00a0Revenue (INR)", "net.revenue:"),
        *("\ufeffNet Revenue", "Net\u200bRevenue", "Net\nRevenue", "Net Revenue [₹]"),
        *("Net Revenue (Rs.)", "'Net Revenue'", "Net Revenue (in INR)", "Net／Revenue"),
    ],
)
def test_headers_are_compared_without_marks_and_units(header: str) -> None:
    assert header_key(header) == "netrevenue"


@pytest.mark.parametrize("header", ["Revenue (last year)", "Revenue (before refunds)"])
def test_brackets_that_are_no_unit_count(header: str) -> None:
    assert header_key(header) != "revenue"


@pytest.mark.parametrize(
    ("header", "currency"),
    [
        *(("Revenue (USD)", "USD"), ("Revenue [₹]", "INR"), ("Revenue (in EUR)", "EUR")),
        *(("Revenue ($)", "USD"), ("Revenue (sec)", None), ("Revenue", None), ("USD", None)),
    ],
)
def test_currency_of_a_header(header: str, currency: str | None) -> None:
    assert header_currency(header) == currency


def test_a_unit_that_is_a_currency_is_the_currency_of_the_money(tmp_path: Path) -> None:
    orders = ORDERS.replace("revenue", "Revenue (USD)")
    exports = seen(tmp_path, {"tracking_data.csv": orders})
    assert rows(exports, "tracking_data", "revenue, currency") == [("100", "USD")]
    note = facts_of(exports, "tracking_data.csv").note
    assert note == "money is in USD, as the header 'Revenue (USD)' says"


def test_a_currency_column_decides_over_units(tmp_path: Path) -> None:
    orders = "source,date,orders,Revenue (USD),currency\nx,2025-07-01,1,100,INR\n"
    exports = seen(tmp_path, {"tracking_data.csv": orders})
    assert rows(exports, "tracking_data", "currency") == [("INR",)]


def test_two_currencies_in_one_file_stop(tmp_path: Path) -> None:
    orders = "source,date,orders,Revenue (USD),Discount (INR)\nx,2025-07-01,1,100,5\n"
    [problem] = seen(tmp_path, {"tracking_data.csv": orders}).problems
    assert "'Revenue (USD)' and 'Discount (INR)' are money in different currencies" in problem


@pytest.mark.parametrize(
    ("header", "date_order", "time_zone"),
    [
        ("Date (MM/DD/YYYY)", "month first", None),
        ("Order Date [dd-mm-yy]", "day first", None),
        ("Order Date (UTC)", None, "UTC"),
        ("Order Date (IST)", None, "Asia/Kolkata"),
        ("Date", None, None),
    ],
)
def test_a_header_may_say_how_days_and_times_are_written(
    tmp_path: Path, header: str, date_order: str | None, time_zone: str | None
) -> None:
    orders = ORDERS.replace("date", header)
    facts = facts_of(seen(tmp_path, {"tracking_data.csv": orders}), "tracking_data.csv")
    assert (facts.date_order, facts.time_zone) == (date_order, time_zone)
    assert ("as a header says" in (facts.note or "")) == bool(date_order or time_zone)


def test_headers_that_say_different_things_say_nothing(tmp_path: Path) -> None:
    headers = "source,Order Date (dd/mm/yyyy),Returned Date (mm/dd/yyyy),orders,revenue"
    exports = seen(tmp_path, {"tracking_data.csv": f"{headers}\nx,01/07/2025,,1,5\n"})
    assert facts_of(exports, "tracking_data.csv").date_order is None


def test_an_almost_known_header_is_noted(tmp_path: Path) -> None:
    orders = ORDERS.replace("\n", ",discuont\n", 1).replace("100\n", "100,5\n")
    note = facts_of(seen(tmp_path, {"tracking_data.csv": orders}), "tracking_data.csv").note
    assert note == "the header 'discuont' means nothing; if discount is meant, rename it"


def test_headers_are_listed_with_their_meaning(tmp_path: Path) -> None:
    exports = seen(tmp_path, {"posts.csv": "Influencer ID,Date,,mood\nA,2025-07-01,,good\n"})
    listed = [
        (header.position, header.header, header.column_name)
        for header in exports.headers
        if header.raw_table == "posts"
    ]
    assert listed == [(1, "Influencer ID", "influencer_id"), (2, "Date", "date"), (4, "mood", None)]


def test_a_workbook(tmp_path: Path) -> None:
    path = tmp_path / "raw" / "tracking_data.xlsx"
    path.parent.mkdir()
    with xlsxwriter.Workbook(path) as workbook:
        workbook.add_worksheet("Notes").write_row(0, 0, ["made by", "finance"])
        sheet = workbook.add_worksheet("Orders")
        day = workbook.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, ["Orders of July"])
        sheet.write_row(2, 0, ["Order ID", "Source", "Date", "Orders", "Revenue (INR)", "Returned"])
        sheet.write_row(3, 0, [1001, "link", None, 1, 0.1 + 0.2, True])
        sheet.write_number(3, 2, 45839, day)
        sheet.write_row(5, 0, ["#1002", "link", "2025-07-02", 2, 1499.5])
    (tmp_path / "raw" / "influencers.csv").write_text(INFLUENCERS)
    exports = look(tmp_path / "raw", tmp_path / "copies", PROJECT)
    assert exports.problems == []
    columns = "record_number, transaction_id, date, orders, revenue, currency"
    assert rows(exports, "tracking_data", columns) == [
        (1, "1001", "2025-07-01", "1", "0.3", "INR"),
        (2, "#1002", "2025-07-02", "2", "1499.5", "INR"),
    ]
    facts = facts_of(exports, "tracking_data.xlsx")
    assert (facts.format, facts.header_line) == ("xlsx", 3)
    assert facts.note is not None
    assert "of its 2 sheets, 'Orders' was read" in facts.note


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        *((1500.0, "1500"), (0.1 + 0.2, "0.3"), (1e-5, "0.00001"), (4.5e15, "4500000000000000")),
        *((True, "true"), (7, "7"), ("a", "a"), (dt.date(2025, 7, 1), "2025-07-01")),
        (dt.datetime(2025, 7, 1), "2025-07-01"),
        (dt.datetime(2025, 7, 1, 12, 29, 59, 999_997), "2025-07-01 12:30:00"),
        (dt.time(9, 30), "09:30:00"),
    ],
)
def test_cells_of_a_workbook_as_text(cell: Cell, text: str) -> None:
    assert text_of(cell) == text


def test_parquet_cells_are_as_a_text_file_would_have_them(tmp_path: Path) -> None:
    raw = write(tmp_path / "raw", {"tracking_data/x.csv": ORDERS})
    (raw / "tracking_data" / "x.csv").unlink()
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'Asia/Kolkata'")
        connection.execute(
            f"""
            copy (
                select
                    'link' as source,
                    timestamptz '2025-07-01 00:30:00+05:30' as date,
                    1.0::double as orders,
                    100.10::decimal(10, 2) as revenue,
                    ['A10', 'B20'] as coupon_code,
                    ''::varchar as product,
                    'nan'::double as discount,
                    'x'::blob as campaign
            ) to '{raw}/tracking_data/x.parquet'
            """
        )
    exports = look(raw, tmp_path / "copies", PROJECT)
    columns = "date, orders, revenue, coupon_code, product, discount, campaign"
    [found] = rows(exports, "tracking_data", columns)
    assert found == ("2025-06-30T19:00:00.000000+00:00", "1", "100.10", "A10, B20", None, None, "x")


def test_lines_and_unreadable_records(tmp_path: Path) -> None:
    orders = ORDERS + "x,,2025-07-02,1,1,200.00\ny,,2025-07-03,1,7\n"
    exports = seen(tmp_path, {"tracking_data.csv": orders})
    assert rows(exports, "tracking_data", "record_number, revenue") == [(1, "100"), (3, "7")]
    assert facts_of(exports, "tracking_data.csv").lines == 3
    [unreadable] = exports.unreadable
    with duckdb.connect() as connection:
        [found] = connection.execute(f"from read_parquet('{unreadable.path}')").fetchall()
    assert found[:4] == (2, 3, 1, "x,,2025-07-02,1,1,200.00")


def test_a_file_that_is_cut_short_within_its_compression(tmp_path: Path) -> None:
    whole = gzip.compress((ORDERS + ORDERS.splitlines()[1] * 9).encode(), mtime=0)
    [problem] = seen(
        tmp_path, {"tracking_data.csv.gz": whole[:-9], "tracking_data/x": b""}
    ).problems
    assert problem.startswith("tracking_data.csv.gz cannot be decompressed")


def test_headers_of_an_adapter_are_found_in_any_folder(tmp_path: Path) -> None:
    adapter = (
        "table: posts\nheaders: [Reel, Posted on]\n"
        "columns:\n  influencer_id: Reel\n  date: Posted on\n"
    )
    reels = "Reel,Posted on\nA,2025-07-01\n"
    files: dict[str, str | bytes] = {
        "adapters/reels.yml": adapter,
        "meta/july.csv": reels,
        "other.csv": "Reel,On\nA,B\n",
    }
    exports = seen(tmp_path, files)
    assert exports.problems == []
    assert rows(exports, "posts", "file, influencer_id, date") == [
        ("meta/july.csv", "A", "2025-07-01")
    ]
    assert facts_of(exports, "meta/july.csv").adapter == "reels"
    note = facts_of(exports, "other.csv").note
    assert note is not None
    assert "nearest: reels, of which it lacks Posted on" in note
    assert "adapters/reels.yml" not in {facts.file for facts in exports.files}


def test_copies_of_earlier_builds_are_removed(tmp_path: Path) -> None:
    seen(tmp_path, {"posts.csv": POSTS.encode("utf-16")})
    [old] = (tmp_path / "copies").iterdir()
    seen(tmp_path, {"posts.csv": codecs.BOM_UTF16_BE + (POSTS + "B,1\n").encode("utf-16-be")})
    [new] = (tmp_path / "copies").iterdir()
    assert new.name != old.name


def test_a_build_sees_one_state_of_the_files(tmp_path: Path) -> None:
    raw, copies = write(tmp_path / "raw", {}), str(tmp_path / "copies")
    before = read_exports(str(raw), copies, True)
    assert changed_files(str(raw), copies) == []
    (raw / "tracking_data.csv").write_text(ORDERS + "x,,2025-07-02,1,5\n")
    (raw / "posts.csv").write_text(POSTS)
    assert read_exports(str(raw), copies, False) == before
    assert changed_files(str(raw), copies) == ["posts.csv", "tracking_data.csv"]
    assert read_exports(str(raw), copies, True) != before
    assert changed_files(str(raw), copies) == []
    assert set(file_states(raw)) == {"influencers.csv", "posts.csv", "tracking_data.csv"}
