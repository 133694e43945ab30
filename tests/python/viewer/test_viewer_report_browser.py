"""The report in a real browser: printing, on paper in light and dark, and the file to keep."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.python.viewer.serving import wait_until_settled

A4_PIXELS: ViewportSize = {"width": 794, "height": 1123}
# What belongs to a screen only.
CHROME = ("stSidebar", "stHeader", "stButton", "stDownloadButton", "stToolbar")
CAPTION = "Top influencers"
DETAILS = "?details=true"
QUARTER = "?brand=MuscleBlaze&dates=2026-07-01&dates=2026-09-30"
QUARTER_TITLE = "MuscleBlaze, Jul–Sep 2026: influencer marketing report"


def open_report(page: Page, address: str, query: str = "") -> None:
    page.goto(f"{address}/report{query}")
    last = "How to read this" if "details" in query else "Actual vs baseline revenue"
    expect(page.get_by_role("heading", name=last)).to_be_visible()
    expect(page.get_by_test_id("stPlotlyChart").locator(".main-svg").first).to_be_visible()
    wait_until_settled(page)


@pytest.fixture(params=["light", "dark"])
def themed(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A tab that prefers light or dark."""
    with browser.new_context(color_scheme=request.param) as context:
        page = context.new_page()
        page.set_default_timeout(30_000)
        yield page


def test_on_paper_it_is_black_on_white_and_nothing_is_cut(themed: Page, address: str) -> None:
    open_report(themed, address, DETAILS)
    themed.emulate_media(media="print")
    themed.set_viewport_size(A4_PIXELS)
    for name in CHROME:
        for element in themed.get_by_test_id(name).all():
            expect(element).to_be_hidden()
    for selector in (".stApp", "[data-testid=stMain]", ".st-key-report_sheet"):
        assert style(themed, selector, "backgroundColor") == "rgb(255, 255, 255)", selector
    assert style(themed, ".report", "color") == "rgb(0, 0, 0)"
    # The page grows with what is on it, instead of scrolling in a window.
    assert style(themed, "[data-testid=stMain]", "overflow") == "visible"
    assert height(themed, "body") >= height(themed, ".st-key-report_sheet") > A4_PIXELS["height"]
    for selector in ("[data-testid=stPlotlyChart] .main-svg", ".report-table table"):
        for box in [element.bounding_box() for element in themed.locator(selector).all()]:
            assert box is not None
            assert box["x"] >= 0 and box["x"] + box["width"] <= A4_PIXELS["width"], selector


@pytest.mark.parametrize("query", [QUARTER, ""])
def test_it_fits_on_one_sheet_of_paper(query: str, page: Page, address: str) -> None:
    open_report(page, address, query)
    assert sheets_of(page) == 1
    if query:
        assert page.title() == QUARTER_TITLE


def test_details_are_on_further_sheets(page: Page, address: str) -> None:
    open_report(page, address)
    page.get_by_text("With details").click()
    expect(page.get_by_role("heading", name="How to read this")).to_be_visible()
    page.wait_for_function("() => location.search.includes('details=true')")
    wait_until_settled(page)
    assert 3 <= sheets_of(page) <= 8


def sheets_of(page: Page) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))


def test_each_press_prints_once(page: Page, address: str) -> None:
    page.add_init_script("window.printed = 0; window.print = () => { window.printed += 1; }")
    open_report(page, address)
    button = page.get_by_role("button", name="Print or save as PDF")
    for times in (1, 2):
        button.click()
        page.wait_for_function(f"() => window.printed === {times}")
    page.get_by_role("button", name="Clear filters").click()
    wait_until_settled(page)
    assert page.evaluate("window.printed") == 2


def test_the_file_shows_the_same_figures_by_itself(
    page: Page, address: str, tmp_path: Path
) -> None:
    query = f"{DETAILS}&brand=MuscleBlaze&dates=2026-01-01&dates=2026-03-31&date_style=ISO"
    open_report(page, address, query)
    on_page = page.locator(".report-tiles").inner_text()
    ranking = page.get_by_role("table", name=CAPTION).inner_text()
    with page.expect_download() as started:
        page.get_by_role("button", name="Save as HTML").click()
    assert started.value.suggested_filename == "helios_report_2026-01-01_to_2026-03-31.html"
    file = tmp_path / "report.html"
    started.value.save_as(file)
    asked_for: list[str] = []
    page.on("request", lambda request: asked_for.append(request.url))
    page.context.set_offline(True)
    page.goto(file.as_uri())
    drawn = page.locator(".report-chart .lines path").first
    assert len(str(drawn.get_attribute("d"))) > 500
    assert page.locator(".report-tiles").inner_text() == on_page
    assert page.get_by_role("table", name=CAPTION).inner_text() == ranking
    assert "2026-01-01 – 2026-03-31 · MuscleBlaze" in page.locator(".report-facts").inner_text()
    assert asked_for == [file.as_uri()]  # nothing is loaded beside it
    assert page.title().startswith("MuscleBlaze, 2026-01-01 – 2026-03-31")
    assert not serious_violations(page)


def test_the_file_without_details_prints_its_chart_on_one_sheet(
    page: Page, address: str, tmp_path: Path
) -> None:
    open_report(page, address, QUARTER)
    with page.expect_download() as started:
        page.get_by_role("button", name="Save as HTML").click()
    file = tmp_path / "report.html"
    started.value.save_as(file)
    page.goto(file.as_uri())
    expect(page.get_by_role("heading", level=1)).to_have_text(QUARTER_TITLE)
    expect(page.locator(".report-chart .main-svg").first).to_be_visible()
    assert sheets_of(page) == 1
    page.emulate_media(media="print")
    page.set_viewport_size(A4_PIXELS)
    box = page.locator(".report-chart .main-svg").first.bounding_box()
    assert box and box["width"] <= A4_PIXELS["width"] and box["height"] > 100


def test_tables_are_within_reach_on_a_phone(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 400, "height": 800})
    open_report(page, address, DETAILS)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 400
    region = page.get_by_role("region", name=CAPTION)
    region.focus()
    expect(region).to_be_focused()
    assert region.evaluate("element => element.scrollWidth > element.clientWidth")


def serious_violations(page: Page) -> list[str]:
    violations = Axe().run(page).response["violations"]
    return [one["id"] for one in violations if one["impact"] in ("serious", "critical")]


def style(page: Page, selector: str, name: str) -> str:
    return str(page.locator(selector).first.evaluate(f"e => getComputedStyle(e).{name}"))


def height(page: Page, selector: str) -> float:
    return float(page.locator(selector).evaluate("element => element.scrollHeight"))
