"""Influencers & personas in a real browser: clicks that filter and open, links, the keyboard."""

import re
from typing import Any
from urllib.parse import parse_qs, quote, urlparse

import duckdb
import pytest
from playwright.sync_api import Browser, FloatRect, Locator, Page, expect

from tests.python.viewer.serving import CHROMIUM, open_settled, wait_until_settled
from viewer.format import money
from viewer.published import published_path

pytestmark = pytest.mark.skipif(
    not CHROMIUM, reason="no chromium on the path; HELIOS_CHROMIUM can name one"
)

BRAND = "MuscleBlaze"
CHOSEN = "the charts fade the others"
MOST_STEPS_BACK = 6


def ask(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(published_path()), read_only=True) as connection:
        return connection.execute(f"use marts; {sql}", list(values)).fetchall()


def most_spent_on(place: int = 0) -> tuple[str, str, str]:
    """Id and name of an influencer of the brand, most spend first, and the spend as written."""
    [(influencer, name, spend)] = ask(
        """
        select influencer_id, influencer_name, sum(spend) from fct_influencer_days
        inner join dim_influencers using (influencer_id)
        where brand = ? group by all order by sum(spend) desc, influencer_id limit 1 offset ?
        """,
        BRAND,
        place,
    )
    return influencer, name, money(spend)


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlparse(page.url).query)


def chart(page: Page, place: int) -> Locator:
    return page.get_by_test_id("stPlotlyChart").nth(place)


def click_row(page: Page, name: str) -> None:
    """Click on the middle of a row of the ranking."""
    drawing = chart(page, 0)
    drawing.scroll_into_view_if_needed()
    width, height = _size(drawing)
    label = _size_and_place(drawing.get_by_text(name, exact=True).first)
    frame = _size_and_place(drawing)
    middle = label["y"] + label["height"] / 2 - frame["y"]
    assert 0 < middle < height
    drawing.click(position={"x": width / 2, "y": middle})


def click_cell(page: Page, persona: str, platform: str) -> None:
    """Click on the heat map where a row and a column meet."""
    drawing = chart(page, 1)
    drawing.scroll_into_view_if_needed()
    frame = _size_and_place(drawing)
    row = _size_and_place(drawing.get_by_text(persona, exact=True))
    column = _size_and_place(drawing.get_by_text(platform, exact=True))
    drawing.click(
        position={
            "x": column["x"] + column["width"] / 2 - frame["x"],
            "y": row["y"] + row["height"] / 2 - frame["y"],
        }
    )


def click_middle(page: Page, mark: Locator) -> None:
    """Click where a mark of a chart is: what lies on top of all marks takes the clicks."""
    mark.scroll_into_view_if_needed()
    wait_until_settled(page)
    box = _size_and_place(mark)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def _size_and_place(element: Locator) -> FloatRect:
    expect(element).to_be_visible()
    box = element.bounding_box()
    assert box
    return box


def _size(element: Locator) -> tuple[float, float]:
    box = _size_and_place(element)
    return box["width"], box["height"]


def tile(page: Page, label: str) -> Locator:
    named = page.get_by_test_id("stMetric").filter(has=page.get_by_text(label, exact=True))
    return named.get_by_test_id("stMetricValue")


def find_influencer(page: Page) -> Locator:
    return page.get_by_test_id("stSelectbox").filter(has_text="Find an influencer").locator("input")


def go_back_to(page: Page, path: str, heading: str, **parameters: str) -> None:
    """Press the browser's back button until a page is there, with these parameters in its URL.

    Streamlit adds the parameters of a switch to another page to the history one by one, before
    or after the path: none, some or all of these steps are of the page that is left.
    """
    wanted = {name: [value] for name, value in parameters.items()}
    for _ in range(MOST_STEPS_BACK):
        page.go_back()
        wait_until_settled(page)
        if urlparse(page.url).path == path and wanted.items() <= query(page).items():
            break
    expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()
    wait_until_settled(page)


# --- Influencers ---------------------------------------------------------------------------------


def test_a_click_filters_and_a_second_click_opens(page: Page, address: str) -> None:
    influencer, name, spend = most_spent_on()
    open_settled(page, f"{address}/influencers?brand={BRAND}&sort_by=Spend&how_many=10")
    click_row(page, name)
    expect(page.get_by_text(CHOSEN)).to_be_visible()
    wait_until_settled(page)
    assert query(page)["influencer"] == [name]
    assert query(page)["brand"] == [BRAND]

    click_row(page, name)
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    wait_until_settled(page)
    assert urlparse(page.url).path == "/influencer"
    assert query(page)["id"] == [influencer]
    assert query(page)["brand"] == [BRAND]
    expect(tile(page, "Spend")).to_have_text(spend)

    page.get_by_test_id("stMain").get_by_role("link", name="Influencers & personas").click()
    expect(page.get_by_role("heading", name="Influencers & personas", level=1)).to_be_visible()
    wait_until_settled(page)
    ranking = {"brand": [BRAND], "influencer": [name], "sort_by": ["Spend"], "how_many": ["10"]}
    assert query(page) == ranking

    go_back_to(page, "/influencer", name, id=influencer)  # over the link
    filters = {"brand": BRAND, "influencer": name}
    go_back_to(page, "/influencers", "Influencers & personas", **filters)  # over the second click
    kept = {name: query(page).get(name) for name in ("brand", "influencer", "id")}
    assert kept == {"brand": [BRAND], "influencer": [name], "id": None}


def test_a_click_on_somebody_else_goes_over_to_them(page: Page, address: str) -> None:
    names = [most_spent_on(place)[1] for place in range(2)]
    open_settled(page, f"{address}/influencers?brand={BRAND}&sort_by=Spend")
    for name in names:
        click_row(page, name)
        expect(page.get_by_text(f"{name} is selected")).to_be_visible()
        wait_until_settled(page)
        assert query(page)["influencer"] == [name]


def test_nothing_stays_selected_after_everyone_is_shown(page: Page, address: str) -> None:
    _, name, _ = most_spent_on()
    open_settled(page, f"{address}/influencers?brand={BRAND}&sort_by=Spend")
    for _ in range(2):  # the second time is no click on what is still selected
        click_row(page, name)
        expect(page.get_by_text(CHOSEN)).to_be_visible()
        wait_until_settled(page)
        page.get_by_role("button", name="Show all influencers").click()
        expect(page.get_by_text(CHOSEN)).to_be_hidden()
        wait_until_settled(page)
        assert "influencer" not in query(page)
    page.get_by_role("radio", name="10", exact=True).click()
    wait_until_settled(page)
    assert "influencer" not in query(page) and urlparse(page.url).path == "/influencers"


def test_a_click_on_the_scatter_filters_and_opens(page: Page, address: str) -> None:
    _, name, _ = most_spent_on()
    open_settled(page, f"{address}/influencers?brand={BRAND}")
    circles = chart(page, 1).locator(".scatterlayer .point")
    circles.first.scroll_into_view_if_needed()
    wait_until_settled(page)
    # Others may lie on top of it, so it is the place that is clicked twice.
    click_middle(page, circles.first)
    expect(page.get_by_text(CHOSEN)).to_be_visible()
    wait_until_settled(page)
    [name] = query(page)["influencer"]
    click_middle(page, circles.first)
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    wait_until_settled(page)
    assert urlparse(page.url).path == "/influencer"


def test_a_ticked_row_filters_and_opens(page: Page, address: str) -> None:
    influencer, name, _ = most_spent_on()
    open_settled(page, f"{address}/influencers?brand={BRAND}&sort_by=Spend")
    for _ in range(2):
        table = page.get_by_test_id("stDataFrame")
        table.scroll_into_view_if_needed()
        wait_until_settled(page)
        table.click(position={"x": 16, "y": 52})
        wait_until_settled(page)
        assert query(page)["influencer"] == [name]
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    assert query(page)["id"] == [influencer]


def test_an_influencer_is_found_and_opened_by_keyboard(page: Page, address: str) -> None:
    influencer, name, _ = most_spent_on()
    open_settled(page, f"{address}/influencers?brand={BRAND}")
    find_influencer(page).focus()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    filter_by = page.get_by_role("button", name="Filter", exact=True)
    expect(filter_by).to_be_visible()
    wait_until_settled(page)
    page.get_by_role("link", name="Open", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    wait_until_settled(page)
    assert query(page) == {"id": [influencer], "brand": [BRAND]}
    go_back_to(page, "/influencers", "Influencers & personas")
    find_influencer(page).focus()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    expect(filter_by).to_be_visible()
    filter_by.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(CHOSEN)).to_be_visible()
    wait_until_settled(page)
    assert query(page)["influencer"] == [name]


# --- Personas ------------------------------------------------------------------------------------


def test_a_click_on_a_persona_filters_and_a_second_click_clears(page: Page, address: str) -> None:
    open_settled(page, f"{address}/influencers?show=Personas&brand={BRAND}")
    click_row(page, "Micro-Fitness")
    expect(page.get_by_text("The others are faded.")).to_be_visible()
    wait_until_settled(page)
    assert query(page) == {"show": ["Personas"], "brand": [BRAND], "persona": ["Micro-Fitness"]}
    click_row(page, "Micro-Nutrition")
    expect(page.get_by_text("Selected: Micro-Nutrition.")).to_be_visible()
    wait_until_settled(page)
    assert query(page)["persona"] == ["Micro-Nutrition"]
    click_row(page, "Micro-Nutrition")
    expect(page.get_by_text("The others are faded.")).to_be_hidden()
    wait_until_settled(page)
    assert query(page) == {"show": ["Personas"], "brand": [BRAND]}


def test_a_click_on_a_persona_of_ones_own(page: Page, address: str) -> None:
    own = "my_name=Hindi&my_language=Hindi"
    open_settled(page, f"{address}/influencers?show=Personas&{own}")
    click_row(page, "★ Hindi")
    expect(page.get_by_text("Selected: ★ Hindi.")).to_be_visible()
    wait_until_settled(page)
    assert query(page)["persona"] == ["★ Hindi"]
    click_row(page, "★ Hindi")
    expect(page.get_by_text("The others are faded.")).to_be_hidden()
    wait_until_settled(page)
    assert "persona" not in query(page)


def test_a_click_on_a_cell_filters_by_both_and_a_second_click_clears(
    page: Page, address: str
) -> None:
    open_settled(page, f"{address}/influencers?show=Personas")
    click_cell(page, "Micro-Nutrition", "Instagram")
    expect(page.get_by_text("Selected: Micro-Nutrition.")).to_be_visible()
    wait_until_settled(page)
    assert query(page) == {
        "show": ["Personas"], "persona": ["Micro-Nutrition"], "platform": ["Instagram"]
    }  # fmt: skip
    click_cell(page, "Micro-Nutrition", "Instagram")
    expect(page.get_by_text("The others are faded.")).to_be_hidden()
    wait_until_settled(page)
    assert query(page) == {"show": ["Personas"]}


def test_each_tab_remembers_its_controls(page: Page, address: str) -> None:
    open_settled(page, f"{address}/influencers?sort_by=ROAS&how_many=50")
    page.get_by_role("tab", name="Personas").click()
    expect(page.get_by_text("Personas by incremental ROAS")).to_be_visible()
    wait_until_settled(page)
    page.get_by_role("radio", name="Spend", exact=True).click()
    wait_until_settled(page)
    assert query(page) == {"show": ["Personas"], "cells": ["Spend"]}
    page.get_by_role("tab", name="Influencers").click()
    expect(page.get_by_text("Ranking by incremental ROAS")).to_be_visible()
    wait_until_settled(page)
    assert query(page) == {"sort_by": ["ROAS"], "how_many": ["50"]}
    page.get_by_role("tab", name="Personas").click()
    expect(page.get_by_text("Personas by incremental ROAS")).to_be_visible()
    wait_until_settled(page)
    assert query(page) == {"show": ["Personas"], "cells": ["Spend"]}


def test_compared_personas_are_in_the_link(page: Page, browser: Browser, address: str) -> None:
    open_settled(page, f"{address}/influencers?show=Personas")
    compared = page.get_by_test_id("stMultiSelect").filter(has_text="Personas to compare")
    for persona in ("Nano-Fitness", "Macro-Beauty"):
        compared.locator("input").click()
        page.keyboard.type(persona)
        page.get_by_role("option", name=persona).click()
        wait_until_settled(page)
    assert query(page)["compare_personas"] == ["Nano-Fitness", "Macro-Beauty"]
    with browser.new_context() as somebody_else:
        copy = somebody_else.new_page()
        open_settled(copy, page.url)
        heads = copy.get_by_test_id("stTable").locator("th")
        expect(heads.nth(1)).to_have_text("Nano-Fitness")
        expect(heads.nth(2)).to_have_text("Macro-Beauty")


# --- One influencer ------------------------------------------------------------------------------


def test_a_link_to_an_influencer(page: Page, address: str) -> None:
    influencer, name, spend = most_spent_on()
    open_settled(page, f"{address}/influencer?id={influencer}&brand={BRAND}")
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    expect(tile(page, "Spend")).to_have_text(spend)

    other, other_name, other_spend = most_spent_on(1)
    box = page.get_by_test_id("stMain").get_by_test_id("stSelectbox").locator("input")
    box.fill(other_name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=other_name, level=1)).to_be_visible()
    expect(tile(page, "Spend")).to_have_text(other_spend)
    wait_until_settled(page)
    assert query(page) == {"id": [other], "brand": [BRAND]}
    page.reload()
    expect(page.get_by_role("heading", name=other_name, level=1)).to_be_visible()


def test_a_link_to_nobody_leads_back_to_the_list(page: Page, address: str) -> None:
    open_settled(page, f"{address}/influencer?id={quote('no/body')}&brand={BRAND}")
    expect(page.get_by_text("have no influencer no/body")).to_be_visible()
    page.get_by_test_id("stMain").get_by_role("link", name="Influencers & personas").click()
    expect(page.get_by_role("heading", name="Influencers & personas", level=1)).to_be_visible()
    wait_until_settled(page)
    assert query(page) == {"brand": [BRAND]}


def test_posts_are_marked_and_experiments_are_linked(page: Page, address: str) -> None:
    [(influencer, posts)] = ask(
        """
        select influencer_id, count(*) from fct_posts group by influencer_id
        order by count(*) desc, influencer_id limit 1
        """
    )
    [(experiment,)] = ask(
        """
        select min(experiment_id) from fct_influencer_days
        inner join dim_experiments using (campaign_id) where influencer_id = ?
        """,
        influencer,
    )
    open_settled(page, f"{address}/influencer?id={influencer}")
    # The line of revenue, whose points are not seen, comes first.
    marks = chart(page, 0).locator(".scatterlayer .trace").last.locator(".point")
    expect(marks).to_have_count(posts)
    marks.first.scroll_into_view_if_needed()
    wait_until_settled(page)
    box = _size_and_place(marks.first)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(chart(page, 0).locator(".hoverlayer")).to_contain_text("Caption")
    # Links to experiments are told apart by what follows in their address.
    [(name,)] = ask(
        "select experiment_name from dim_experiments where experiment_id = ?", experiment
    )
    page.get_by_test_id("stMain").get_by_role("link", name=re.compile(re.escape(name[:40]))).click()
    wait_until_settled(page)
    assert urlparse(page.url).path == "/experiments"
    assert query(page)["experiment"] == [experiment]


@pytest.mark.parametrize("path", ["influencers", "influencers?show=Personas", "influencer"])
def test_nothing_is_wider_than_a_phone(path: str, browser: Browser, address: str) -> None:
    influencer, _, _ = most_spent_on()
    with browser.new_context(viewport={"width": 400, "height": 800}) as phone:
        page = phone.new_page()
        page.set_default_timeout(30_000)
        open_settled(page, f"{address}/{path}{f'?id={influencer}' if path == 'influencer' else ''}")
        expect(
            page.get_by_test_id("stPlotlyChart").first.locator(".main-svg").first
        ).to_be_visible()
        main = page.get_by_test_id("stMain")
        assert main.evaluate("element => element.scrollWidth <= element.clientWidth")
        for place in range(page.get_by_test_id("stPlotlyChart").count()):
            box = chart(page, place).bounding_box()
            assert box and box["x"] >= 0 and box["x"] + box["width"] <= 400
