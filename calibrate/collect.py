"""What is kept of a world after its build: estimates beside the truth, and what an oracle needs."""

import json
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from calibrate.oracle import Layout, curve, relative_error, settings_of_truth
from simulate.settings import Settings

ESTIMATES = """
    select
        level, member_id, method, is_default, is_measurable, estimate, ci_low, ci_high,
        truth::double as truth, attributed_revenue::double as attributed_revenue,
        spend::double as spend,
    from calibration.calibration_estimates
    order by all
"""
# The default method of each experiment, and what its campaign really did.
EXPERIMENTS = """
    select
        figures.experiment_id, figures.method, figures.verdict, figures.iroas, figures.break_even,
        figures.baseline_revenue, figures.minimum_detectable_revenue,
        truth.true_incremental_revenue::double as truth,
        (experiments.revenue - experiments.incremental_revenue)::double as true_baseline,
    from marts.fct_incremental_roas as figures
    inner join marts.fct_experiment_truth as truth using (experiment_id)
    inner join read_parquet('{truth}/experiments.parquet') as experiments
        on figures.experiment_id = experiments.campaign_id
    where figures.is_default
    order by figures.experiment_id
"""
CAMPAIGNS = """
    select
        truth.member_id as campaign_id,
        truth.incremental_revenue::double as truth,
        experiments.member_id is not null as is_regional,
        case when factors.factor_of = 'attributed revenue' then factors.factor_base end
            as attributed_revenue,
        attributed.incremental_revenue as attributed_in_experiment,
        factors.experiment_factor, factors.experiment_se, factors.factor, factors.factor_se,
    from calibration.calibration_truth as truth
    left join calibration.calibration_truth as experiments
        on truth.member_id = experiments.member_id and experiments.level = 'experiment'
    left join marts.fct_incrementality_factors as factors
        on truth.member_id = factors.campaign_id
    left join marts.fct_incremental_roas as attributed
        on truth.member_id = attributed.experiment_id and attributed.method = 'attributed'
    where truth.level = 'campaign'
    order by campaign_id
"""
INFLUENCERS = """
    select
        performance.influencer_id, performance.spend::double as spend, performance.roas,
        performance.iroas, performance.iroas_low, performance.iroas_high,
        performance.prob_profitable, performance.verdict, performance.decision,
        performance.break_even,
        truth.incremental_revenue::double as truth,
    from marts.rpt_influencer_performance as performance
    inner join calibration.calibration_truth as truth
        on truth.level = 'influencer' and performance.influencer_id = truth.member_id
    order by influencer_id
"""
PANEL = """
    select experiment_id, geo, assignment, date_day as date, period
    from panel.panel_experiment_days
    order by experiment_id, date_day, geo
"""
# Net revenue of an order, returned and refused ones as zero.
VALUES = """
    select
        brand, avg(net * net) / avg(net) ^ 2 as value_spread,
    from (
        select
            brand,
            case when status in ('returned', 'refused') then 0 else revenue::double end as net,
        from read_parquet('{raw}/tracking_data.parquet')
    )
    group by brand
"""
EXPECTED = """
    select region, brand, sum(expected_baseline_orders) as orders
    from read_parquet('{truth}/region_days.parquet')
    group by region, brand
"""


def collect(warehouse: Path, raw: Path, truth: Path) -> dict[str, pd.DataFrame]:
    """Read what is kept of a world.

    Args:
        warehouse: The file that dbt built in.
        raw: Folder of the exports, in Parquet.
        truth: Folder of their truth, in Parquet.

    Returns:
        Tables by name: estimates, experiments, campaigns, influencers. Money is in rupees.

    Raises:
        ValueError: If the build did not find the truth to be that of its exports.
    """
    with duckdb.connect(str(warehouse), read_only=True) as connection:

        def table(query: str) -> pd.DataFrame:
            return connection.sql(query.format(raw=raw, truth=truth)).df()

        if table("select 1 from calibration.calibration_truth limit 1").empty:
            raise ValueError("the truth is not that of the exports")
        tables = {
            "estimates": table(ESTIMATES),
            "experiments": table(EXPERIMENTS),
            "campaigns": table(CAMPAIGNS),
            "influencers": table(INFLUENCERS),
        }
        settings = table("from read_parquet('{truth}/settings.parquet')")
        panel, values, expected = table(PANEL), table(VALUES), table(EXPECTED)
        brands = table("select experiment_id, brand from marts.dim_experiments")
    errors = relative_errors(
        settings_of_truth(
            {
                name: json.loads(value)
                for name, value in zip(settings.setting, settings.value, strict=True)
            }
        ),
        panel.merge(brands, on="experiment_id"),
        expected.set_index(["region", "brand"]).orders,
        values.set_index("brand").value_spread,
    )
    found = tables["experiments"].experiment_id.map(errors)
    tables["experiments"]["oracle_error"] = found.astype(float)
    return tables


def relative_errors(
    settings: Settings,
    panel: pd.DataFrame,
    expected: "pd.Series[float]",
    value_spread: "pd.Series[float]",
) -> dict[str, float]:
    """The oracle's error of each experiment that has both arms and both periods.

    Args:
        settings: Settings of the world.
        panel: One row per experiment_id, geo and date, with brand, assignment and period.
        expected: Expected orders of the whole period by region and brand.
        value_spread: E[v^2] / E[v]^2 of the value of orders by brand.

    Returns:
        Relative standard deviations by experiment_id.
    """
    first = np.datetime64(settings.start)
    scale = curve(settings).sum()
    errors = {}
    for name, rows in panel.groupby("experiment_id"):
        brand = rows.brand.iloc[0]
        geos = rows.drop_duplicates("geo").set_index("geo").assignment
        days = rows.drop_duplicates("date").set_index("date").period
        layout = Layout(
            level=np.array([expected[geo, brand] for geo in geos.index]) / scale,
            treated=np.array(geos == "treatment"),
            day=(days.index.to_numpy("datetime64[D]") - first).astype(np.int64),
            is_test=np.array(days != "pretest"),
        )
        if _is_complete(layout.treated) and _is_complete(layout.is_test):
            errors[str(name)] = relative_error(settings, layout, value_spread[brand])
    return errors


def _is_complete(flags: NDArray[np.bool_]) -> bool:
    return bool(flags.any() and not flags.all())
