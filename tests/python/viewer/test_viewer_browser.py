"""The viewer in a real browser: what only a browser does is the URL, navigation and downloads."""

import csv
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import duckdb
import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.python.support import PROJECT
from tests.python.viewer.conftest import APP, publish_copy, publish_tiny
from viewer import data
from viewer.format import rupees

CHROMIUM = os.environ.get("HELIOS_CHROMIUM") or shutil.which("chromium")
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
SECONDS_TO_START = 60

pytestmark = pytest.mark.skipif(
    not CHROMIUM, reason="no chromium on the path; HELIOS_CHROMIUM can name one"
)


@pytest.fixture(scope="module")
def address(simulated_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a running viewer of the simulated data."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    log = tmp_path_factory.mktemp("viewer") / "log.txt"
    command = [sys.executable, "-m", "streamlit", "run", str(APP), "--server.headless=true"]
    command += ["--server.address=127.0.0.1", f"--server.port={port}"]
    with (
        log.open("w") as output,
        subprocess.Popen(
            command, cwd=PROJECT, env=os.environ.copy(), stdout=output, stderr=output
        ) as server,
    ):
        try:
            wait_until_healthy(address, log)
            yield address
        finally:
            server.terminate()


def wait_until_healthy(address: str, log: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    pytest.fail(f"the viewer did not start:\n{log.read_text()}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(accept_downloads=True) as context:
        page = context.new_page()
        page.set_default_timeout(30_000)
        yield page


def tile(page: Page, label: str) -> Locator:
    named = page.get_by_test_id("stMetric").filter(has=page.get_by_text(label, exact=True))
    return named.get_by_test_id("stMetricValue")


def go_to(page: Page, title: str) -> None:
    page.get_by_test_id("stSidebarNav").get_by_text(title).click()
    expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()


def chosen(page: Page, label: str) -> Locator:
    """The members that a filter of the sidebar shows as chosen."""
    filter_of_label = page.get_by_test_id("stMultiSelect").filter(has_text=label)
    return filter_of_label.get_by_text(brand_to_choose(), exact=True)


def brand_to_choose() -> str:
    return data.options().brands[0]


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlparse(page.url).query)


def test_a_filter_survives_navigation_links_and_downloads(
    page: Page, browser: Browser, address: str
) -> None:
    options, brand = data.options(), brand_to_choose()
    everything = data.Selection(options.first_day, options.last_day)
    of_brand = data.Selection(options.first_day, options.last_day, brands=(brand,))
    spend_of_brand = rupees(data.totals(of_brand)["spend"])

    page.goto(address)
    expect(tile(page, "Spend")).to_have_text(rupees(data.totals(everything)["spend"]))
    page.get_by_test_id("stMultiSelect").filter(has_text="Brand").locator("input").fill(brand)
    page.keyboard.press("Enter")
    expect(tile(page, "Spend")).to_have_text(spend_of_brand)
    assert query(page) == {"brand": [brand]}

    for title in ("Deep dive", "Data explorer", "Overview"):
        go_to(page, title)
        expect(chosen(page, "Brand")).to_be_visible()
        assert query(page)["brand"] == [brand]
    expect(tile(page, "Spend")).to_have_text(spend_of_brand)

    with browser.new_context() as somebody_else:
        copy = somebody_else.new_page()
        copy.goto(page.url)
        expect(tile(copy, "Spend")).to_have_text(spend_of_brand)

    go_to(page, "Data explorer")
    with page.expect_download() as started:
        page.get_by_role("button", name="as CSV").click()
    days = f"{options.first_day}_to_{options.last_day}"
    assert started.value.suggested_filename == f"fct_influencer_days_{days}.csv"
    assert downloaded_rows(started.value.path()) == published_rows(brand)


def test_a_link_to_one_day_still_means_that_day(page: Page, address: str) -> None:
    with duckdb.connect(str(data.published_path()), read_only=True) as connection:
        sql = "select arg_max(date_day, spend) from marts.fct_influencer_days"
        [(day,)] = connection.execute(sql).fetchall()
    spend = rupees(data.totals(data.Selection(day, day))["spend"])
    page.goto(f"{address}/?dates={day}&dates={day}")
    expect(tile(page, "Spend")).to_have_text(spend)
    page.reload()  # of the URL as Streamlit rewrote it
    expect(tile(page, "Spend")).to_have_text(spend)


def test_an_open_page_shows_what_is_published_next(
    page: Page, address: str, simulated_warehouse: Path, published_file: Path
) -> None:
    page.goto(address)
    expect(tile(page, "Spend")).to_be_visible()
    try:
        publish_tiny(simulated_warehouse)
        expect(tile(page, "Spend")).to_have_text("₹400", timeout=60_000)
    finally:
        publish_copy(published_file, simulated_warehouse)


def downloaded_rows(file: Path) -> list[tuple[str, str, str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as text:
        return sorted(
            (row["date_day"], row["influencer_id"], row["campaign_id"], row["spend"])
            for row in csv.DictReader(text)
        )


def published_rows(brand: str) -> list[tuple[str, str, str, str]]:
    sql = """
        select date_day::varchar, influencer_id, campaign_id, spend::varchar
        from marts.fct_influencer_days
        where brand = ?
    """
    with duckdb.connect(str(data.published_path()), read_only=True) as connection:
        return sorted(connection.execute(sql, [brand]).fetchall())
