"""Plans as they would have been made before experiments began, and what these then showed.

The exports of a world are cut at a day, and built as they were. So nothing of what comes later is
in what is foreseen: neither demand, nor what campaigns bring, nor that other campaigns overlap.
"""

from datetime import date, timedelta
from pathlib import Path
from typing import Any, cast

import duckdb
import pandas as pd

MODELS = ("+fct_plan_regions", "+fct_plan_precision", "+fct_plan_returns")
BEFORE = 2 / 3  # of the days of the world
HORIZON = timedelta(days=91)  # experiments that begin so soon after the cut are planned
# The day of a row, in tables that have one; rows of others are there from the start.
DAYS = {
    "tracking_data": "date",
    "posts": "date",
    "payouts": "event_date",
    "campaigns": "start_date",
}
EXPERIMENTS = """
    select
        experiments.experiment_id, experiments.brand, experiments.test_start,
        least(greatest(round((experiments.cooldown_end - experiments.test_start + 1) / 7), 4), 16)
            ::integer as weeks,
        figures.spend, figures.break_even, figures.verdict, figures.ci_level,
        figures.incremental_revenue as estimate,
        truth.true_incremental_revenue::double as truth,
    from marts.dim_experiments as experiments
    inner join marts.fct_incremental_roas as figures using (experiment_id)
    inner join marts.fct_experiment_truth as truth using (experiment_id)
    where
        figures.is_default
        and figures.verdict <> 'not measurable'
        and figures.spend > 0
        and experiments.test_start >= $first and experiments.test_start < $last
    order by experiment_id
"""
REGIONS = """
    select experiments.experiment_id as design_id, experiments.brand, treated.region
    from marts.dim_experiments as experiments
    inner join panel.panel_campaign_regions as treated using (campaign_id)
    where experiments.experiment_id = $experiment
"""
OUTCOME = """
    with levels as (from before.marts.fct_plan_regions),

    pairs as (from before.marts.fct_plan_precision where weeks = $weeks),

    plans as (from before.marts.planned('treated', 'levels', 'pairs')),

    returns as (
        select expected_iroas, iroas_sd from before.marts.fct_plan_returns
        union all
        select null, null where not exists (from before.marts.fct_plan_returns)
    )

    select *
    from before.marts.plan_outcomes(
        'plans', 'returns', budget := $budget, break_even := $break_even, ci_level := $level
    )
"""


def cut_of(raw: Path) -> date:
    """The day from which on a world is not known yet.

    Args:
        raw: Folder of its exports, in Parquet.
    """
    with duckdb.connect() as connection:
        [(first, last)] = connection.execute(
            "select min(date)::date, max(date)::date from read_parquet($1)",
            [str(raw / "tracking_data.parquet")],
        ).fetchall()
    return date.fromordinal(round(first.toordinal() + BEFORE * (last - first).days))


def write_before(raw: Path, folder: Path, cut: date) -> None:
    """Write the exports as they were before a day.

    Args:
        raw: Folder of the exports, in Parquet.
        folder: Folder to write to, which is made.
        cut: The first day that is left out.
    """
    folder.mkdir(parents=True)
    with duckdb.connect() as connection:
        for file in sorted(raw.glob("*.parquet")):
            rows = f"from read_parquet('{file}')"
            if day := DAYS.get(file.stem):
                rows += f" where {day}::date < date '{cut}'"
            elif file.stem == "campaign_regions":
                campaigns = raw / "campaigns.parquet"
                rows += (
                    " where campaign_id in (select campaign_id from"
                    f" read_parquet('{campaigns}') where start_date::date < date '{cut}')"
                )
            connection.execute(f"copy ({rows}) to '{folder / file.name}' (format parquet)")


def foreseen(before: Path, after: Path, cut: date) -> pd.DataFrame:
    """What was foreseen of the experiments that began soon after the cut, and what they showed.

    Args:
        before: The file that dbt built of the exports as they were.
        after: The file of all exports, with their truth.
        cut: The first day that the former does not know.

    Returns:
        One row per experiment: experiment_id, brand, weeks, spend, break_even, estimate, truth and
        verdict; of the plan revenue_se, spill_over_error, baseline_revenue, expected_iroas,
        iroas_sd, iroas_se and the probability of each verdict. No row for an experiment of which
        nothing could be foreseen.
    """
    with duckdb.connect() as connection:
        connection.execute(f"attach '{before}' as before (read_only)")
        connection.execute(f"attach '{after}' as after (read_only)")
        connection.execute("use after")
        experiments = connection.execute(EXPERIMENTS, {"first": cut, "last": cut + HORIZON}).df()
        parts = []
        for row in cast("list[dict[str, Any]]", experiments.to_dict("records")):
            key = row["experiment_id"]
            connection.register("treated", connection.execute(REGIONS, {"experiment": key}).df())
            plan = {
                "weeks": row["weeks"],
                "budget": row["spend"],
                "break_even": row["break_even"],
                "level": row["ci_level"],
            }
            parts.append(connection.execute(OUTCOME, plan).df().assign(experiment_id=key))
    columns = [
        *("revenue_se", "spill_over_error", "baseline_revenue", "expected_iroas", "iroas_sd"),
        *("iroas_se", "prob_found_profitable", "prob_found_unprofitable", "prob_inconclusive"),
    ]
    empty = pd.DataFrame(columns=["experiment_id", *columns])
    plans = pd.concat([empty, *parts], ignore_index=True)
    numbers = plans[columns].astype("float64")
    return experiments.merge(plans[["experiment_id"]].join(numbers), on="experiment_id")
