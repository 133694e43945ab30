"""Where the next rupee goes: response curves of members, and the best split of a budget."""

from dataclasses import dataclass

import pandas as pd

from viewer.data.break_even import break_even
from viewer.data.catalogue import settings
from viewer.data.conditions import influencer_days
from viewer.dimensions import GROUPINGS
from viewer.published import Parameters, read
from viewer.selection import Selection

# The surer choice counts a member's return at the lower end of an interval of 60 %.
_SURER = 0.8416212335729143
# Levels of a member's spend that are tried, for the plans that may be as good as the best.
_LEVELS = 12
# A plan that is better than the best in 10 of 100 cases may be as good.
_AS_GOOD = 0.1
_CURVES = """
    days as materialized (
        select
            chosen.* exclude (elasticity_member),
            chosen.elasticity_member as member,
            response.elasticity,
            response.elasticity_se,
            response.problem
        from ({chosen}) as chosen
        left join fct_response as response using (campaign_id, brand, influencer_id)
    ),

    curves as materialized (from response_curves('days', ci_level := $ci_level)),

    figures as materialized (
        select member, iroas, incremental_revenue_se / spend as iroas_se
        from performance('days')
        where spend > 0 and measured_spend > 0
    )
"""
_LIMITS = """
    limited as (
        select
            curves.member,
            curves.spend,
            case
                when $surer then
                    greatest(1 - $quantile * figures.iroas_se / nullif(abs(figures.iroas), 0), 0)
                else 1
            end * curves.ceiling as ceiling,
            curves.half_saturation,
            list_contains($fixed, curves.member) or curves.problem is not null as is_fixed,
            curves.spend * if(is_fixed, 1, greatest(1 - $change, least(curves.seen_low, 1)))
                as lowest,
            curves.spend * if(is_fixed, 1, least(1 + $change, greatest(curves.seen_high, 1)))
                as highest
        from curves
        inner join figures using (member)
    ),

    bounds as (select 0 as plan_id, * from limited),

    best as materialized (
        select member, spend from allocated('bounds', budget := $budget, target := $target)
    )
"""


@dataclass(frozen=True)
class Move:
    """What may be moved.

    Attributes:
        by: Name of the grouping whose members get the money.
        change: Most that a member's spend may rise or fall, as a part of today's.
        fixed: Members whose spend stays.
        is_surer: Whether a return counts at the lower end of its interval.
        budget: What is spent in all; None: until the last rupee returns the break-even.
    """

    by: str
    change: float
    fixed: tuple[str, ...] = ()
    is_surer: bool = False
    budget: float | None = None


def response_curves(selection: Selection, by: str) -> pd.DataFrame:
    """What the next rupee of each member brings.

    Args:
        selection: What the filters choose.
        by: Name of a grouping.

    Returns:
        The columns of `response_curves()` of the published file, and iroas_se; members with spend
        and a return that is known only, those that brought most first.
    """
    chosen, parameters = _chosen(selection, by)
    return read(
        f"""
        with {_CURVES.format(chosen=chosen)}

        select curves.*, figures.iroas_se
        from curves
        inner join figures using (member)
        order by curves.incremental_revenue desc, member
        """,
        parameters,
    )


def best_spend(selection: Selection, move: Move) -> pd.DataFrame:
    """The split of a budget that brings most within the limits.

    Args:
        selection: What the filters choose; its spend is today's.
        move: What may be moved.

    Returns:
        By member: spend, new_spend, added_spend, lowest and highest that was allowed,
        added_revenue, average_iroas, marginal_iroas today and new_marginal_iroas, is_fixed, and
        spend_from and spend_to, between which a plan may be as good as the best; null for what is
        fixed, and without a budget. No row where the limits allow no such budget.
    """
    chosen, parameters = _chosen(selection, move.by)
    return read(
        f"""
        with {_CURVES.format(chosen=chosen)},
        {_LIMITS},

        levels as (
            select
                tried.member || ' ' || level as plan_id,
                tried.member as moved_member,
                tried.lowest + (tried.highest - tried.lowest) * level / {_LEVELS} as moved_spend
            from limited as tried
            cross join range({_LEVELS} + 1) as steps (level)
            where not tried.is_fixed and $target is null
        ),

        others as (
            select
                levels.plan_id,
                limited.* exclude (lowest, highest),
                limited.member = levels.moved_member as is_moved,
                if(is_moved, levels.moved_spend, limited.lowest) as lowest,
                if(is_moved, levels.moved_spend, limited.highest) as highest
            from levels
            cross join limited
        ),

        tried as (
            select plan_id, member, spend from allocated('others', budget := $budget)
        ),

        against_best as (
            select tried.plan_id, tried.member, tried.spend, best.spend as spend_before
            from tried
            inner join best using (member)
        ),

        as_good as (
            select
                levels.moved_member as member,
                min(levels.moved_spend) as spend_from,
                max(levels.moved_spend) as spend_to
            from plan_gains('days', 'curves', 'against_best') as gains
            inner join levels using (plan_id)
            where gains.prob_better >= {_AS_GOOD} or gains.gain >= 0
            group by all
        )

        select
            limited.member,
            limited.spend,
            best.spend as new_spend,
            best.spend - limited.spend as added_spend,
            limited.lowest,
            limited.highest,
            limited.is_fixed,
            curves.incremental_revenue,
            curves.ceiling * (
                best.spend / (best.spend + curves.half_saturation)
                - curves.spend / (curves.spend + curves.half_saturation)
            ) as added_revenue,
            curves.average_iroas,
            curves.marginal_iroas,
            curves.ceiling * curves.half_saturation
            / (best.spend + curves.half_saturation) ^ 2 as new_marginal_iroas,
            curves.elasticity,
            not limited.is_fixed and $target is null as has_range,
            if(has_range, least(as_good.spend_from, best.spend), null) as spend_from,
            if(has_range, greatest(as_good.spend_to, best.spend), null) as spend_to
        from limited
        inner join best using (member)
        inner join curves using (member)
        left join as_good using (member)
        order by abs(best.spend - limited.spend) desc, limited.member
        """,
        parameters | _limits(selection, move),
    )


def gain(selection: Selection, move: Move) -> dict[str, float] | None:
    """What the best split brings beyond today's: gain, gain_se, added_spend and prob_better.

    A split that spends more is better where it brings the break-even of that, and one that spends
    less where it loses no more.
    """
    chosen, parameters = _chosen(selection, move.by)
    found = read(
        f"""
        with {_CURVES.format(chosen=chosen)},
        {_LIMITS},

        plans as (
            select 'best' as plan_id, best.member, best.spend, curves.spend as spend_before
            from best
            inner join curves using (member)
        )

        select gain, gain_se, added_spend, prob_better
        from plan_gains('days', 'curves', 'plans', break_even := $break_even)
        """,
        parameters | _limits(selection, move) | {"break_even": break_even(selection).value},
    )
    return None if found.empty else {str(name): found.iloc[0][name] for name in found.columns}


def _chosen(selection: Selection, by: str) -> tuple[str, Parameters]:
    """Influencer days with their member, as `elasticity_member`."""
    grouping = GROUPINGS[by]
    chosen, parameters = influencer_days(selection, grouping.columns)
    member = f"select *, {grouping.member} as elasticity_member from ({chosen})"
    return member, parameters | {"ci_level": settings().ci_level}


def _limits(selection: Selection, move: Move) -> Parameters:
    return {
        "change": move.change,
        "fixed": list(move.fixed),
        "surer": move.is_surer,
        "quantile": _SURER,
        "budget": move.budget,
        "target": break_even(selection).value if move.budget is None else None,
    }
