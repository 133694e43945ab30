"""Files of tables as pages show them, against queries of the tests' own."""

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from playwright.sync_api import Page

from tests.python.viewer import sheets
from tests.python.viewer.pages import open_page
from tests.python.viewer.serving import open_settled
from viewer import exports, measures
from viewer.exports import Table
from viewer.published import published_path
from viewer.views import downloads, parts

FORMULA = "=HYPERLINK(A1)"
LINES = 1_000


def published(sql: str) -> list[tuple[Any, ...]]:
    """Rows of a query on the published file, past the viewer."""
    with duckdb.connect(str(published_path()), read_only=True) as connection:
        connection.execute("use marts")
        return connection.execute(sql).fetchall()


def csv_rows(table: Table) -> list[dict[str, str]]:
    text = exports.table_csv(table).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def parquet_rows(table: Table) -> pd.DataFrame:
    return pd.read_parquet(io.BytesIO(exports.table_parquet(table)))


def tables_of(page: str, patch: pytest.MonkeyPatch, **query: str | list[str]) -> dict[str, Table]:
    """The tables that a page offers as files, by name; none of them is asked for its rows."""
    offered: dict[str, tuple[Table, int]] = {}
    show = downloads.of_table

    def note(table: Table, rows: int, file: str) -> None:
        asked = lambda: pytest.fail(f"{table.name} is made before a click")  # noqa: E731
        offered[table.name] = (table, rows)
        show(table._replace(rows=asked), rows, file)

    with patch.context() as patched:
        patched.setattr(downloads, "of_table", note)
        app = open_page(page, **query)
    assert not app.exception
    for table, rows in offered.values():
        assert len(table.rows()) == rows, table.name
    return {name: table for name, (table, _) in offered.items()}


@pytest.fixture
def table(tiny_warehouse: Path) -> Table:
    """Three rows with all that a cell can be."""
    rows = pd.DataFrame(
        {
            "who": ["Asha", FORMULA, None],
            "spend": [1234.5, -0.25, None],
            "orders": [3.0, None, 0.0],
            "share": [0.125, 1.0, None],
            "day": [pd.Timestamp(2025, 1, 31), pd.NaT, pd.Timestamp(2025, 2, 1)],
            "is_due": [True, False, None],
            "unseen": [1, 2, 3],
        }
    )
    columns = {
        "who": measures.made_here("who", "Influencer"),
        "spend": measures.Measure("spend", "fct_influencer_days"),
        "orders": measures.made_here("orders", "Orders", "count"),
        "share": measures.made_here("share", "Share", "percent"),
        "day": measures.made_here("day", "Day", "date"),
        "is_due": measures.made_here("is_due", "Due", "boolean"),
    }
    return Table("people", "People by hand", lambda: rows, columns, "January · Gritzo")


# --- By hand -----------------------------------------------------------------------------------


def test_a_csv_has_labels_plain_figures_and_no_formula(table: Table) -> None:
    assert list(map(tuple, (row.values() for row in csv_rows(table)))) == [
        ("Asha", "1234.5", "3", "0.125", "2025-01-31", "True"),
        (f"'{FORMULA}", "-0.25", "", "1.0", "", "False"),
        ("", "", "0", "", "2025-02-01", ""),
    ]
    assert list(csv_rows(table)[0]) == ["Influencer", "Spend", "Orders", "Share", "Day", "Due"]


def test_a_workbook_has_figures_as_figures_and_tells_what_it_is(table: Table) -> None:
    book = sheets.read(exports.table_xlsx(table))
    assert list(book) == ["people", "About"]
    sheet, about = book["people"], book["About"].rows
    assert sheet.rows == [
        ["Influencer", "Spend", "Orders", "Share", "Day", "Due"],
        ["Asha", 1234.5, 3, 0.125, date(2025, 1, 31), True],
        [FORMULA, -0.25, None, 1, None, False],
        [None, None, 0, None, date(2025, 2, 1), None],
    ]
    assert (sheet.formulas, sheet.frozen_rows, sheet.filtered) == (0, 1, "A1:F4")
    assert sheet.formats[1:5] == ["#,##0.00", "#,##0", "0.0%", "yyyy-mm-dd"]
    facts = {row[0]: row[2] for row in about}
    assert facts["Table"] == "People by hand"
    assert facts["Filters"] == "January · Gritzo"
    assert facts["Rows"] == "3"
    [(meaning,)] = published(
        "select description from meta_columns"
        " where mart = 'fct_influencer_days' and column_name = 'spend'"
    )
    assert ["Spend", "currency", meaning] in about


def test_a_parquet_file_keeps_types_and_text(table: Table) -> None:
    file = io.BytesIO(exports.table_parquet(table))
    rows = pd.read_parquet(file, dtype_backend="pyarrow")
    types = {str(name): str(kind) for name, kind in rows.dtypes.items()}
    assert types | {"Influencer": ""} == {
        "Influencer": "", "Spend": "double[pyarrow]", "Orders": "int64[pyarrow]",
        "Share": "double[pyarrow]", "Day": "date32[day][pyarrow]", "Due": "bool[pyarrow]",
    }  # fmt: skip
    assert rows["Influencer"].tolist()[:2] == ["Asha", FORMULA]


def test_more_rows_than_a_sheet_holds_are_refused(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "MOST_SHEET_ROWS", 2)
    with pytest.raises(exports.TooManyRowsError, match="these are 3"):
        exports.table_xlsx(table)


# --- Of pages ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "tab", "expected"),
    [
        ("experiments", "Experiments", {"methods"}),
        ("experiments", "Campaigns", {"campaigns"}),
        ("payouts", "", {"payouts", "payouts_by_influencer", "payouts_to_check"}),
        ("health", "", {"rows_read", "not_found", "orders_by_channel"}),
    ],
)
def test_tables_are_offered_as_every_kind_of_file(
    page: str,
    tab: str,
    expected: set[str],
    simulated_warehouse: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tables = tables_of(page, monkeypatch, **({"show": tab} if tab else {}))
    for name, table in tables.items():
        labels = [what.label for what in table.columns.values()]
        assert len(labels) == len(set(labels)), name
        rows = len(table.rows())
        book = sheets.read(exports.table_xlsx(table))
        sheet = book[next(iter(book))]
        assert sheet.rows[0] == labels and len(sheet.rows) == rows + 1, name
        assert sheet.formulas == 0
        assert len(csv_rows(table)) == rows
        assert parquet_rows(table).shape == (rows, len(labels))
    assert tables.keys() >= expected


def test_the_ranking_has_names_interval_and_verdict(
    simulated_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tables_of("influencers", monkeypatch)["influencers"]
    expected = published(
        """
        select influencer_name, spend, orders, iroas, iroas_low, iroas_high, verdict, persona
        from rpt_influencer_performance
        where spend <> 0 or attributed_revenue <> 0 or orders > 0 or posts > 0
        """
    )
    rows = parquet_rows(table)
    assert len(rows) == len(expected) > 200
    names = ["Influencer", *(table.columns[name].label for name in (
        "spend", "orders", "iroas", "iroas_low", "iroas_high", "verdict", "persona"
    ))]  # fmt: skip
    found = rows[names].sort_values(["Influencer", names[1]])
    told = pd.DataFrame(expected, columns=names).sort_values(["Influencer", names[1]])
    for name in names:
        if name in ("Influencer", names[6], names[7]):
            assert found[name].tolist() == told[name].tolist()
        else:
            assert found[name].astype(float).tolist() == pytest.approx(
                told[name].astype(float).tolist(), rel=1e-9, nan_ok=True
            )


def test_the_ranking_of_a_filter_has_its_influencers_only(
    simulated_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = tables_of("influencers", monkeypatch, platform="YouTube")
    [(people, spend)] = published(
        """
        select count(distinct influencer_id), sum(spend)
        from fct_influencer_days inner join dim_influencers using (influencer_id)
        where dim_influencers.platform = 'YouTube'
        """
    )
    rows = parquet_rows(tables["influencers"])
    assert len(rows) == people
    assert rows["Spend"].sum() == pytest.approx(float(spend))
    assert "YouTube" in tables["influencers"].filters_in_words


def test_personas_are_files_compared_and_all(
    simulated_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = tables_of("influencers", monkeypatch, show="Personas")
    expected = dict(
        published("select persona, spend from rpt_persona_performance where influencers > 0")
    )
    compared = parquet_rows(tables["personas_compared"])
    chosen = set(compared["Persona"]) - {"Everyone else"}
    assert len(chosen) == 4
    rest = sum(spend for persona, spend in expected.items() if persona not in chosen)
    for found, spends in (
        (parquet_rows(tables["personas"]), expected),
        (compared, {name: expected[name] for name in chosen} | {"Everyone else": rest}),
    ):
        assert len(found) == len(spends)
        for persona, spend in zip(found["Persona"], found["Spend"], strict=True):
            assert spend == pytest.approx(float(spends[persona]))


def test_the_ledger_has_every_line_and_the_name_of_who_earned_it(
    simulated_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A page of the ledger is not the file.
    monkeypatch.setattr(parts, "MOST_ROWS", LINES)
    table = tables_of("payouts", monkeypatch)["payouts"]
    expected = published(
        """
        select payout_line_id, influencer_name, campaign_name, amount::double, due_date
        from fct_payout_lines
        left join dim_influencers using (influencer_id)
        left join dim_campaigns using (campaign_id)
        """
    )
    assert len(expected) > LINES
    names = ["Line", "Influencer", "Campaign", "Amount", "Due on"]
    rows = parquet_rows(table)[names].astype(object)
    found = rows.where(rows.notna(), None).itertuples(index=False, name=None)
    assert sorted(found) == sorted(expected)


def test_the_list_to_pay_has_names_and_ids(
    simulated_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [(last,)] = published("select max(date_day) from fct_revenue_days")
    september = [str(last.replace(day=1)), str(last)]
    tables = tables_of("payouts", monkeypatch, as_of=str(last), dates=september)
    rows = parquet_rows(tables[f"to_pay_as_of_{last}"])
    expected = published(
        """
        select influencer_id, influencer_name, sum(amount)::double
        from fct_payout_lines inner join dim_influencers using (influencer_id)
        where is_unpaid group by all
        """
    )
    assert len(expected) > 20
    found = rows[["Influencer ID", "Influencer", "Unpaid"]].itertuples(index=False, name=None)
    assert [(who, name, pytest.approx(amount)) for who, name, amount in sorted(expected)] == sorted(
        found
    )


@pytest.mark.browser
def test_a_click_downloads_all_influencers(page: Page, address: str) -> None:
    open_settled(page, f"{address}/influencers?brand=MuscleBlaze&dates=2026-07-01&dates=2026-09-30")
    files = page.locator(".st-key-files_of_influencers")
    for kind in exports.KINDS:
        with page.expect_download() as started:
            files.get_by_role("button", name=kind.label).click()
        name = f"helios_influencers_2026-07-01_to_2026-09-30.{kind.ending}"
        assert started.value.suggested_filename == name
        if kind.ending == "xlsx":
            book = sheets.read(Path(started.value.path()).read_bytes())
    [(people,)] = published(
        """
        select count(distinct influencer_id) from fct_influencer_days
        where brand = 'MuscleBlaze' and date_day between '2026-07-01' and '2026-09-30'
        """
    )
    assert len(book["influencers"].rows) == people + 1
    facts = {row[0]: row[2] for row in book["About"].rows}
    assert facts["Filters"] == "1 Jul 2026 – 30 Sep 2026 · MuscleBlaze"
