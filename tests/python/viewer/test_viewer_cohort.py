"""Spend of some dates with the revenue that it brought later."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.python.viewer.pages import alts, open_page, texts, tiles
from tests.python.viewer.test_viewer_decide import influencer_days
from tests.python.viewer.test_viewer_report import shown
from viewer import data, filters
from viewer.format import count, money, ratio
from viewer.pages import WITHOUT_COHORT
from viewer.selection import Selection

JULY = ["2026-07-01", "2026-07-31"]
COHORT = "Up to 14 days after spend"
AMOUNTS = (*("orders", "revenue", "incremental_revenue", "shared", "of_campaign", "of_influencer"),)


def cohort(first: str, last: str, days_after: int) -> pd.DataFrame:
    """Influencer days of the spend of some dates, and of their part of what was sold after it."""
    rows = influencer_days("true")
    window, dates = pd.Timedelta(days=days_after), (pd.Timestamp(first), pd.Timestamp(last))
    own = rows[rows.date_day.between(*dates)]
    found = [own.assign(**{name: own[name] * 0 for name in AMOUNTS})]
    for _, member in rows.groupby(["influencer_id", "campaign_id"]):
        for date_day, sold in member.groupby("date_day"):
            day = pd.Timestamp(str(date_day))
            behind = member[member.date_day.between(day - window, day)]
            of_dates = behind.spend[behind.date_day.between(*dates)].sum()
            if of_dates:
                share = of_dates / behind.spend.sum()
                earned = {name: sold[name] * share for name in AMOUNTS}
                found.append(sold.assign(spend=0.0, **earned))
    return pd.concat(found)


@pytest.mark.build
def test_revenue_is_that_of_the_spend(simulated_warehouse: Path) -> None:
    app = open_page(dates=JULY, cohort=COHORT)
    assert not app.exception and not app.warning
    expected = cohort(JULY[0], JULY[1], 14)[["spend", "revenue", "orders"]].sum()
    found = tiles(app)
    assert found["Spend"] == money(expected["spend"])
    assert found["Attributed revenue"] == money(round(expected["revenue"], 2))
    assert found["Orders"] == count(round(expected["orders"]))
    assert found["ROAS"] == ratio(expected["revenue"] / expected["spend"])
    assert found["Attributed revenue"] != tiles(open_page(dates=JULY))["Attributed revenue"]
    words = texts(app)
    assert "revenue up to 14 days after spend" in words
    assert "not over" not in words
    # Revenue over time stands on the days of the spend, so that a baseline would be none.
    assert "Actual vs baseline revenue" not in words
    facts = shown(open_page("report", dates=JULY, cohort=COHORT)).pairs
    assert facts["Attributed revenue"].startswith(found["Attributed revenue"].split()[0])
    assert "revenue up to 14 days after spend" in facts["Filters"]


@pytest.mark.build
def test_days_that_are_not_over_have_no_verdict(simulated_warehouse: Path) -> None:
    app = open_page(dates=["2026-09-20", "2026-09-30"], cohort="Up to 30 days after spend")
    assert "Not measurable" in texts(app)
    assert "100.0 % of the spend of these dates, the 30 days after it are not over" in texts(app)
    assert not [one for one in app.button if "days after spend" in one.label]


@pytest.mark.build
def test_a_button_counts_the_revenue_of_the_spend(simulated_warehouse: Path) -> None:
    december = ["2025-12-01", "2025-12-28"]
    app = open_page(dates=december)
    [button] = [one for one in app.button if "days after spend" in one.label]
    app = button.click().run()
    assert not app.exception
    expected = cohort("2025-12-01", "2025-12-28", 30)["revenue"].sum()
    assert tiles(app)["Attributed revenue"] == money(round(expected, 2))
    assert "returns say little" not in texts(app)


@pytest.mark.build
@pytest.mark.parametrize("page", [page for page in WITHOUT_COHORT if page != "bring"])
def test_other_pages_are_as_without(page: str, simulated_warehouse: Path) -> None:
    app = open_page(page, dates=JULY, cohort=COHORT)
    plain = open_page(page, dates=JULY)
    assert not app.exception
    assert (tiles(app), texts(app), alts(app)) == (tiles(plain), texts(plain), alts(plain))


@pytest.mark.build
def test_dates_add_up(simulated_warehouse: Path) -> None:
    first, last = data.options().whole
    whole = data.totals(Selection(first, last, days_after=30))
    halves = [
        data.totals(Selection(*dates, days_after=30))
        for dates in ((first, date(2026, 1, 10)), (date(2026, 1, 10) + timedelta(days=1), last))
    ]
    for column in ("spend", "attributed_revenue", "incremental_revenue"):
        parts = sum(float(half[column]) for half in halves)
        assert parts == pytest.approx(float(whole[column]), abs=0.02)


@pytest.mark.parametrize(
    ("query", "selection"),
    [
        ({"cohort": [COHORT]}, {"days_after": 14}),
        ({"judge_by": ["Revenue"]}, {"judged_by": "revenue"}),
        ({}, {}),
    ],
)
def test_links_carry_it(
    query: dict[str, Any], selection: dict[str, Any], tiny_warehouse: Path
) -> None:
    options = data.options()
    assert filters.link(Selection(*options.whole, **selection), options) == query


def test_an_unknown_choice_is_told(tiny_warehouse: Path) -> None:
    app = open_page(cohort="Up to 31 days after spend")
    assert [one.value for one in app.warning if "Revenue counted" in one.value]


def test_dates_without_data_say_what_to_clear(tiny_warehouse: Path) -> None:
    app = open_page(dates=["2019-01-01", "2019-01-02"], cohort=COHORT)
    assert not app.exception
    assert [one.label for one in app.button if one.label == "Clear Dates"]
