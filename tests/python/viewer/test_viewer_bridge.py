"""Why incremental is not attributed revenue: the bridge, and a campaign's own experiment."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.python.viewer.pages import figures, open_page, texts
from tests.python.viewer.tiny import publish
from viewer.format import money
from viewer.published import published_path


def ask(sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(published_path()), read_only=True) as connection:
        return connection.execute(f"use marts; {sql}").fetchall()


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ({}, "true"),
        ({"brand": "MuscleBlaze"}, "brand = 'MuscleBlaze'"),
        (
            {"dates": ["2026-01-01", "2026-06-30"]},
            "date_day between '2026-01-01' and '2026-06-30'",
        ),
    ],
)
def test_the_bridge_adds_up_campaign_by_campaign(
    query: dict[str, Any], where: str, simulated_warehouse: Path
) -> None:
    campaigns = ask(
        f"""
        select sum(attributed_revenue)::double, sum(incremental_revenue)
        from fct_influencer_days
        where {where} and incremental_revenue is not null
        group by campaign_id
        """
    )
    [(attributed,)] = ask(
        f"select sum(attributed_revenue)::double from fct_influencer_days where {where}"
    )
    differences = [incremental - revenue for revenue, incremental in campaigns]
    [bridge] = [
        figure for figure in figures(open_page(**query)) if figure["data"][0]["type"] == "waterfall"
    ]
    [steps] = bridge["data"]
    shown = dict(zip(steps["x"], steps["y"], strict=True))
    assert shown["Attributed revenue"] == pytest.approx(attributed)
    assert shown["Came without<br>a code or link"] == pytest.approx(
        sum(max(difference, 0) for difference in differences)
    )
    assert shown.get("Would have<br>come anyway", 0) == pytest.approx(
        sum(min(difference, 0) for difference in differences)
    )
    assert shown["Incremental revenue"] == pytest.approx(
        sum(incremental for _, incremental in campaigns)
    )
    assert sum(steps["y"][:-1]) == pytest.approx(steps["y"][-1])
    assert steps["measure"] == ["absolute", *["relative"] * (len(shown) - 2), "total"]


def test_a_campaign_alone_shows_what_its_experiment_measured(simulated_warehouse: Path) -> None:
    campaigns = ask(
        """
        select campaign_name, incremental_revenue, verdict, experiment_factor, factor
        from dim_experiments
        inner join fct_incremental_roas using (experiment_id)
        inner join dim_campaigns using (campaign_id)
        inner join fct_incrementality_factors using (campaign_id)
        where
            is_default and verdict <> 'not measurable' and experiment_factor is not null
        order by campaign_id
        limit 3
        """
    )
    assert len(campaigns) == 3
    for name, measured, verdict, own, factor in campaigns:
        shown = texts(open_page(campaign=name)).replace("\\", "")
        assert f"**Measured by its own experiment**: {money(measured)} of incremental" in shown
        assert f"; {verdict}." in shown
        sign = "−" if round(own, 2) < 0 else ""
        assert f"the factor of its own experiment, {sign}{abs(round(own, 2)):g} ±" in shown
        assert f"bought or missing after the cooldown: {round(factor, 2):g}." in shown


def test_other_selections_have_no_experiment_of_their_own(simulated_warehouse: Path) -> None:
    [(without,)] = ask(
        """
        select min(campaign_name) from dim_campaigns
        where not has_experiment and campaign_id <> '(none)'
        """
    )
    for query in ({}, {"brand": "Gritzo"}, {"campaign": without}):
        assert "Measured by its own" not in texts(open_page(**query))


# The calibrated revenue of the tiny world's Summer is 300, from 86 to 514.
@pytest.mark.parametrize(
    ("interval", "query", "apart"),
    [
        ((600, 700), {}, True),
        ((-50, 50), {}, True),
        ((500, 700), {}, False),
        ((None, None), {}, False),
        # Part of an experiment is no less than the whole by mistake.
        ((600, 700), {"dates": ["2025-01-01", "2025-01-03"]}, False),
        ((600, 700), {"platform": "YouTube"}, False),
    ],
)
def test_figures_disagree_where_their_intervals_do_not_meet(
    interval: tuple[Any, Any], query: dict[str, Any], apart: bool, empty_warehouse: Path
) -> None:
    experiment = {
        **{"experiment_id": "c1", "experiment_name": "Summer", "source": "campaign"},
        **{"campaign_id": "c1", "brand": "A", "pretest_start": "2024-12-01"},
        **{"pretest_end": "2024-12-31", "test_start": "2025-01-01"},
        **{"test_end": "2025-01-04", "cooldown_end": "2025-01-08"},
    }
    result = {
        **{"experiment_id": "c1", "method": "tbr", "is_default": True},
        **{"verdict": "inconclusive", "reason_code": "interval_contains"},
        **{"incremental_revenue": 650, "ci_low": interval[0], "ci_high": interval[1]},
    }
    publish(empty_warehouse, {"dim_experiments": [experiment], "fct_incremental_roas": [result]})
    app = open_page(**query)
    assert not app.exception
    told = "**Of 1 campaign the measured and the calibrated incremental revenue disagree**"
    assert (told in texts(app)) == apart
    app = open_page("decide", by="Campaigns", **query)
    assert not app.exception
    assert ("disagree beyond their intervals" in texts(app)) == apart
