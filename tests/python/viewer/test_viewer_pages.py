"""Every page in every state, without a browser."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.python.viewer.conftest import APP, publish_copy
from viewer import data
from viewer.format import count, ratio, rupees

PAGES = ["overview", "deep_dive", "explorer"]


def open_page(page: str = "overview", **query: str | list[str]) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    if page != "overview":
        app.switch_page(f"views/{page}.py")
    return app.run()


def tiles(app: AppTest) -> dict[str, str]:
    return {tile.label: str(tile.value) for tile in app.metric}


def texts(app: AppTest) -> str:
    elements: list[Any] = [*app.info, *app.warning, *app.error, *app.caption]
    return "\n".join(element.value for element in elements)


def tiles_of(selection: data.Selection) -> dict[str, str]:
    totals = data.totals(selection)
    return {
        "Spend": rupees(totals["spend"]),
        "Attributed revenue": rupees(totals["attributed_revenue"]),
        "ROAS": ratio(totals["roas"]),
        "Incremental ROAS (legacy)": ratio(totals["organic_projection_iroas"]),
        "Orders": count(totals["orders"]),
        "Cost per order": rupees(totals["cpo"]),
    }


@pytest.mark.parametrize("page", PAGES)
def test_pages_show_simulated_data(page: str, simulated_warehouse: Path) -> None:
    app = open_page(page)
    assert not app.exception and not app.error and not app.warning
    if page == "overview":
        options = data.options()
        assert tiles(app) == tiles_of(data.Selection(options.first_day, options.last_day))
    if page == "explorer":
        assert list(app.dataframe[0].value) == list(data.mart_columns("fct_influencer_days"))


@pytest.mark.parametrize("rank_by", ["ROAS", "Attributed revenue", "Spend", "nonsense"])
def test_deep_dive_ranks_by_any_measure(rank_by: str, simulated_warehouse: Path) -> None:
    app = open_page("deep_dive", rank_by=rank_by, how_many="5")
    assert not app.exception
    highest, lowest, personas = (table.value for table in app.dataframe)
    assert len(highest) == len(lowest) == 5
    assert not set(highest["influencer_name"]) & set(lowest["influencer_name"])
    assert {"orders", "spend"} <= set(highest) & set(personas)


def test_tiles_by_hand(tiny_warehouse: Path) -> None:
    app = open_page()
    assert tiles(app) == {
        "Spend": "₹400",
        "Attributed revenue": "₹700",
        "ROAS": "1.75x",
        "Incremental ROAS (legacy)": "−0.75x",
        "Orders": "8",
        "Cost per order": "₹50",
    }
    assert "not a causal measure" in texts(app)
    assert "1 of 3 influencers had no spend" in texts(app)


def test_tooltips_come_from_the_published_file(tiny_warehouse: Path) -> None:
    help_texts = {tile.label: tile.help for tile in open_page().metric}
    assert help_texts["Spend"] == "Rupees earned by the influencer."
    assert help_texts["ROAS"] == "Revenue per rupee."
    assert not help_texts["Orders"]


@pytest.mark.parametrize("page", PAGES)
def test_filters_in_the_url_are_applied(page: str, tiny_warehouse: Path) -> None:
    app = open_page(page, brand="B", platform="Instagram", dates=["2025-01-01", "2025-01-05"])
    assert not app.exception and not app.warning
    assert app.session_state["selection"] == data.Selection(
        date(2025, 1, 1), date(2025, 1, 5), platforms=("Instagram",), brands=("B",)
    )
    assert "1 Jan 2025 – 5 Jan 2025 · Instagram · B" in texts(app)
    if page != "explorer":
        assert "₹50 of spend has no known brand" in texts(app)
    else:
        assert "Filtered by Dates, Platform, Brand" in texts(app)


@pytest.mark.parametrize("page", PAGES)
def test_rubbish_in_the_url_is_dropped_and_told(page: str, tiny_warehouse: Path) -> None:
    app = open_page(
        page,
        brand=["A", "[x](http://y)"],
        persona="Nobody",
        campaign="",
        dates=["2025-13-45", "1066-10-14"],
        rank_by="\0",
        how_many="-1",
        mart="secrets",
        unheard="of",
    )
    assert not app.exception
    assert app.session_state["selection"].brands == ("A",)
    assert app.session_state["selection"].personas == ()
    [warning] = app.warning
    assert "Persona Nobody" in warning.value
    assert r"\[x\]" in warning.value  # shown as it is, not as a link


@pytest.mark.parametrize("page", PAGES)
def test_half_chosen_dates(page: str, tiny_warehouse: Path) -> None:
    app = open_page(page, dates="2025-01-02")
    assert not app.exception
    assert "Only 2 Jan 2025" in texts(app)
    if page == "overview":
        assert tiles(app)["Spend"] == "₹300"


@pytest.mark.parametrize("page", PAGES)
def test_cleared_dates_mean_the_whole_data(page: str, tiny_warehouse: Path) -> None:
    app = open_page(page, dates="")
    assert not app.exception
    assert "1 Jan 2025 – 10 Jan 2025" in texts(app)


def test_presets_and_clearing(tiny_warehouse: Path) -> None:
    app = open_page(brand="A", dates=["2025-01-10", "2025-01-10"])
    assert tiles(app)["Spend"] == "₹0"
    assert tiles(app)["ROAS"] == tiles(app)["Incremental ROAS (legacy)"] == "–"
    button = {button.label: button for button in app.button}
    button["30 days"].click().run()
    assert tiles(app)["Spend"] == "₹100"
    button["Clear filters"].click().run()
    assert tiles(app)["Spend"] == "₹400"


@pytest.mark.parametrize("page", PAGES)
def test_an_empty_selection_says_what_to_widen(page: str, tiny_warehouse: Path) -> None:
    app = open_page(page, brand="B", platform="YouTube")
    assert not app.exception and not app.metric and not app.dataframe
    [info] = app.info
    assert "Platform or Brand" in info.value


@pytest.mark.parametrize("page", PAGES)
def test_dates_without_data(page: str, tiny_warehouse: Path) -> None:
    app = open_page(page, dates=["2024-01-01", "2024-03-31"])
    assert not app.exception and not app.warning
    assert "Dates" in app.info[0].value


@pytest.mark.parametrize("mart", ["fct_payout_lines", "dim_brands", "rpt_influencer_performance"])
def test_any_mart_can_be_explored(mart: str, tiny_warehouse: Path) -> None:
    app = open_page("explorer", mart=mart)
    assert not app.exception
    assert app.selectbox(key="mart").value == mart


def test_an_empty_mart(tiny_warehouse: Path) -> None:
    app = open_page("explorer", mart="rpt_influencer_performance")
    assert "has no rows here. Nothing was published in it." in app.info[0].value


@pytest.mark.parametrize("page", PAGES)
def test_nothing_published(page: str, empty_warehouse: Path) -> None:
    app = open_page(page)
    assert not app.exception
    assert app.title[0].value == "Nothing published yet"
    assert "make build" in app.info[0].value
    assert empty_warehouse.name.replace("_", r"\_") in app.info[0].value


@pytest.mark.parametrize("page", PAGES)
def test_an_unreadable_file(page: str, empty_warehouse: Path) -> None:
    (empty_warehouse / "helios.duckdb").write_bytes(b"rubbish")
    app = open_page(page)
    assert not app.exception
    assert app.title[0].value == "The published data cannot be read"
    assert "make build" in app.error[0].value


def test_a_newly_published_file_is_shown(tiny_warehouse: Path, published_file: Path) -> None:
    app = open_page(brand="A")
    assert tiles(app)["Spend"] == "₹100"
    publish_copy(published_file, tiny_warehouse)
    app.run()
    options = data.options()
    assert not app.exception
    # The old file's brand is gone, and dates that covered all of the old data cover the new.
    assert tiles(app) == tiles_of(data.Selection(options.first_day, options.last_day))


def test_the_page_appears_once_something_is_published(
    empty_warehouse: Path, published_file: Path
) -> None:
    app = open_page()
    publish_copy(published_file, empty_warehouse)
    app.run()
    assert not app.exception
    assert app.title[0].value == "Overview"
