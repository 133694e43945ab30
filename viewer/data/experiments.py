"""Campaigns and experiments."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import pandas as pd

from viewer.data.catalogue import NONE_MEMBER
from viewer.data.conditions import influencer_days, member_condition, member_parameters
from viewer.data.options import labels, options
from viewer.data.performance import figures_of
from viewer.published import Identity, Parameters, published_identity, read, read_one
from viewer.selection import DEFAULT_METHOD, JudgedBy, Selection

# Results with the verdict of the file, and of revenue alone.
_RESULTS = {
    "file": "select * from fct_incremental_roas",
    "revenue": """
        select * replace (
            1.0::double as break_even,
            'revenue' as break_even_basis,
            prob_profitable_by_revenue as prob_profitable,
            verdict_by_revenue as verdict,
            reason_code_by_revenue as reason_code
        )
        from fct_incremental_roas
    """,
}


def campaigns(selection: Selection, method: str = DEFAULT_METHOD) -> pd.DataFrame:
    """Campaigns of a selection with what they cost and brought, and what is known of them.

    Returns:
        The columns of `performance` by campaign with the ratio roas; those of dim_campaigns;
        experiment_id, experiment_verdict, measured_revenue with its bounds and measured_iroas by
        its default method, null without an experiment; disagrees, whether the intervals of measured
        and calibrated incremental revenue do not meet although the selection has all of the
        experiment; experiment_factor, experiment_se, factor, factor_se, factor_of and basis, null
        without attributed revenue and media value. The latest first, "(none)" last.
    """
    chosen, parameters = influencer_days(selection)
    sql, added = figures_of(chosen, selection, ("campaign_id",), method)
    return read(
        f"""
        with figures as ({sql}),

        results as ({_RESULTS[selection.judged_by]}),

        experiments as (
            select
                campaign_id,
                any_value(experiment_id) as experiment_id,
                any_value(verdict) as experiment_verdict,
                any_value(incremental_revenue) as measured_revenue,
                any_value(ci_low) as measured_revenue_low,
                any_value(ci_high) as measured_revenue_high,
                any_value(iroas) as measured_iroas,
                any_value(test_start) as test_start,
                any_value(cooldown_end) as cooldown_end
            from dim_experiments
            left join results using (experiment_id)
            where is_default and source = 'campaign'
            group by campaign_id
        )

        select
            figures.*,
            dim_campaigns.* exclude (campaign_id),
            experiments.experiment_id,
            experiments.experiment_verdict,
            experiments.measured_revenue,
            experiments.measured_revenue_low,
            experiments.measured_revenue_high,
            experiments.measured_iroas,
            coalesce(
                $is_whole and test_start >= $from_day and cooldown_end <= $to_day
                and (
                    measured_revenue_low > incremental_revenue_high
                    or measured_revenue_high < incremental_revenue_low
                ),
                false
            ) as disagrees,
            factors.experiment_factor,
            factors.experiment_se,
            factors.factor,
            factors.factor_se,
            factors.factor_of,
            factors.basis
        from figures
        left join dim_campaigns using (campaign_id)
        left join experiments using (campaign_id)
        left join fct_incrementality_factors as factors using (campaign_id)
        order by campaign_id = $none, start_date desc nulls last, campaign_id
        """,
        parameters
        | added
        | {
            "none": NONE_MEMBER,
            "is_whole": not selection.narrowed_by("influencer"),
            "from_day": selection.first_day,
            "to_day": selection.last_day,
        },
    )


def regions_of_campaign(campaign_id: str) -> tuple[int | None, int | None]:
    """How many regions a campaign is known to run in, and to be kept out of; None if not known."""
    rows = read(
        "select regions_treated, regions_control from dim_campaigns where campaign_id = $campaign",
        {"campaign": campaign_id},
    )
    treated, control = (rows[name].dropna() for name in ("regions_treated", "regions_control"))
    return (int(treated[0]) if len(treated) else None, int(control[0]) if len(control) else None)


def experiment_names() -> dict[str, str]:
    """Names to show of all experiments, by id; a name that several have is followed by the id."""
    return _experiment_names(published_identity())


def experiments(
    selection: Selection, regions: Sequence[str] = (), method: str = DEFAULT_METHOD
) -> pd.DataFrame:
    """Experiments of a selection, each by a method, or its default one if it has none of this name.

    Test or cooldown meet the selected days, unless these are the whole period: geo tests may lie
    outside of it. Of the regions, if any, one was treated.

    Returns:
        The columns of dim_experiments; method, is_default, incremental_revenue, ci_level,
        ci_low, ci_high, iroas, iroas_low, iroas_high, break_even, break_even_basis,
        prob_profitable, verdict, reason_code and what its sentence names;
        true_incremental_revenue and true_iroas, null where they are not known. The latest first.
    """
    where, parameters = _where_experiments(selection, regions)
    return read(
        f"""
        with results as ({_RESULTS[selection.judged_by]})

        select
            dim_experiments.*,
            results.method, results.is_default, results.incremental_revenue, results.ci_level,
            results.ci_low, results.ci_high, results.iroas, results.iroas_low, results.iroas_high,
            results.break_even, results.break_even_basis, results.prob_profitable, results.verdict,
            results.reason_code, results.overlapping_campaigns, results.spoiling_campaigns,
            results.last_day,
            truth.true_incremental_revenue::double as true_incremental_revenue,
            truth.true_iroas
        from dim_experiments
        inner join results using (experiment_id)
        left join fct_experiment_truth as truth using (experiment_id)
        where {where} and (results.is_default or results.method = $method)
        qualify row_number() over (
            partition by experiment_id order by results.method = $method desc
        ) = 1
        order by test_start desc, experiment_id
        """,
        parameters | {"method": method},
    )


def has_experiments(selection: Selection) -> bool:
    """Whether a selection has experiments."""
    where, parameters = _where_experiments(selection, ())
    found = read_one(f"select exists (from dim_experiments where {where}) as any_", parameters)
    return bool(found["any_"])


def experiment_filters_to_widen(selection: Selection, regions: Sequence[str]) -> list[str]:
    """Filters each of which, if cleared alone, would bring experiments into an empty selection."""
    first, last = options().whole
    narrowed = selection.narrowed_by("campaign", "order")
    wider = {
        "dates": (replace(selection, first_day=first, last_day=last), regions),
        **{name: (selection.without(name), regions) for name in narrowed},
        "region": (selection, ()),
    }
    return [name for name, chosen in wider.items() if len(experiments(*chosen))]


def experiment_methods(experiment_id: str, judged_by: JudgedBy = "file") -> pd.DataFrame:
    """What every method says of an experiment, and what is known of the experiment itself.

    Args:
        experiment_id: The experiment.
        judged_by: What its returns are held against.

    Returns:
        The columns of fct_incremental_roas and of dim_experiments;
        true_incremental_revenue, spilled_into_control_revenue and true_iroas, null where they are
        not known, with error (incremental_revenue less the truth) and holds_truth, whether the
        truth is between ci_low and ci_high. The default method first, attribution last. No rows
        for an experiment that does not exist.
    """
    return read(
        f"""
        with results as ({_RESULTS[judged_by]})

        select
            results.*,
            dim_experiments.* exclude (experiment_id),
            truth.true_incremental_revenue::double as true_incremental_revenue,
            truth.spilled_into_control_revenue::double as spilled_into_control_revenue,
            truth.true_iroas,
            results.incremental_revenue - truth.true_incremental_revenue::double as error,
            truth.true_incremental_revenue::double between results.ci_low and results.ci_high
                as holds_truth
        from results
        inner join dim_experiments using (experiment_id)
        left join fct_experiment_truth as truth using (experiment_id)
        where experiment_id = $experiment_id
        order by
            results.is_default desc,
            results.method in ('attributed', 'organic_projection'),
            results.verdict = 'not measurable',
            results.method
        """,
        {"experiment_id": experiment_id},
    )


def experiment_days(experiment_id: str, methods: Sequence[str]) -> pd.DataFrame:
    """An experiment day by day, by the first method that has a daily series, else any other.

    Returns:
        method, date_day, actual, baseline, baseline_low, baseline_high; effect with effect_low and
        effect_high: actual less baseline; cumulative_incremental, cumulative_low and
        cumulative_high, null in the pretest. Limits are null where a method has none. No rows
        where no method could measure the experiment day by day.
    """
    return read(
        """
        select
            method, date_day, actual, baseline, baseline_low, baseline_high,
            actual - baseline as effect,
            actual - baseline_high as effect_low,
            actual - baseline_low as effect_high,
            cumulative_incremental, cumulative_low, cumulative_high
        from fct_baseline_days
        where experiment_id = $experiment_id
        qualify method = first_value(method) over (
            order by list_position($methods, method) nulls last, method
            rows between unbounded preceding and unbounded following
        )
        order by date_day
        """,
        {"experiment_id": experiment_id, "methods": list(methods)},
    )


def experiment_regions(experiment_id: str) -> pd.DataFrame:
    """Regions of an experiment, treated first: region, assignment, pair and pretest_revenue."""
    return read(
        """
        select region, assignment, pair, pretest_revenue
        from dim_experiment_regions
        where experiment_id = $experiment_id
        order by assignment = 'control', region
        """,
        {"experiment_id": experiment_id},
    )


def methods_against_truth() -> pd.DataFrame:
    """Rows of rpt_method_calibration of all experiments, the default first; none for real data."""
    return read(
        """
        select *
        from rpt_method_calibration
        where level = 'experiment'
        order by method <> 'default', coverage is null, rmse nulls last, method
        """
    )


def _where_experiments(selection: Selection, regions: Sequence[str]) -> tuple[str, Parameters]:
    """Conditions of experiments whose test or cooldown meets the selected days, and so on."""
    conditions, parameters = ["true"], Parameters()
    if selection.period != options().whole:
        conditions.append("test_start <= $last_day and cooldown_end >= $first_day")
        parameters |= {"first_day": selection.first_day, "last_day": selection.last_day}
    for name in selection.narrowed_by("campaign", "order"):
        conditions.append(member_condition(name, selection))
        parameters |= member_parameters(name, selection)
    if regions:
        conditions.append(
            "experiment_id in (select experiment_id from dim_experiment_regions"
            " where assignment = 'treatment' and list_contains($regions, region))"
        )
        parameters["regions"] = list(regions)
    return " and ".join(conditions), parameters


@lru_cache(maxsize=2)
def _experiment_names(identity: Identity) -> dict[str, str]:
    return labels("dim_experiments", "experiment_id", "experiment_name")
