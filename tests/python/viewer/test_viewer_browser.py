"""The viewer in a real browser: the URL, navigation, looks on every screen, accessibility."""

from pathlib import Path
from urllib.parse import parse_qs, urlparse

import duckdb
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.python.support import Build
from tests.python.viewer.serving import open_settled, url_of, wait_until_settled
from tests.python.viewer.tiny import publish, publish_copy
from viewer.format import money
from viewer.pages import PAGES
from viewer.published import published_path

BRAND = "HKVitals"
SERIOUS = ("serious", "critical")


def published(sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(published_path()), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def spend(where: str = "true") -> str:
    [(amount,)] = published(f"select sum(spend) from marts.fct_influencer_days where {where}")
    return money(amount)  # type: ignore[arg-type]


def tile(page: Page, label: str) -> Locator:
    named = page.get_by_test_id("stMetric").filter(has=page.get_by_text(label, exact=True))
    return named.get_by_test_id("stMetricValue")


def go_to(page: Page, title: str) -> None:
    link = page.get_by_test_id("stTopNavLink").filter(has_text=title)
    if not link.count():
        page.get_by_text("More", exact=True).first.click()
        link = page.get_by_test_id("stTopNavDropdownLink").filter(has_text=title)
    link.click()
    expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()


def chosen(page: Page, label: str, member: str) -> Locator:
    """The member that a filter of the sidebar shows as chosen."""
    return (
        page.get_by_test_id("stMultiSelect").filter(has_text=label).get_by_text(member, exact=True)
    )


def choose(page: Page, filter_of_sidebar: Locator, member: str) -> None:
    wait_until_settled(page)  # a run that ends closes the list
    filter_of_sidebar.locator("input").fill(member)
    expect(page.get_by_role("option", name=member)).to_be_visible()
    page.keyboard.press("Enter")


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlparse(page.url).query)


def test_a_filter_survives_navigation_and_links(page: Page, browser: Browser, address: str) -> None:
    of_brand = spend(f"brand = '{BRAND}'")
    page.goto(address)
    expect(tile(page, "Spend")).to_have_text(spend())
    choose(page, page.get_by_test_id("stMultiSelect").filter(has_text="Brand"), BRAND)
    expect(tile(page, "Spend")).to_have_text(of_brand)
    assert query(page) == {"brand": [BRAND]}

    titles = [
        str(definition["title"]) for name, definition in PAGES.items() if name != "influencer"
    ]
    for title in (*titles, "Overview"):
        go_to(page, title)
        expect(chosen(page, "Brand", BRAND)).to_be_visible()
        assert query(page)["brand"] == [BRAND], title
    expect(tile(page, "Spend")).to_have_text(of_brand)

    with browser.new_context() as somebody_else:
        copy = somebody_else.new_page()
        copy.goto(page.url)
        expect(tile(copy, "Spend")).to_have_text(of_brand)


def test_a_link_to_one_day_still_means_that_day(page: Page, address: str) -> None:
    [(day,)] = published("select arg_max(date_day, spend) from marts.fct_influencer_days")
    of_day = spend(f"date_day = '{day}'")
    page.goto(f"{address}/?dates={day}&dates={day}")
    expect(tile(page, "Spend")).to_have_text(of_day)
    page.reload()  # of the URL as Streamlit rewrote it
    expect(tile(page, "Spend")).to_have_text(of_day)


def test_a_preset_of_dates_is_in_the_url(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="30d").click()
    expect(tile(page, "Spend")).to_have_text(spend("date_day > date '2026-09-30' - 30"))
    assert query(page)["dates"] == ["2026-09-01", "2026-09-30"]


def test_the_back_button_goes_back(page: Page, address: str) -> None:
    open_settled(page, f"{address}/?dates=2026-07-01&dates=2026-09-30")
    page.get_by_role("link", name="See the ranking").first.click()
    expect(page).to_have_title("Influencers & personas – Helios")
    wait_until_settled(page)
    page.go_back()
    expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    expect(page).to_have_title("Overview – Helios")


def test_a_method_by_its_name_in_the_file(page: Page, address: str) -> None:
    page.goto("about:blank")
    page.goto(f"{address}/?brand={BRAND}&method=attributed")
    expect(tile(page, "Incremental ROAS (as attributed)")).to_be_visible()
    wait_until_settled(page)
    assert query(page) == {"brand": [BRAND], "method": ["Attributed revenue"]}
    expect(page.get_by_text("Ignored in the link")).to_have_count(0)
    page.go_back()
    assert page.url == "about:blank"


def test_a_persona_of_ones_own(page: Page, browser: Browser, address: str) -> None:
    page.goto(address)
    page.get_by_text("My persona").click()
    page.get_by_role("textbox", name="Name", exact=True).fill("Large")
    page.keyboard.press("Enter")
    page.get_by_label("Followers from").fill("500000")
    page.keyboard.press("Enter")
    page.wait_for_url("**my_min=500000**")
    expect(page.get_by_text("from 5,00,000 followers")).to_be_visible()
    choose(page, page.get_by_test_id("stMultiSelect").filter(has_text="Persona"), "★ Large")
    people = "select influencer_id from marts.dim_influencers"
    of_own = spend(f"influencer_id in ({people} where follower_count >= 500000)")
    expect(tile(page, "Spend")).to_have_text(of_own)
    with browser.new_context() as somebody_else:
        copy = somebody_else.new_page()
        copy.goto(page.url)
        expect(tile(copy, "Spend")).to_have_text(of_own)


def test_an_open_page_shows_what_is_published_next(
    page: Page, address: str, simulated_warehouse: Path, default_build: Build
) -> None:
    page.goto(address)
    expect(tile(page, "Spend")).to_be_visible()
    try:
        publish(simulated_warehouse)
        expect(tile(page, "Spend")).to_have_text("₹400", timeout=60_000)
    finally:
        publish_copy(default_build.published_file, simulated_warehouse)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_accessibility(name: str, scheme: str, browser: Browser, address: str) -> None:
    with browser.new_context(
        viewport={"width": 1280, "height": 1600},
        color_scheme=scheme,  # type: ignore[arg-type]
    ) as context:
        page = context.new_page()
        open_settled(page, url_of(address, name))
        findings = Axe().run(page).response["violations"]
        serious = [
            (finding["id"], finding["help"], [node["html"][:200] for node in finding["nodes"]][:3])
            for finding in findings
            if finding["impact"] in SERIOUS
        ]
        assert not serious


@pytest.mark.parametrize("name", PAGES)
def test_narrow_screens(name: str, browser: Browser, address: str) -> None:
    with browser.new_context(viewport={"width": 400, "height": 800}) as context:
        page = context.new_page()
        open_settled(page, url_of(address, name))
        widths = page.evaluate(
            "() => [document.scrollingElement.scrollWidth,"
            " document.querySelector('[data-testid=stMain]').scrollWidth]"
        )
        assert max(widths) <= 400
        assert page.get_by_role("heading", level=1).bounding_box()["width"] > 0  # type: ignore[index]


def test_dark_mode_is_dark(browser: Browser, address: str) -> None:
    with browser.new_context(color_scheme="dark") as context:
        page = context.new_page()
        open_settled(page, address)
        colours = page.evaluate(
            "() => { const s = getComputedStyle(document.querySelector('[data-testid=stApp]'));"
            " return [s.backgroundColor, s.color]; }"
        )
        background, text = (brightness(colour) for colour in colours)
        assert background < 40 < 200 < text


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Kolkata", "Pacific/Auckland"])
def test_days_are_the_same_everywhere_on_earth(zone: str, browser: Browser, address: str) -> None:
    with browser.new_context(timezone_id=zone) as context:
        page = context.new_page()
        open_settled(page, f"{address}/?dates=2026-01-05&dates=2026-01-09")
        days = page.locator(".js-plotly-plot .xtick").all_text_contents()
        of_time = [label for label in days if label.endswith(" Jan 26")]
        assert {"5 Jan 26", "9 Jan 26"} <= set(of_time)
        assert not {"4 Jan 26", "10 Jan 26"} & set(of_time)


def test_filters_can_be_set_by_keyboard(page: Page, address: str) -> None:
    page.goto(address)
    expect(tile(page, "Spend")).to_be_visible()
    page.get_by_role("button", name="90d").focus()
    page.keyboard.press("Enter")
    expect(tile(page, "Spend")).to_have_text(spend("date_day > date '2026-09-30' - 90"))


def brightness(colour: str) -> float:
    """Mean of red, green and blue of a CSS colour, 0 to 255."""
    parts = [float(part) for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    return sum(parts) / 3
