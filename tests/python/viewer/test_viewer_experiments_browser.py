"""Campaigns & experiments in a real browser: clicks, links and the URL."""

from pathlib import Path
from urllib.parse import parse_qs, urlparse

import duckdb
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.python.viewer.serving import CHROMIUM, wait_until_settled
from viewer.published import published_path

pytestmark = pytest.mark.skipif(
    not CHROMIUM, reason="no chromium on the path; HELIOS_CHROMIUM can name one"
)


def published(sql: str) -> list[tuple[str, ...]]:
    with duckdb.connect(str(published_path()), read_only=True) as connection:
        connection.execute("use marts")
        return connection.execute(sql).fetchall()


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlparse(page.url).query)


def shown(page: Page) -> Locator:
    """The name of the experiment that stands open."""
    return page.get_by_role("heading", level=2).first


def tile(page: Page, label: str) -> Locator:
    named = page.get_by_test_id("stMetric").filter(has=page.get_by_text(label, exact=True))
    return named.get_by_test_id("stMetricValue")


def forest(page: Page) -> Locator:
    return page.get_by_test_id("stPlotlyChart").first


def rows_of_forest(page: Page) -> list[str]:
    lines = forest(page).locator(".ytick text").all()
    return [" ".join(line.locator("tspan").all_text_contents()) for line in lines]


def click_row(page: Page, name: str) -> None:
    """Click a row of the forest at its right end, far from its label."""
    # A name is in two lines, and cut where that is too little room.
    label = (
        forest(page).locator(".ytick text").filter(has_text=name[:20]).filter(has_text=name[-7:])
    )
    expect(label).to_be_visible()
    label.scroll_into_view_if_needed()
    wait_until_settled(page)
    of_label, of_chart = label.bounding_box(), forest(page).bounding_box()
    assert of_label and of_chart
    page.mouse.click(of_chart["x"] + of_chart["width"] - 60, of_label["y"] + of_label["height"] / 2)


def choose(page: Page, label: str, member: str) -> None:
    """Choose a member of one of the filters that stand behind "More filters"."""
    page.get_by_text("More filters").click()
    box = page.get_by_role("combobox", name=label)
    # The filters unfold; until they stand still a list of members closes again.
    box.scroll_into_view_if_needed()
    wait_until_settled(page)
    box.click()
    page.keyboard.type(member)
    page.get_by_role("option", name=member, exact=True).click()


@pytest.fixture(scope="module")
def brand(simulated_warehouse: Path) -> list[tuple[str, str]]:
    """Measured experiments of a brand with short names, the latest first: id and name."""
    rows = published(
        """
        select experiment_id, experiment_name
        from dim_experiments
        join fct_incremental_roas using (experiment_id)
        where brand = 'MuscleBlaze' and is_default and iroas is not null
        order by test_start desc, experiment_id
        """
    )
    return [(key, name) for key, name in rows]


def test_a_click_on_a_row_opens_its_experiment(
    page: Page, address: str, brand: list[tuple[str, str]]
) -> None:
    key, name = brand[0]
    other_key, other_name = next(row for row in brand if "Biozyme Challenge Marathi" in row[1])
    page.set_viewport_size({"width": 1280, "height": 600})  # the experiment is below the list
    page.goto(f"{address}/experiments?brand=MuscleBlaze")
    expect(shown(page)).to_have_text(name)
    expect(shown(page)).not_to_be_in_viewport()
    click_row(page, other_name)
    expect(shown(page)).to_have_text(other_name)
    expect(shown(page)).to_be_in_viewport()
    assert query(page) == {"brand": ["MuscleBlaze"], "experiment": [other_key]}
    # By keyboard to another, and back by a click on the row that was clicked last.
    page.get_by_role("combobox", name="Experiment").focus()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    expect(shown(page)).to_have_text(name)
    assert query(page)["experiment"] == [key]
    click_row(page, other_name)
    expect(shown(page)).to_have_text(other_name)
    page.reload()
    expect(shown(page)).to_have_text(other_name)
    assert query(page)["experiment"] == [other_key]


def test_a_deep_link_shows_the_experiment_by_the_method(page: Page, address: str) -> None:
    [(name, iroas)] = published(
        """
        select experiment_name, printf('%.2fx', iroas)
        from fct_incremental_roas join dim_experiments using (experiment_id)
        where experiment_id = 'CMP023' and method = 'tbr'
        """
    )
    [(of_default,)] = published(
        """
        select printf('%.2fx', iroas) from fct_incremental_roas
        where experiment_id = 'CMP023' and is_default
        """
    )
    page.goto(f"{address}/experiments?experiment=CMP023&method=Time-based+regression")
    expect(shown(page)).to_have_text(name)
    expect(tile(page, "Measured iROAS")).to_have_text(iroas)
    page.get_by_role("button", name="Show the default method").click()
    expect(tile(page, "Measured iROAS")).to_have_text(of_default)
    assert query(page) == {"experiment": ["CMP023"]}


def test_the_method_filter_changes_the_figures(page: Page, address: str) -> None:
    [(expected,)] = published(
        """
        select printf('%.2fx', iroas) from fct_incremental_roas
        where experiment_id = 'CMP023' and method = 'synthetic_control'
        """
    )
    page.goto(f"{address}/experiments?experiment=CMP023")
    expect(tile(page, "Measured iROAS")).to_be_visible()
    choose(page, "Method", "Synthetic control")
    expect(tile(page, "Measured iROAS")).to_have_text(expected)
    assert query(page)["method"] == ["Synthetic control"]


def test_the_region_filter_narrows_the_rows(page: Page, address: str) -> None:
    expected = published(
        """
        select experiment_name
        from dim_experiments
        where experiment_id in (select experiment_id from dim_experiment_regions
            where region = 'Goa' and assignment = 'treatment')
        order by test_start desc, experiment_id
        """
    )
    page.goto(f"{address}/experiments")
    expect(forest(page)).to_be_visible()
    choose(page, "Region", "Goa")
    expect(page.get_by_text(f"{len(expected)} experiments that treated Goa")).to_be_visible()
    labels = rows_of_forest(page)
    begins = [label.removesuffix(" …") for label in labels]
    assert begins == [name[: len(begin)] for begin, (name,) in zip(begins, expected, strict=True)]
    assert query(page) == {"region": ["Goa"]}


def test_a_campaign_opens_its_experiment(page: Page, address: str) -> None:
    rows = published(
        """
        select campaign_name, e.experiment_id
        from dim_campaigns c left join dim_experiments e using (campaign_id)
        where campaign_id in (select campaign_id from fct_influencer_days)
            and campaign_id <> '(none)'
        order by c.start_date desc nulls last, campaign_id
        """
    )
    with_one = next(number for number, row in enumerate(rows[:10]) if row[1])
    without = next(number for number, row in enumerate(rows[:10]) if not row[1])
    page.goto(f"{address}/experiments?show=Campaigns&experiment=CMP003")
    expect(shown(page)).to_be_visible()
    click_table_row(page, without)
    expect(page.get_by_text(f"{rows[without][0]} has no experiment.")).to_be_visible()
    expect(page.get_by_test_id("stMetric")).to_have_count(0)
    assert query(page) == {"show": ["Campaigns"]}
    click_table_row(page, with_one)
    expect(shown(page)).to_have_text(rows[with_one][0])
    assert query(page) == {"show": ["Campaigns"], "experiment": [rows[with_one][1]]}


def click_table_row(page: Page, number: int) -> None:
    """Click the box of a row; a grid is a canvas, its rows are 35 pixels high."""
    wait_until_settled(page)  # a grid that is drawn anew forgets the click
    page.get_by_test_id("stDataFrame").first.click(position={"x": 16, "y": 52 + 35 * number})


@pytest.mark.parametrize("width", [1280, 400])
def test_nothing_is_wider_than_the_window(page: Page, address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{address}/experiments?experiment=CMP013")
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(5)
    main = page.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth - element.clientWidth") <= 0
