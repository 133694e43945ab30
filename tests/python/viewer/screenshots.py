"""Pictures of every page for docs/viewer.md: `python -m tests.python.viewer.screenshots`.

Run it after `make build` of the default world; it shows what HELIOS_WAREHOUSE has published. Names
of pages as arguments take the pictures of these only.
"""

import os
import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import FilePayload, Page, expect, sync_playwright

from tests.python.support import PROJECT
from tests.python.viewer.serving import (
    CHROMIUM,
    CHROMIUM_OPTIONS,
    open_settled,
    serving,
    url_of,
    wait_until_settled,
)
from viewer import data
from viewer.pages import PAGES
from viewer.selection import Selection

FOLDER = PROJECT / "docs" / "screenshots"
WIDTH, TALLEST = 1280, 1700
# What is brought on the page for that.
EXPORTS = PROJECT / "tests" / "python" / "intake" / "adapters"
PEOPLE = b"influencer_id,name,platform,coupon_codes\ni1,Asha Rao,Instagram,ASHA10\n"
FIRST_DAY, LAST_DAY = date(2026, 1, 1), date(2026, 6, 30)


def take(page: Page, address: str, name: str, file: Path) -> None:
    """Write what a page shows, from its top, as tall as it is up to TALLEST."""
    query = f"?dates={FIRST_DAY}&dates={LAST_DAY}"
    if name == "influencer":
        query += f"&id={busy_influencer()}"
    open_settled(page, url_of(address, name) + query)
    if name == "bring":
        bring(page)
    height = page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": WIDTH, "height": min(int(height), TALLEST)})
    wait_until_settled(page)
    page.screenshot(path=file)
    page.set_viewport_size({"width": WIDTH, "height": 900})


def bring(page: Page) -> None:
    """Upload a raw report of orders and a list of influencers, and show what is in the first."""
    orders = (EXPORTS / "shopify_orders" / "export.csv").read_bytes()
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        [
            FilePayload(name="orders_export_1.csv", mimeType="text/csv", buffer=orders),
            FilePayload(name="influencers.csv", mimeType="text/csv", buffer=PEOPLE),
        ]
    )
    page.get_by_text("orders_export_1.csv as tracking_data: the first rows").click()
    wait_until_settled(page)


def busy_influencer() -> str:
    """Who has most orders in the period, and a name that the fonts of any machine have."""
    figures = data.performance(Selection(FIRST_DAY, LAST_DAY), "influencer")
    known = figures[figures["influencer_name"].map(str.isascii)]
    return str(known.sort_values("orders")["influencer_id"].iloc[-1])


def main() -> None:
    """Write all pictures, or those of the pages that are named."""
    FOLDER.mkdir(exist_ok=True)
    expect.set_options(timeout=30_000)  # a loaded machine is slow, not wrong
    names = sys.argv[1:] or list(PAGES)
    with (
        TemporaryDirectory() as folder,
        serving(Path(folder) / "log.txt", os.environ | {"HELIOS_RAW": f"{folder}/raw"}) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        for scheme in ("light", "dark"):
            page = browser.new_page(
                viewport={"width": WIDTH, "height": 900},
                color_scheme=scheme,
            )
            for name in names:
                take(page, address, name, FOLDER / f"{name}-{scheme}.png")
        browser.close()


if __name__ == "__main__":
    main()
