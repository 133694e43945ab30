"""Bring your data, in a real browser and with the real dbt: raw reports in, figures out."""

import os
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.python.support import REFERENCE
from tests.python.viewer.serving import open_settled, serving, wait_until_settled

SHOPIFY = REFERENCE / "exports" / "01-shopify-raw" / "raw"
MILLISECONDS_TO_BUILD = 300_000
PHONE = 390


def upload(page: Page, folder: Path) -> None:
    """Upload the reports as the shop would have them: by names of its own."""
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        [
            FilePayload(
                name="orders_export_1.csv",
                mimeType="text/csv",
                buffer=(folder / "tracking_data.csv").read_bytes(),
            ),
            FilePayload(
                name="influencers.csv",
                mimeType="text/csv",
                buffer=(folder / "influencers.csv").read_bytes(),
            ),
        ]
    )
    expect(page.get_by_text("by the adapter shopify_orders").first).to_be_visible()
    wait_until_settled(page)


@pytest.mark.skipif(not SHOPIFY.is_dir(), reason="the cases of exports are not here")
def test_from_raw_shopify_orders_to_a_built_file(page: Page, tmp_path: Path) -> None:
    raw, warehouse = tmp_path / "raw", tmp_path / "warehouse"
    environment = os.environ | {"HELIOS_WAREHOUSE": str(warehouse), "HELIOS_RAW": str(raw)}
    environment.pop("HELIOS_UPLOADS", None)  # on this machine they are on by themselves
    with serving(tmp_path / "log.txt", environment) as address:
        page.goto(address)
        page.get_by_test_id("stMain").get_by_role("link", name="Bring your data").click()
        expect(page.get_by_role("heading", name="Bring your data", level=1)).to_be_visible()
        upload(page, SHOPIFY)
        assert not raw.exists()
        page.get_by_role("button", name="Use these files and build").click()
        expect(page.get_by_test_id("stProgress")).to_be_visible()
        expect(page.get_by_text("Built and published.")).to_be_visible(
            timeout=MILLISECONDS_TO_BUILD
        )
        assert (raw / "shopify_orders" / "orders_export_1.csv").read_bytes() == (
            SHOPIFY / "tracking_data.csv"
        ).read_bytes()
        with duckdb.connect(str(warehouse / "helios.duckdb"), read_only=True) as connection:
            rows = connection.execute(
                "select raw_table, rows_accepted from marts.rpt_data_health where files > 0"
            ).fetchall()
        assert dict(rows) == {"influencers": 3, "tracking_data": 7}
        page.get_by_test_id("stMain").get_by_role("link", name="Overview").click()
        expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()


@pytest.mark.skipif(not SHOPIFY.is_dir(), reason="the cases of exports are not here")
def test_no_sideways_scroll_on_a_phone(browser: Browser, tmp_path: Path) -> None:
    environment = os.environ | {
        "HELIOS_WAREHOUSE": str(tmp_path / "warehouse"),
        "HELIOS_RAW": str(tmp_path / "raw"),
    }
    with (
        serving(tmp_path / "log.txt", environment) as address,
        browser.new_context(viewport={"width": PHONE, "height": 844}) as context,
    ):
        page = context.new_page()
        open_settled(page, f"{address}/bring")
        upload(page, SHOPIFY)
        page.get_by_text("Read as").first.scroll_into_view_if_needed()
        page.get_by_role("combobox").first.click()
        page.get_by_role("option", name="Map the columns by hand").click()
        expect(page.get_by_text("Rows are")).to_be_visible()
        wait_until_settled(page)
        for selector in (
            "document.scrollingElement",
            "document.querySelector('[data-testid=stMain]')",
        ):
            assert page.evaluate(f"() => {selector}.scrollWidth") <= PHONE
