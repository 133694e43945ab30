"""Charts in a real browser: legend, hover, dragging over dates, clicks and downloads."""

import csv
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse
from xml.etree import ElementTree

import duckdb
import pytest
from playwright.sync_api import Browser, FloatRect, Locator, Page, expect

from tests.python.viewer.serving import CHROMIUM, open_settled, wait_until_settled
from viewer.format import count
from viewer.published import published_path

pytestmark = pytest.mark.skipif(
    not CHROMIUM, reason="no chromium on the path; HELIOS_CHROMIUM can name one"
)

HALF_A_YEAR = "?dates=2026-01-01&dates=2026-06-30"
BASELINE, OVER_TIME, BRIDGE, CHANNELS = range(4)


def published(sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(published_path()), read_only=True) as connection:
        return connection.execute(f"use marts; {sql}").fetchall()


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlparse(page.url).query)


def chart(page: Page, place: int) -> Locator:
    return page.get_by_test_id("stPlotlyChart").nth(place)


def plot_area(page: Page, place: int) -> FloatRect:
    """Where the axes of a chart are on the screen, once it stands still."""
    chart(page, place).scroll_into_view_if_needed()
    wait_until_settled(page)
    box = chart(page, place).locator(".nsewdrag").first.bounding_box()
    assert box
    return box


def across(area: FloatRect, share: float) -> float:
    """So far from the left of an area."""
    return area["x"] + share * area["width"]


def click(page: Page, place: int, share: float) -> None:
    area = plot_area(page, place)
    page.mouse.click(across(area, share), area["y"] + area["height"] / 2)
    wait_until_settled(page)


def drag(page: Page, place: int, start: float, end: float) -> None:
    area = plot_area(page, place)
    height = area["y"] + area["height"] / 2
    page.mouse.move(across(area, start), height)
    page.mouse.down()
    page.mouse.move(across(area, (start + end) / 2), height, steps=5)
    page.mouse.move(across(area, end), height, steps=5)
    page.mouse.up()
    wait_until_settled(page)


def day_at(page: Page, place: int, share: float) -> str:
    """The day that stands so far from the left."""
    return str(
        chart(page, place).evaluate(
            """(element, share) => {
                const axis = element.querySelector(".js-plotly-plot")._fullLayout.xaxis;
                return new Date(axis.p2d ? axis.p2c(share * axis._length) : 0)
                    .toISOString().slice(0, 10);
            }""",
            share,
        )
    )


def test_a_click_on_the_legend_hides_a_series(page: Page, address: str) -> None:
    open_settled(page, f"{address}/{HALF_A_YEAR}")
    lines = chart(page, OVER_TIME).locator(".scatterlayer .trace")
    expect(lines).to_have_count(2)
    entry = chart(page, OVER_TIME).locator(".legend .traces").filter(has_text="Attributed revenue")
    entry.locator(".legendtoggle").click()
    expect(lines).to_have_count(1)
    assert query(page) == {"dates": ["2026-01-01", "2026-06-30"]}  # nothing else happens
    entry.locator(".legendtoggle").click()
    expect(lines).to_have_count(2)


def test_the_mouse_shows_all_figures_of_a_week(page: Page, address: str) -> None:
    open_settled(page, f"{address}/{HALF_A_YEAR}")
    area = plot_area(page, OVER_TIME)
    page.mouse.move(across(area, 0.5), area["y"] + area["height"] / 2)
    told = chart(page, OVER_TIME).locator(".hoverlayer")
    for text in ("Week from ", "Spend : ₹", "Attributed revenue : ₹", "Incremental revenue : ₹"):
        expect(told).to_contain_text(text)
    # One week of each: none tells another.
    assert (told.text_content() or "").count("Attributed revenue") == 1


def test_a_drag_over_weeks_sets_the_dates(page: Page, address: str) -> None:
    open_settled(page, f"{address}/{HALF_A_YEAR}")
    start, end = (day_at(page, OVER_TIME, share) for share in (0.3, 0.6))
    drag(page, OVER_TIME, 0.3, 0.6)
    [(first, last)] = published(
        "select min(date_trunc('week', date_day))::date::varchar,"
        " (max(date_trunc('week', date_day)) + interval 6 day)::date::varchar"
        f" from dim_dates where date_trunc('week', date_day) between '{start}' and '{end}'"
    )
    assert query(page)["dates"] == [first, last]
    # What is shown now can be dragged over again.
    drag(page, BASELINE, 0.4, 0.7)
    narrower = query(page)["dates"]
    assert first < narrower[0] < narrower[1] < last


def test_a_click_filters_by_a_week_then_a_day_and_opens(page: Page, address: str) -> None:
    open_settled(page, f"{address}/{HALF_A_YEAR}")
    click(page, OVER_TIME, 0.5)
    first, last = query(page)["dates"]
    [(days, weekday)] = published(f"select date '{last}' - date '{first}', isodow(date '{first}')")
    assert (days, weekday) == (6, 1)
    click(page, OVER_TIME, 0.5)
    day, same = query(page)["dates"]
    assert first <= day == same <= last
    click(page, OVER_TIME, 0.5)
    expect(page.get_by_role("heading", name="Influencers & personas", level=1)).to_be_visible()
    wait_until_settled(page)
    assert query(page)["dates"] == [day, day]


def test_a_click_on_a_channel_opens_its_rows(page: Page, address: str) -> None:
    open_settled(page, f"{address}/?brand=Gritzo")
    chart(page, CHANNELS).scroll_into_view_if_needed()
    wait_until_settled(page)
    name = chart(page, CHANNELS).locator(".yaxislayer-above .ytick").filter(has_text="email")
    box, area = name.bounding_box(), plot_area(page, CHANNELS)
    assert box
    page.mouse.click(across(area, 0.8), box["y"] + box["height"] / 2)
    expect(page.get_by_role("heading", name="Data explorer", level=1)).to_be_visible()
    wait_until_settled(page)
    [(rows,)] = published(
        "select count(*) from fct_revenue_days where channel = 'email' and brand = 'Gritzo'"
    )
    expect(page.get_by_text(f"Download {count(rows)} rows")).to_be_visible()


def test_a_picture_says_what_it_shows(page: Page, address: str, tmp_path: Path) -> None:
    open_settled(page, f"{address}/{HALF_A_YEAR}&brand=Gritzo")
    file = tmp_path / "chart.svg"
    with page.expect_download() as started:
        page.get_by_role("button", name="Download Spend and revenue by week as SVG").click()
    assert started.value.suggested_filename == "helios_over_time_2026-01-01_to_2026-06-30.svg"
    started.value.save_as(file)
    written = " ".join(ElementTree.parse(file).getroot().itertext())
    for text in (
        "Spend and revenue by week", "1 Jan 2026 – 30 Jun 2026 · Gritzo", "Helios, published",
        "Attributed revenue",
    ):  # fmt: skip
        assert text in written
    # The page itself is as before.
    expect(chart(page, OVER_TIME).get_by_text("Helios, published")).to_have_count(0)
    with page.expect_download() as started:
        page.get_by_role("button", name="Download Spend and revenue by week as PNG").click()
    started.value.save_as(tmp_path / "chart.png")
    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG\r\n")


def test_the_data_of_a_chart_are_a_file(page: Page, address: str, tmp_path: Path) -> None:
    open_settled(page, f"{address}/{HALF_A_YEAR}")
    file = tmp_path / "chart.csv"
    with page.expect_download() as started:
        page.locator(".st-key-chart_over_time").get_by_role("button", name="CSV").click()
    started.value.save_as(file)
    with file.open(newline="", encoding="utf-8-sig") as lines:
        rows = list(csv.DictReader(lines))
    expected = published(
        "select min(date_day)::varchar, sum(spend)::double from fct_influencer_days"
        " where date_day between '2026-01-01' and '2026-06-30'"
        " group by date_trunc('week', date_day) order by 1"
    )
    assert len(rows) == len(expected) == 27 and rows[0]["bucket_end"] == "2026-01-04"
    assert sum(float(row["spend"]) for row in rows) == pytest.approx(
        sum(amount for _, amount in expected)
    )


def test_a_zoom_is_taken_back(page: Page, address: str) -> None:
    open_settled(page, f"{address}/experiments?experiment=CMP023")
    place = 1
    before = [day_at(page, place, share) for share in (0, 1)]
    drag(page, place, 0.4, 0.6)
    zoomed = [day_at(page, place, share) for share in (0, 1)]
    assert before[0] < zoomed[0] < zoomed[1] < before[1]
    assert query(page) == {"experiment": ["CMP023"]}
    chart(page, place).hover()
    chart(page, place).get_by_role("button", name="Reset axes").click()
    wait_until_settled(page)
    assert [day_at(page, place, share) for share in (0, 1)] == before


def test_a_finger_scrolls_over_charts(browser: Browser, address: str) -> None:
    phone = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"
    with browser.new_context(
        viewport={"width": 400, "height": 800}, user_agent=phone, has_touch=True
    ) as context:
        page = context.new_page()
        open_settled(page, f"{address}/{HALF_A_YEAR}")
        drag(page, OVER_TIME, 0.3, 0.6)
        assert query(page)["dates"] == ["2026-01-01", "2026-06-30"]
        area = plot_area(page, OVER_TIME)
        page.touchscreen.tap(across(area, 0.5), area["y"] + area["height"] / 2)
        wait_until_settled(page)
        first, last = query(page)["dates"]
        assert "2026-01-01" < first < last < "2026-06-30"
