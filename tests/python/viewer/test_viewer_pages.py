"""What holds for every page in every state, without a browser."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from tests.python.support import Build
from tests.python.viewer.pages import ALL_PAGES, PAGES_WITH_FIGURES, open_page, texts, tiles
from tests.python.viewer.tiny import SETTINGS, publish, publish_copy
from viewer import data
from viewer.format import money
from viewer.selection import Selection

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("page", ALL_PAGES)
def test_pages_show_simulated_data(page: str, simulated_warehouse: Path) -> None:
    app = open_page(page)
    assert not app.exception and not app.error and not app.warning
    assert app.title


@pytest.mark.parametrize("page", ALL_PAGES)
def test_filters_in_the_url_are_applied(page: str, tiny_warehouse: Path) -> None:
    app = open_page(page, brand="B", platform="Instagram", dates=["2025-01-01", "2025-01-05"])
    assert not app.exception and not app.warning
    days = Selection(date(2025, 1, 1), date(2025, 1, 5))
    assert app.session_state["view"].selection == days.having(platform=("Instagram",), brand=("B",))


@pytest.mark.parametrize("page", ALL_PAGES)
def test_rubbish_in_the_url_is_dropped_and_told(page: str, tiny_warehouse: Path) -> None:
    app = open_page(
        page,
        brand=["A", "[x](http://y)"],
        persona="Nobody",
        campaign="",
        dates=["2025-13-45", "1066-10-14"],
        method="guess",
        compare="yesterday",
        sort_by="\0",
        how_many="-1",
        mart="secrets",
        id="nobody",
        experiment="none",
        my_min="many",
        unheard="of",
    )
    assert not app.exception
    selection = app.session_state["view"].selection
    assert (selection.members("brand"), selection.members("persona")) == (("A",), ())
    told = "\n".join(warning.value for warning in app.warning)
    assert "Persona Nobody" in told
    assert r"\[x\]" in told  # shown as it is, not as a link


@pytest.mark.parametrize("page", ALL_PAGES)
def test_half_chosen_dates(page: str, tiny_warehouse: Path) -> None:
    app = open_page(page, dates="2025-01-02")
    assert not app.exception
    assert "Only 2 Jan 2025" in texts(app)
    if page == "overview":
        assert tiles(app)["Spend"] == "₹300"


@pytest.mark.parametrize("page", ALL_PAGES)
def test_cleared_dates_mean_the_whole_data(page: str, tiny_warehouse: Path) -> None:
    app = open_page(page, dates="")
    assert not app.exception
    selection = app.session_state["view"].selection
    assert (selection.first_day, selection.last_day) == (date(2025, 1, 1), date(2025, 1, 10))


@pytest.mark.parametrize("page", ["overview", "influencers"])
def test_an_empty_selection_says_what_to_widen(page: str, tiny_warehouse: Path) -> None:
    app = open_page(page, brand="B", platform="YouTube")
    assert not app.exception and not app.metric and not app.dataframe
    [info] = app.info
    assert "Platform or Brand" in info.value


@pytest.mark.parametrize("page", ALL_PAGES)
def test_dates_without_data(page: str, tiny_warehouse: Path) -> None:
    app = open_page(page, dates=["2024-01-01", "2024-03-31"])
    assert not app.exception and not app.warning


@pytest.mark.parametrize("page", ALL_PAGES)
def test_marts_without_rows(page: str, empty_warehouse: Path) -> None:
    empty = ("dim_influencers", "fct_influencer_days", "fct_revenue_days", "fct_payout_lines")
    publish(empty_warehouse, {mart: [] for mart in (*empty, "dim_campaigns", "dim_brands")})
    app = open_page(page)
    assert not app.exception and not app.error


@pytest.mark.parametrize("page", PAGES_WITH_FIGURES)
def test_nothing_published(page: str, empty_warehouse: Path) -> None:
    app = open_page(page)
    assert not app.exception
    assert app.title[0].value == "Nothing published yet"
    assert empty_warehouse.name.replace("_", r"\_") in texts(app)


@pytest.mark.parametrize("page", PAGES_WITH_FIGURES)
def test_an_unreadable_file(page: str, empty_warehouse: Path) -> None:
    (empty_warehouse / "helios.duckdb").write_bytes(b"rubbish")
    app = open_page(page)
    assert not app.exception
    assert app.title[0].value == "The published data cannot be read"
    assert "make build" in app.error[0].value


def test_a_file_of_another_version(empty_warehouse: Path) -> None:
    with duckdb.connect(str(publish(empty_warehouse))) as connection:
        connection.execute("drop table marts.meta_settings")
    app = open_page()
    assert not app.exception
    assert "another version of Helios" in app.error[0].value


def test_a_newly_published_file_is_shown(tiny_warehouse: Path, default_build: Build) -> None:
    app = open_page(brand="A")
    assert tiles(app)["Spend"] == "₹100"
    publish_copy(default_build.published_file, tiny_warehouse)
    app.run()
    assert not app.exception
    # The old file's brand is gone, and dates that covered all of the old data cover the new.
    [(spend,)] = default_build.query("select sum(spend) from marts.fct_influencer_days")
    assert tiles(app)["Spend"] == money(spend)


def test_the_page_appears_once_something_is_published(empty_warehouse: Path) -> None:
    app = open_page()
    publish(empty_warehouse)
    app.run()
    assert not app.exception
    assert app.title[0].value == "Overview"


def test_the_currency_is_that_of_the_build(empty_warehouse: Path) -> None:
    settings = SETTINGS | {"currency": "USD", "ci_level": "0.8", "stale_after_days": "3"}
    rows = [{"setting": name, "value": value} for name, value in settings.items()]
    publish(empty_warehouse, {"meta_settings": rows})
    app = open_page()
    assert tiles(app)["Spend"] == "$400"
    assert "80 % CI" in texts(app)
    assert data.settings().stale_after_days == 3


def test_old_data_and_simulated_worlds_are_marked(empty_warehouse: Path) -> None:
    publish(empty_warehouse, {"fct_experiment_truth": [{"experiment_id": "e1"}]})
    shown = texts(open_page())
    assert "Data end 10 Jan 2025" in shown and "Simulated world" in shown
    days = [{"date_day": str(date.today()), "influencer_id": "i1", "campaign_id": "c1"}]
    publish(empty_warehouse, {"fct_influencer_days": days})
    shown = texts(open_page())
    assert "Data end" not in shown and "Simulated world" not in shown
