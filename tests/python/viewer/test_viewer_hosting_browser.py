"""The button that builds, in a real browser and with the real dbt, from nothing to the overview."""

import os
from pathlib import Path

import duckdb
from playwright.sync_api import Browser, Page, expect

from tests.python.viewer.serving import serving
from viewer.format import money

MILLISECONDS_TO_BUILD = 300_000


def test_from_nothing_to_the_overview(page: Page, browser: Browser, tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse"
    environment = os.environ | {
        "HELIOS_WAREHOUSE": str(warehouse),
        "HELIOS_RAW": str(tmp_path / "raw"),
    }
    with (
        serving(tmp_path / "log.txt", environment) as address,
        browser.new_context() as somebody_else,
    ):
        other = somebody_else.new_page()
        other.goto(f"{address}/payouts")
        expect(other.get_by_role("button", name="Build a small simulated world")).to_be_visible()
        page.goto(address)
        page.get_by_role("button", name="Build a small simulated world").click()
        for tab in (page, other):
            bar = tab.get_by_test_id("stProgress")
            expect(bar.get_by_text("Building from the simulated exports")).to_be_visible()
            expect(bar.get_by_text(" steps")).to_be_visible(timeout=MILLISECONDS_TO_BUILD)
        page.close()  # the build goes on
        expect(other.get_by_role("heading", name="Payouts", level=1)).to_be_visible(
            timeout=MILLISECONDS_TO_BUILD
        )
        other.goto(address)
        with duckdb.connect(str(warehouse / "helios.duckdb"), read_only=True) as connection:
            [(spend,)] = connection.execute(
                "select sum(spend) from marts.fct_influencer_days"
            ).fetchall()
        tile = other.get_by_test_id("stMetric").filter(has_text="Spend").first
        expect(tile.get_by_test_id("stMetricValue")).to_have_text(money(spend))
        expect(other.get_by_text("Simulated world").first).to_be_visible()
    assert not (tmp_path / "raw").exists()
