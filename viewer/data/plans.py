"""Tests that could be run: which regions, how long, what they would show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pandas as pd

from viewer.data.catalogue import NONE_MEMBER, settings
from viewer.data.conditions import influencer_days
from viewer.data.options import options
from viewer.dimensions import DIMENSIONS
from viewer.published import Parameters, read, read_one, read_rows
from viewer.selection import Selection

# The method by which a test is foreseen, and will be measured.
PLANNED_METHOD = "joint_panel"

# Ways to choose regions, from which those are left that agree with what must and must not be.
_DESIGNS = """
    select * from fct_plan_designs
    where
        brand = $brand
        and weeks = $weeks
        and list_has_all(string_split(region_list, '; '), $treated)
        and not list_has_any(string_split(region_list, '; '), $untreated)
"""
_OWN_DESIGN = """
    with own as (
        select $brand as brand, 'own choice' as design_id, unnest($treated) as region
    ),

    levels as (from fct_plan_regions),

    pairs as (from fct_plan_precision where brand = $brand and weeks = $weeks)

    select *, 'own' as kind from planned('own', 'levels', 'pairs')
"""
# Without enough experiments nothing is expected, and no verdict has a probability.
_RETURNS = """
    select expected_iroas, iroas_sd from fct_plan_returns
    union all
    select null, null where not exists (from fct_plan_returns)
"""
# True returns of a power curve, in steps of a fiftieth of where it ends.
_KNOWN_RETURNS = """
    select unnest(range(51)) / 50 * $most::double as expected_iroas, 0 as iroas_sd
"""


# As registered() wants it, with the cells in the types of the raw table test_plans.
_TEST_PLAN = """
    with plans as (
        select
            $campaign_id as campaign_written,
            $brand as brand,
            $start_date::date as start_date,
            $end_date::date as end_date,
            $stop_date::date as stop_date,
            $treated_regions as treated_regions,
            $control_regions as control_regions,
            $method as method,
            $break_even as break_even_roas,
            $budget as budget,
            $revenue_se as revenue_se,
            $minimum_detectable_revenue as minimum_detectable_revenue,
            $prob_found_profitable as prob_found_profitable,
            $prob_found_unprofitable as prob_found_unprofitable,
            $data_until::date as data_until
    )

    select plan_text, text_hash from registered('plans')
"""
PROMISES = (
    *("revenue_se", "minimum_detectable_revenue"),
    *("prob_found_profitable", "prob_found_unprofitable"),
)


@dataclass(frozen=True)
class Plan:
    """What a test is planned for.

    Attributes:
        brand: Brand of the campaign.
        weeks: Its length with its cooldown.
        budget: What it would cost.
        break_even: iROAS from which it is profitable.
    """

    brand: str
    weeks: int
    budget: float
    break_even: float


def plan_brands() -> list[str]:
    """Brands with enough orders by region, the largest first."""
    found = read(
        """
        select brand from fct_plan_regions
        where brand in (select brand from fct_plan_designs)
        group by brand
        order by sum(weekly_revenue) desc, brand
        """,
        {},
    )
    return [str(brand) for brand in found["brand"]]


def plan_regions(brand: str) -> list[str]:
    """Regions that a campaign of a brand could treat, the largest first."""
    found = read(
        """
        select region from fct_plan_regions
        where brand = $brand and is_choosable
        order by weekly_revenue desc, region
        """,
        {"brand": brand},
    )
    return [str(region) for region in found["region"]]


def plan_returns() -> dict[str, float] | None:
    """What a rupee is expected to bring, as of fct_plan_returns; None with too few experiments."""
    found = read("from fct_plan_returns", {})
    return None if found.empty else {str(k): v for k, v in found.iloc[0].items() if k != "scope"}


def plan_designs(plan: Plan, treated: Sequence[str], untreated: Sequence[str]) -> pd.DataFrame:
    """Ways to choose regions with what the campaign would show.

    Args:
        plan: What it is planned for.
        treated: Regions that are treated in all of them.
        untreated: Regions that are treated in none of them.

    Returns:
        The columns of fct_plan_designs and of `plan_outcomes`, is_usual, whether spend over
        revenue of the regions is not higher than in nine of ten experiments, and prob_verdict.
        Usual ones first, of these that which most probably ends with a verdict.
    """
    return _outcomes(
        plan, _DESIGNS, _RETURNS, {"treated": list(treated), "untreated": list(untreated)}
    )


def plan_of_regions(plan: Plan, regions: Sequence[str]) -> pd.DataFrame:
    """The same of regions of one's own choice: one row, or none if nothing is left to compare."""
    return _outcomes(plan, _OWN_DESIGN, _RETURNS, {"treated": list(regions)})


def plan_power(plan: Plan, regions: Sequence[str], most: float) -> pd.DataFrame:
    """How probable each verdict is, if the true iROAS were known.

    Args:
        plan: What it is planned for.
        regions: Treated regions.
        most: Highest iROAS.

    Returns:
        The columns of `plan_outcomes` by expected_iroas from 0 to the highest, as true iROAS.
    """
    found = _outcomes(plan, _OWN_DESIGN, _KNOWN_RETURNS, {"treated": list(regions), "most": most})
    return found.sort_values("expected_iroas", ignore_index=True)


def plan_row(
    plan: Plan,
    promise: Mapping[str, Any],
    campaign_id: str,
    days: tuple[date, date, date],
    regions: tuple[Sequence[str], Sequence[str]],
) -> dict[str, str]:
    """A plan as a row of the raw table test_plans, with its hash.

    Args:
        plan: What is planned.
        promise: What it would show, a row of `plan_designs`.
        campaign_id: Key of the campaign.
        days: First and last day, and last day of the cooldown.
        regions: Treated regions, and those that are kept free of it.

    Returns:
        Cells by column, of which the text of the plan is made, and plan_hash.
    """
    treated, control = ("; ".join(sorted(names)) for names in regions)
    found = read_one(
        _TEST_PLAN,
        {
            "campaign_id": campaign_id,
            "brand": plan.brand,
            **dict(zip(("start_date", "end_date", "stop_date"), days, strict=True)),
            "treated_regions": treated,
            "control_regions": control,
            "method": PLANNED_METHOD,
            "break_even": plan.break_even,
            "budget": plan.budget,
            **{name: None if pd.isna(promise[name]) else promise[name] for name in PROMISES},
            "data_until": options().last_day,
        },
    )
    lines = (line.partition("=") for line in found["plan_text"].split("\n"))
    return {name: cell for name, _, cell in lines} | {"plan_hash": found["text_hash"]}


def campaigns_beside(brand: str, first: date, last: date, regions: Sequence[str]) -> list[str]:
    """Campaigns of a brand that work at the same time in some of the same regions.

    Args:
        brand: The brand.
        first: First day of the test.
        last: Last day of its cooldown.
        regions: Its treated regions.

    Returns:
        Their names, the earliest first; those of all brands too. One that is no experiment counts
        wherever it runs, unless that is everywhere, which all regions have alike.
    """
    found = read_rows(
        """
        with elsewhere as (
            select campaign_id
            from dim_experiments
            inner join dim_experiment_regions using (experiment_id)
            where campaign_id is not null
            group by campaign_id
            having not bool_or(assignment = 'treatment' and list_contains($regions, region))
        )

        select campaign_name
        from dim_campaigns
        where
            brand in ($brand, $none)
            and regions_treated > 0
            and start_date <= $last
            and end_date + cooldown_days >= $first
            and campaign_id not in (from elsewhere)
        order by start_date, campaign_id
        """,
        {
            "brand": brand,
            "none": NONE_MEMBER,
            "first": first,
            "last": last,
            "regions": list(regions),
        },
    )
    return [str(row["campaign_name"]) for row in found]


def plan_of_experiment(experiment_id: str) -> dict[str, Any] | None:
    """The row of fct_test_plans of an experiment; None if it was not planned."""
    found = read_rows(
        "from fct_test_plans where experiment_id = $experiment_id",
        {"experiment_id": experiment_id},
    )
    return found[0] if found else None


def usual_spend(brand: str) -> float:
    """What a brand spends in a week on posts that are shown everywhere.

    Of the last thirteen weeks, outside campaigns and in those without treated regions.
    """
    found = read_one(
        """
        select coalesce(sum(spend), 0)::double / 13 as spend
        from fct_influencer_days
        where
            brand = $brand
            and date_day > (select max(date_day) - 91 from fct_influencer_days)
            and campaign_id not in (
                select campaign_id from dim_experiments where campaign_id is not null
            )
        """,
        {"brand": brand},
    )
    return float(found["spend"])


def plan_of_going_dark(
    plan: Plan, regions: Sequence[str], share: float, spend: float
) -> dict[str, Any] | None:
    """What would be shown by stopping usual spend in some regions.

    Args:
        plan: Brand, weeks and break-even count.
        regions: Where spend would be stopped.
        share: Part of revenue that they have.
        spend: Usual spend of a week in all regions.

    Returns:
        The columns of `plan_outcomes`, for the spend that is saved there as its budget, and
        spend_saved: usual spend by the part of revenue that the regions have. None where nothing
        is spent.
    """
    saved = spend * plan.weeks * share
    found = plan_of_regions(replace(plan, budget=saved), regions) if saved > 0 else pd.DataFrame()
    if found.empty:
        return None
    return {str(name): value for name, value in found.iloc[0].items()} | {"spend_saved": saved}


def values_of_tests(selection: Selection, plan: Plan, by: str, error: float) -> pd.DataFrame:
    """What the next test of each member is worth, in incremental profit of a year.

    Args:
        selection: What the filters choose; its last year of spend will be spent again.
        plan: The test, whose budget and break-even count.
        by: Dimension whose members could be tested.
        error: Error with which the test would measure a member's iROAS.

    Returns:
        The columns of `values_of_tests` of the published file, members by the names to show, what
        is worth most after its cost first; only members with spend in that year whose return is
        known with an error.
    """
    last = max(selection.first_day, selection.last_day - timedelta(days=364))
    year = replace(selection, first_day=last)
    days, parameters = influencer_days(year, [DIMENSIONS[by].column])
    labels = options().labels[by]
    found = read(
        f"""
        with days as (select *, {DIMENSIONS[by].column} as member from ({days})),

        known as (
            select
                member,
                iroas,
                incremental_revenue_se,
                spend,
                $error as test_se,
                $budget as budget
            from performance('days')
            where iroas is not null and member is not null and member <> $none
        )

        select * from values_of_tests('known', break_even := $break_even)
        order by net_value desc, member
        """,
        parameters
        | {
            "error": error,
            "budget": plan.budget,
            "break_even": plan.break_even,
            "none": NONE_MEMBER,
        },
    )
    return found.assign(member=[labels.get(member, member) for member in found["member"]])


def _outcomes(plan: Plan, designs: str, returns: str, parameters: Parameters) -> pd.DataFrame:
    return read(
        f"""
        with designs as ({designs}),

        returns as ({returns}),

        outcomes as (
            select * from plan_outcomes(
                'designs', 'returns',
                budget := $budget, break_even := $break_even, ci_level := $ci_level
            )
        )

        select
            *,
            prob_found_profitable + prob_found_unprofitable as prob_verdict,
            coalesce(
                spend_per_revenue <= (select high_spend_per_revenue from fct_plan_returns), true
            ) as is_usual
        from outcomes
        order by is_usual desc, prob_verdict desc nulls last, revenue_se, design_id
        """,
        {
            "brand": plan.brand,
            "weeks": plan.weeks,
            "budget": plan.budget,
            "break_even": plan.break_even,
            "ci_level": settings().ci_level,
            **parameters,
        },
    )
