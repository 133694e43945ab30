"""Exports that nobody here wrote: six public projects on one brief, each with its spellings."""

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.python.support import REFERENCE, Build, build_exports

EXPORTS = REFERENCE / "healthkart"
PROJECTS = (
    "aditya-somasi",
    "gitraun",
    "ittismita",
    "pranavadache",
    "project-helios",
    "ritikksahoo1",
)
RAW_TABLES = ("influencers", "posts", "tracking_data", "payouts")

pytestmark = [
    pytest.mark.build,
    pytest.mark.skipif(
        not EXPORTS.is_dir(),
        reason="the exports of others (shared/reference/healthkart) are not beside this project",
    ),
]


@pytest.fixture(scope="module", params=PROJECTS)
def real_build(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Build:
    project: str = request.param
    return build_exports(raw=EXPORTS / project, warehouse=tmp_path_factory.mktemp(project))


def exported(raw: Path, raw_table: str) -> pd.DataFrame:
    frame = pd.read_csv(raw / f"{raw_table}.csv")
    return frame.rename(columns={"ID": "influencer_id", "id": "influencer_id"})


def test_builds_and_every_identity_holds(real_build: Build) -> None:
    # The identities of the books are dbt tests, so that a build that passes has them hold.
    assert real_build.returncode == 0, real_build.output
    assert "ERROR=0" in real_build.output
    assert "WARN=0" in real_build.output


def test_every_row_is_accepted_and_every_rupee_counted(real_build: Build) -> None:
    health = {
        raw_table: counts
        for raw_table, *counts in real_build.query(
            "select raw_table, rows_read, rows_accepted, amount_accepted from marts.rpt_data_health"
        )
    }
    for raw_table in RAW_TABLES:
        frame = exported(real_build.raw, raw_table)
        money = {"tracking_data": "revenue", "payouts": "total_payout"}.get(raw_table)
        amount = frame[money].sum() if money else 0
        rows_read, rows_accepted, amount_accepted = health[raw_table]
        assert (rows_read, rows_accepted) == (len(frame), len(frame))
        assert float(amount_accepted) == pytest.approx(amount, abs=0.005)


def test_spend_and_attributed_revenue_are_those_of_the_exports(real_build: Build) -> None:
    orders = exported(real_build.raw, "tracking_data").dropna(subset="influencer_id")
    payouts = exported(real_build.raw, "payouts")
    revenue = orders.groupby(orders.influencer_id.astype(str)).revenue.sum().to_dict()
    spend = payouts.groupby(payouts.influencer_id.astype(str)).total_payout.sum().to_dict()
    influencers = exported(real_build.raw, "influencers").influencer_id.astype(str)
    performance = real_build.query(
        """
        select influencer_id, attributed_revenue, spend, roas
        from marts.rpt_influencer_performance
        """
    )
    assert sorted(row[0] for row in performance) == sorted(influencers)
    for influencer_id, measured_revenue, measured_spend, roas in performance:
        earned, paid = revenue.get(influencer_id, 0), spend.get(influencer_id, 0)
        assert float(measured_revenue) == pytest.approx(earned, abs=0.005)
        assert float(measured_spend) == pytest.approx(paid, abs=0.005)
        if paid:
            assert roas == pytest.approx(earned / paid, rel=1e-6, abs=1e-9)
        else:
            assert roas is None


@pytest.mark.parametrize("real_build", ["project-helios"], indirect=True)
def test_parity_with_the_original_dashboard(real_build: Build) -> None:
    expected = json.loads((real_build.raw / "expected.json").read_text(encoding="utf-8"))
    portfolio = expected["portfolio"]
    [(spend, attributed, baseline, iroas, roas)] = real_build.query(
        """
        select
            sum(spend),
            sum(attributed_revenue),
            sum(organic_projection_baseline_revenue),
            sum(organic_projection_incremental_revenue) / sum(spend),
            sum(attributed_revenue) / sum(spend)
        from marts.rpt_influencer_performance
        """
    )
    assert float(spend) == pytest.approx(portfolio["spend"], rel=1e-6)
    assert float(attributed) == pytest.approx(portfolio["attributed_revenue"], rel=1e-6)
    assert baseline == pytest.approx(portfolio["baseline_revenue"], rel=1e-6)
    assert iroas == pytest.approx(portfolio["incremental_roas"], rel=1e-6)
    assert roas == pytest.approx(portfolio["simple_roas"], rel=1e-6)

    performance = {
        influencer_id: figures
        for influencer_id, *figures in real_build.query(
            """
            select
                influencer_id, spend, attributed_revenue, organic_projection_baseline_revenue,
                organic_projection_incremental_revenue, roas, organic_projection_iroas
            from marts.rpt_influencer_performance
            """
        )
    }
    assert len(performance) == len(expected["influencers"]) == 50
    names = (
        "total_payout",
        "attributed_revenue",
        "baseline_revenue",
        "incremental_revenue",
        "simple_roas",
        "incremental_roas",
    )
    for influencer in expected["influencers"]:
        measured = [float(figure) for figure in performance[influencer["influencer_id"]]]
        assert measured == pytest.approx([influencer[name] for name in names], rel=1e-6, abs=1e-6)
