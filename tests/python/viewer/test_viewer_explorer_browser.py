"""The data explorer in a real browser: its state in the URL, and files as they are downloaded."""

import csv
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import duckdb
import pytest
from playwright.sync_api import Page, expect

from tests.python.viewer import sheets
from viewer.published import published_path

DATES = ("2025-06-01", "2026-06-30")
WHERE = f"""
    date_day between '{DATES[0]}' and '{DATES[1]}' and brand = 'MuscleBlaze' and spend >= 100
    and influencer_id in (select influencer_id from dim_influencers where platform = 'Instagram')
"""
COLUMNS = ("date_day", "influencer_id", "spend")


def expected() -> list[tuple[object, ...]]:
    with duckdb.connect(str(published_path()), read_only=True) as connection:
        connection.execute("use marts")
        return connection.execute(
            f"""
            select {", ".join(COLUMNS)} from fct_influencer_days
            where {WHERE} order by spend desc
            """
        ).fetchall()


def open_explorer(page: Page, address: str) -> None:
    """Filters, a condition, columns and an order, as a link has them."""
    page.goto(
        f"{address}/explorer?mart=fct_influencer_days&brand=MuscleBlaze&platform=Instagram"
        f"&dates={DATES[0]}&dates={DATES[1]}&c1=spend&o1=%3E%3D&v1=100&sort=spend&order=Descending"
        + "".join(f"&columns={column}" for column in COLUMNS)
    )
    expect(page.get_by_text(f"Download {len(expected())} rows")).to_be_visible()


@pytest.mark.parametrize("kind", ["CSV", "XLSX", "Parquet"])
def test_what_is_downloaded_is_what_is_filtered(
    kind: str, page: Page, address: str, tmp_path: Path
) -> None:
    rows = expected()
    assert len(rows) > 100
    open_explorer(page, address)
    with page.expect_download() as started:
        page.get_by_role("button", name=kind, exact=True).click()
    name = f"fct_influencer_days_{DATES[0]}_to_{DATES[1]}.{kind.lower()}"
    assert started.value.suggested_filename == name
    file = tmp_path / name
    started.value.save_as(file)
    if kind == "CSV":
        with file.open(encoding="utf-8-sig", newline="") as text:
            header, *lines = csv.reader(text)
        assert header == list(COLUMNS)
        assert sorted(lines) == sorted([str(cell) for cell in row] for row in rows)
        assert [line[2] for line in lines] == [str(row[2]) for row in rows]
    elif kind == "Parquet":
        assert sorted(duckdb.sql(f"from '{file}'").fetchall()) == sorted(rows)
    else:
        book = sheets.read(file.read_bytes())
        amounts = [row[2] for row in book["fct_influencer_days"].rows[1:]]
        assert amounts == [float(str(row[2])) for row in rows]
        about = str(book["About"].rows)
        assert "1 Jun 2025 – 30 Jun 2026 · Instagram · MuscleBlaze" in about
        assert "spend >= 100" in about


def test_all_rows_are_downloaded_though_few_are_on_screen(page: Page, address: str) -> None:
    page.goto(f"{address}/explorer?mart=fct_revenue_days")
    expect(page.get_by_text("Showing the first 1,000 of")).to_be_visible()
    with page.expect_download() as started:
        page.get_by_role("button", name="CSV", exact=True).click()
    with started.value.path().open(encoding="utf-8-sig", newline="") as text:
        lines = sum(1 for _ in csv.reader(text))
    with duckdb.connect(str(published_path()), read_only=True) as connection:
        [(rows,)] = connection.execute("select count(*) from marts.fct_revenue_days").fetchall()
    assert lines == rows + 1 > 100_000


def test_what_is_chosen_is_in_the_url(page: Page, address: str) -> None:
    page.goto(f"{address}/explorer")
    expect(page.get_by_text("Showing the first")).to_be_visible()
    page.get_by_text("Conditions", exact=True).click()
    page.get_by_role("combobox", name="Column 1").fill("brand")
    page.keyboard.press("Enter")
    page.get_by_role("textbox", name="Value 1").fill("Gritzo")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Conditions (1)")).to_be_visible()
    page.wait_for_function("() => location.search.includes('v1=Gritzo')")
    with duckdb.connect(str(published_path()), read_only=True) as connection:
        sql = "select count(*) from marts.fct_influencer_days where brand = 'Gritzo'"
        [(rows,)] = connection.execute(sql).fetchall()
    words = f"Showing the first 1,000 of {rows:,} rows; downloads have all"
    expect(page.get_by_text(words)).to_be_visible()
    assert parse_qs(urlparse(page.url).query) == {"c1": ["brand"], "v1": ["Gritzo"]}
    page.reload()
    expect(page.get_by_text("Conditions (1)")).to_be_visible()
    expect(page.get_by_text(words)).to_be_visible()


def test_the_grid_offers_no_download_of_its_own(page: Page, address: str) -> None:
    page.goto(f"{address}/explorer?mart=dim_brands")
    grid = page.get_by_test_id("stDataFrame")
    grid.hover()
    expect(page.get_by_role("button", name="Fullscreen").first).to_be_attached()
    assert page.get_by_role("button", name="Download as CSV").count() == 0
