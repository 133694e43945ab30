"""Files of what is filtered, opened and compared with queries of the tests' own."""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.python.viewer import sheets
from tests.python.viewer.tiny import FORMULA_NAME, publish
from viewer import data, exports
from viewer.extract import Condition, Extract, UnusableValueError, condition
from viewer.published import UnreadableFileError, published_path
from viewer.selection import Selection
from viewer.workbook import MOST_SHEET_ROWS

JANUARY = Selection(date(2025, 1, 1), date(2025, 1, 10))
# Cells that a spreadsheet might run, and those that it will not.
DANGEROUS = [
    *("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "\x00x"),
    *(" =1+1", "\u00a0=1+1", "\u200b=1+1", "\ufeff=1+1", "\uff1d1+1", "  \t -1"),
    '=HYPERLINK("http://x.example";"a")',
    "=cmd|' /C calc'!A0",
]
HARMLESS = [
    "a=b",
    "'=1",
    "1-1",
    "हल्दी दूध",
    "🙂 ok",
    " a",
    "",
    'say "x", y\nz',
    "x;=1+1",
    "<r>a</r>",
]


def published(sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Rows of a query on the published file, past the viewer."""
    with duckdb.connect(str(published_path()), read_only=True) as connection:
        connection.execute("use marts")
        return connection.execute(sql, parameters).fetchall()


def csv_rows(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def parquet_rows(content: bytes, tmp_path: Path) -> tuple[list[tuple[Any, ...]], dict[str, str]]:
    file = tmp_path / "export.parquet"
    file.write_bytes(content)
    described = duckdb.sql(f"describe from '{file}'").fetchall()
    return duckdb.sql(f"from '{file}'").fetchall(), {row[0]: row[1] for row in described}


def key_of(row: Sequence[Any]) -> tuple[str, str]:
    return str(row[0]), str(row[1])


def texts_published(folder: Path, texts: Sequence[str | None]) -> Extract:
    """An extract of captions, published in the order of the texts."""
    rows = [
        {"post_id": f"p{number:02d}", "influencer_id": "i1", "caption": text}
        for number, text in enumerate(texts)
    ]
    publish(folder, {"fct_posts": [row | {"post_date": "2025-01-05"} for row in rows]})
    return Extract("fct_posts", JANUARY, ("caption",), sort="post_id")


# --- Every mart, every kind, against own SQL ---------------------------------------------------


@pytest.fixture(scope="module")
def whole(simulated_warehouse: Path) -> Selection:
    options = data.options()
    return Selection(options.first_day, options.last_day)


def marts() -> list[str]:
    return [name for (name,) in published("select table_name from duckdb_tables() order by 1")]


def test_csv_and_parquet_of_every_mart_hold_exactly_what_is_published(
    whole: Selection, tmp_path: Path
) -> None:
    assert len(marts()) > 20
    for mart in marts():
        types = dict(
            published(
                "select column_name, data_type from duckdb_columns() where table_name = ?", [mart]
            )
        )
        expected = published(f"select * from {mart} order by all")
        rows, kinds = parquet_rows(exports.parquet(Extract(mart, whole)), tmp_path)
        assert kinds == types, mart
        assert sorted(rows, key=repr) == sorted(expected, key=repr), mart
        # Decimals and doubles to the last digit; text that looks like a formula has its own tests.
        cells = ", ".join(
            f"coalesce(regexp_replace({name}::varchar, '^([=+\\-@])', '''\\1'), '')"
            if kind == "VARCHAR"
            else f"coalesce({name}::varchar, '')"
            for name, kind in types.items()
        )
        header, *lines = csv_rows(exports.csv(Extract(mart, whole)))
        assert header == list(types), mart
        assert sorted(map(tuple, lines)) == sorted(published(f"select {cells} from {mart}")), mart


@pytest.mark.parametrize("mart", ["fct_payout_lines", "dim_experiments", "rpt_persona_performance"])
def test_workbooks_hold_what_is_published(mart: str, whole: Selection) -> None:
    expected = published(f"select * from {mart}")
    book = sheets.read(exports.xlsx(Extract(mart, whole), "everything"))
    assert list(book) == [mart, "About"]
    header, *rows = book[mart].rows
    assert header == list(data.mart_columns(mart))
    assert book[mart].formulas == 0
    assert book[mart].frozen_rows == 1
    assert book[mart].filtered.endswith(str(len(expected) + 1))
    rows.sort(key=key_of)
    expected.sort(key=key_of)
    assert len(rows) == len(expected)
    for row, published_row in zip(rows, expected, strict=True):
        for cell, value in zip(row, published_row, strict=True):
            if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
                assert cell == pytest.approx(float(value), rel=1e-14)  # 15 digits are all it has
            else:
                assert cell == value


def test_a_selection_narrows_all_kinds_alike(whole: Selection, tmp_path: Path) -> None:
    [(brand,)] = published(
        "select brand from fct_influencer_days group by brand order by count(*) desc limit 1"
    )
    day = date(whole.first_day.year, whole.first_day.month, 20)
    last = date(day.year, day.month + 6, 10)
    selection = replace(whole, first_day=day, last_day=last).having(
        brand=(brand,), platform=("YouTube",)
    )
    extract = Extract(
        "fct_influencer_days",
        selection,
        ("spend", "date_day", "influencer_id"),
        (Condition("spend", ">=", Decimal("100.5")),),
        "spend",
        descending=True,
    )
    expected = published(
        """
        select spend, date_day, influencer_id
        from fct_influencer_days
        where
            date_day between ? and ? and brand = ? and spend >= 100.5
            and influencer_id in (
                select influencer_id from dim_influencers where platform = 'YouTube'
            )
        """,
        [day, last, brand],
    )
    assert len(expected) > 20
    assert data.extract_row_count(extract) == len(expected)
    header, *lines = csv_rows(exports.csv(extract))
    assert header == ["spend", "date_day", "influencer_id"]
    assert sorted(lines) == sorted([str(a), str(b), c] for a, b, c in expected)
    spends = [Decimal(line[0]) for line in lines]
    assert spends == sorted(spends, reverse=True)
    rows, _ = parquet_rows(exports.parquet(extract), tmp_path)
    assert sorted(rows) == sorted(expected)
    assert [row[0] for row in rows] == spends
    sheet = sheets.read(exports.xlsx(extract))["fct_influencer_days"]
    assert [tuple(row) for row in sheet.rows[1:]] == [
        (float(spend), day, who) for spend, day, who in rows
    ]


# --- Cells -------------------------------------------------------------------------------------


def test_no_text_in_a_csv_is_a_formula(empty_warehouse: Path) -> None:
    extract = texts_published(empty_warehouse, [*DANGEROUS, *HARMLESS])
    cells = [row[0] for row in csv_rows(exports.csv(extract))[1:]]
    assert cells == [f"'{text}" for text in DANGEROUS] + HARMLESS


def test_headers_are_neutralised_as_cells_are() -> None:
    assert data.harmless_text("=x") == "'=x"
    assert data.harmless_text("spend") == "spend"


def test_parquet_keeps_text_as_it_is(empty_warehouse: Path, tmp_path: Path) -> None:
    texts = [*DANGEROUS, *HARMLESS, None]
    rows, _ = parquet_rows(exports.parquet(texts_published(empty_warehouse, texts)), tmp_path)
    assert [row[0] for row in rows] == texts


def test_workbooks_keep_text_as_text(empty_warehouse: Path) -> None:
    texts = [text for text in [*DANGEROUS, *HARMLESS] if text != "<r>a</r>"]
    texts += ["https://x.example", "007", "_x0041_", "<b>&amp;</b>"]
    extract = texts_published(empty_warehouse, texts)
    sheet = sheets.read(exports.xlsx(extract))["fct_posts"]
    assert sheet.formulas == 0
    assert [row[0] or "" for row in sheet.rows[1:]] == texts


def test_text_that_looks_like_markup_of_the_workbook_breaks_nothing(empty_warehouse: Path) -> None:
    extract = texts_published(empty_warehouse, ["<r><t>&</t></r>", "<r>"])
    sheet = sheets.read(exports.xlsx(extract))["fct_posts"]  # would be no XML
    assert [row[0] for row in sheet.rows[1:]] == ["'<r><t>&</t></r>", "<r>"]


def test_an_empty_text_is_not_a_missing_one(empty_warehouse: Path) -> None:
    extract = texts_published(empty_warehouse, ["", None, "x"])
    assert exports.csv(extract).decode("utf-8-sig") == 'caption\n""\n\nx\n'


def test_figures_and_days_stay_what_they_are(tiny_warehouse: Path, tmp_path: Path) -> None:
    columns = ("payout_line_id", "event_date", "status", "amount", "rate")
    extract = Extract("fct_payout_lines", JANUARY, columns, sort="payout_line_id")
    assert csv_rows(exports.csv(extract))[1:3] == [
        ["p1", "2025-01-01", "'+paid", "100.50", ""],
        ["p2", "", "'-due", "-5.00", ""],
    ]
    rows, types = parquet_rows(exports.parquet(extract), tmp_path)
    assert rows[0] == ("p1", date(2025, 1, 1), "+paid", Decimal("100.50"), None)
    assert types["amount"] == "DECIMAL(18,2)" and types["event_date"] == "DATE"
    sheet = sheets.read(exports.xlsx(extract))["fct_payout_lines"]
    assert sheet.rows[1][:4] == ["p1", date(2025, 1, 1), "+paid", 100.5]
    assert sheet.rows[2][:4] == ["p2", None, "-due", -5.0]
    assert sheet.formats[1] == "yyyy-mm-dd" and sheet.formats[3] == "#,##0.00"


def test_money_beyond_what_a_float_holds_is_exact(empty_warehouse: Path, tmp_path: Path) -> None:
    amount = Decimal("9007199254740993.37")  # the next float is 0.37 off
    line = {"payout_line_id": "p1", "influencer_id": "i1", "status": "paid", "amount": amount}
    publish(empty_warehouse, {"fct_payout_lines": [line]})
    extract = Extract("fct_payout_lines", JANUARY, ("amount",))
    assert csv_rows(exports.csv(extract))[1] == ["9007199254740993.37"]
    assert parquet_rows(exports.parquet(extract), tmp_path)[0] == [(amount,)]


def test_figures_that_are_none_and_days_before_excel(empty_warehouse: Path) -> None:
    row = {"influencer_id": "i1", "post_date": "2025-01-05"}
    publish(
        empty_warehouse,
        {
            "dim_influencers": [{"influencer_id": "i1", "joined_date": "1899-12-31"}],
            "fct_incremental_roas": [
                {"experiment_id": f"e{number}", "method": "did", "iroas": value}
                for number, value in enumerate(["nan", "inf", 1.5])
            ],
            "fct_posts": [row | {"post_id": "p1"}],
        },
    )
    people = sheets.read(exports.xlsx(Extract("dim_influencers", JANUARY, ("joined_date",))))
    assert people["dim_influencers"].rows[1] == ["1899-12-31"]
    extract = Extract("fct_incremental_roas", JANUARY, ("experiment_id", "iroas"))
    rows = sheets.read(exports.xlsx(extract))["fct_incremental_roas"].rows
    assert rows[1:] == [["e0", None], ["e1", "inf"], ["e2", 1.5]]


def test_text_too_long_for_a_cell_is_cut_and_told(empty_warehouse: Path, tmp_path: Path) -> None:
    text = "x" * 40_000
    extract = texts_published(empty_warehouse, [text, "short"])
    book = sheets.read(exports.xlsx(extract))
    assert book["fct_posts"].rows[1] == ["x" * 32_767]
    assert "truncated to the maximum length of a cell: 1." in str(book["About"].rows)
    assert csv_rows(exports.csv(extract))[1] == [text]
    assert parquet_rows(exports.parquet(extract), tmp_path)[0][0] == (text,)


# --- What a workbook tells of itself -----------------------------------------------------------


def test_the_second_sheet_tells_what_the_first_one_is(tiny_warehouse: Path) -> None:
    extract = Extract(
        "fct_influencer_days",
        JANUARY,
        ("spend", "orders"),
        (Condition("orders", ">=", Decimal(1)), Condition("campaign_id", "is empty", None)),
        "spend",
        descending=True,
    )
    empty = sheets.read(exports.xlsx(extract, "1 Jan 2025 – 10 Jan 2025 · =A"))
    about = [[cell for cell in row if cell is not None] for row in empty["About"].rows]
    facts = {row[0]: row[1] for row in about if len(row) == 2}
    assert facts["Mart"] == "fct_influencer_days"
    assert facts["Description"] == "What each influencer did."
    assert facts["Filters"] == "1 Jan 2025 – 10 Jan 2025 · =A"
    assert facts["Conditions"] == "orders >= 1; campaign_id is empty"
    assert facts["Sorted by"] == "spend, largest first"
    assert facts["Rows"] == "0"
    assert facts["Published"].startswith("20")
    spend = ["spend", "Spend", "DECIMAL(18,2)", "currency", "Rupees earned by the influencer."]
    assert spend in about
    assert empty["About"].formulas == 0
    assert empty["fct_influencer_days"].rows == [["spend", "orders"]]


def test_nothing_selected_gives_files_with_headers_only(
    tiny_warehouse: Path, tmp_path: Path
) -> None:
    extract = Extract("fct_influencer_days", JANUARY.having(brand=("Nobody",)), ("spend",))
    assert csv_rows(exports.csv(extract)) == [["spend"]]
    assert parquet_rows(exports.parquet(extract), tmp_path) == ([], {"spend": "DECIMAL(18,2)"})
    assert sheets.read(exports.xlsx(extract))["fct_influencer_days"].rows == [["spend"]]


def test_more_rows_than_a_sheet_holds_are_refused_in_one_line(
    tiny_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    extract = Extract("fct_influencer_days", JANUARY)
    monkeypatch.setattr(exports, "MOST_SHEET_ROWS", 4)
    exports.xlsx(extract)  # as many rows as there are
    monkeypatch.setattr(exports, "MOST_SHEET_ROWS", 3)
    with pytest.raises(exports.TooManyRowsError) as error:
        exports.xlsx(extract)
    assert "these are 4" in str(error.value) and "\n" not in str(error.value)


def test_the_last_row_of_a_sheet_is_there() -> None:
    assert MOST_SHEET_ROWS == 2**20 - 1


def test_names_of_files_tell_mart_and_days() -> None:
    extract = Extract("fct_posts", JANUARY)
    assert extract.file_name("csv") == "fct_posts_2025-01-01_to_2025-01-10.csv"


def test_files_are_zip_files_and_texts_of_their_kind(tiny_warehouse: Path) -> None:
    made = {kind.ending: kind.make(Extract("dim_brands", JANUARY), "") for kind in exports.KINDS}
    assert list(made) == ["csv", "xlsx", "parquet"]
    assert zipfile.is_zipfile(io.BytesIO(made["xlsx"]))
    assert made["parquet"].startswith(b"PAR1")
    assert FORMULA_NAME.encode() not in made["csv"]


# --- Conditions --------------------------------------------------------------------------------


@pytest.fixture
def people(empty_warehouse: Path) -> Iterator[None]:
    names = ["Asha", "ASHOK", "O'Hara; drop table x", "50% off_", "", None]
    publish(
        empty_warehouse,
        {
            "dim_influencers": [
                {
                    "influencer_id": f"i{number}",
                    "influencer_name": name,
                    "follower_count": None if number == 5 else number * 1000,
                    "joined_date": f"2025-01-0{number + 1}",
                }
                for number, name in enumerate(names)
            ]
        },
    )
    yield


@pytest.mark.parametrize(
    ("column", "operator", "text", "expected"),
    [
        ("influencer_name", "is", "Asha", "0"),
        ("influencer_name", "is", "asha", ""),
        ("influencer_name", "is", "O'Hara; drop table x", "2"),
        ("influencer_name", "is not", "Asha", "12345"),
        ("influencer_name", "contains", "ash", "01"),
        ("influencer_name", "contains", "%", "3"),
        ("influencer_name", "contains", "_", "3"),
        ("influencer_name", "is empty", "", "45"),
        ("influencer_name", ">=", "B", "2"),
        ("follower_count", "is", "2,000", "2"),
        ("follower_count", "is", "2000.5", ""),
        ("follower_count", ">=", "2999.99", "34"),
        ("follower_count", "<=", "1000", "01"),
        ("follower_count", "is not", "0", "12345"),
        ("follower_count", "contains", "00", "1234"),
        ("follower_count", "is empty", "ignored", "5"),
        ("joined_date", "<=", "2025-01-02", "01"),
        ("joined_date", "is", "2025-01-03", "2"),
        ("joined_date", "contains", "-06", "5"),
    ],
)
def test_conditions(people: None, column: str, operator: Any, text: str, expected: str) -> None:
    data_type = data.mart_columns("dim_influencers")[column]
    one = condition(column, data_type, operator, text)
    assert one is not None
    extract = Extract("dim_influencers", JANUARY, ("influencer_id",), (one,), "influencer_id")
    found = [row[0] for row in csv_rows(exports.csv(extract))[1:]]
    assert found == [f"i{number}" for number in expected]
    assert data.extract_row_count(extract) == len(expected)


def test_conditions_add_up(people: None) -> None:
    conditions = (
        Condition("follower_count", ">=", Decimal(1000)),
        Condition("follower_count", "<=", Decimal(3000)),
        Condition("influencer_name", "is not", "ASHOK"),
    )
    extract = Extract("dim_influencers", JANUARY, ("influencer_id",), conditions, "influencer_id")
    assert [row[0] for row in csv_rows(exports.csv(extract))[1:]] == ["i2", "i3"]


@pytest.mark.parametrize(
    ("data_type", "text"),
    [
        ("DATE", "5 Jan 2025"),
        ("DATE", "2025-02-30"),
        ("BIGINT", "many"),
        ("DECIMAL(18,2)", "1e999"),
        ("DOUBLE", "nan"),
        ("INTEGER", "1" * 40),
        ("BOOLEAN", "maybe"),
    ],
)
def test_values_that_a_column_cannot_be_compared_with(data_type: str, text: str) -> None:
    with pytest.raises(UnusableValueError, match="x ") as error:
        condition("x", data_type, ">=", text)
    assert "\n" not in str(error.value)


def test_a_condition_without_a_value_says_nothing_yet() -> None:
    assert condition("x", "VARCHAR", "is", "  ") is None
    assert condition("x", "BOOLEAN", "is", "Yes") == Condition("x", "is", True)


def test_names_of_columns_and_marts_are_not_sql(tiny_warehouse: Path) -> None:
    hostile = 'brand" from dim_brands; drop table dim_brands; --'
    for extract in (
        Extract(hostile, JANUARY),
        Extract("dim_brands", JANUARY, (hostile,)),
        Extract("dim_brands", JANUARY, sort=hostile),
        Extract("dim_brands", JANUARY, conditions=(Condition(hostile, "is", "x"),)),
    ):
        with pytest.raises(UnreadableFileError, match="published file has no"):
            exports.csv(extract)
