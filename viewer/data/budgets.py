"""Where the next rupee goes: response curves of members, and the best split of a budget."""

from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from viewer.data.break_even import break_even
from viewer.data.catalogue import settings
from viewer.data.conditions import influencer_days
from viewer.dimensions import GROUPINGS
from viewer.published import Parameters, read
from viewer.selection import Selection

# The surer choice counts a member's return at the lower end of an interval of 60 %.
_SURER = 0.8416212335729143
# Levels of a member's spend that are tried, for the plans that may be as good as the best. Each is
# a split of all members, so that of many only few are tried: so many in all over their number.
_LEVELS, _MOST_TRIED = 12, 800
# A plan that is better than the best in 10 of 100 cases may be as good.
_AS_GOOD = 0.1
# Of a curve, what the best split is made of.
_CURVE = dict.fromkeys(
    (
        *("spend", "incremental_revenue", "average_iroas", "marginal_iroas", "iroas", "iroas_se"),
        *("elasticity", "elasticity_se", "half_saturation", "ceiling", "seen_from", "seen_to"),
    ),
    "double",
) | {"member": "varchar", "problem": "varchar"}
_CURVES = """
    with days as materialized (
        select
            chosen.* exclude (elasticity_member),
            chosen.elasticity_member as member,
            response.elasticity,
            response.elasticity_se,
            response.problem
        from ({chosen}) as chosen
        left join fct_response as response using (campaign_id, brand, influencer_id)
    ),

    figures as (
        select member, iroas, incremental_revenue_se / spend as iroas_se
        from performance('days')
        where spend > 0 and measured_spend > 0
    )

    select
        curves.*,
        figures.iroas,
        figures.iroas_se,
        curves.spend * least(curves.seen_low, 1) as seen_from,
        curves.spend * greatest(curves.seen_high, 1) as seen_to
    from response_curves('days', ci_level := $ci_level) as curves
    inner join figures using (member)
    order by curves.incremental_revenue desc, member
"""
_FIELDS = ", ".join(f"{name} {kind}" for name, kind in _CURVE.items())
# Planning the functions of the file costs more than running them, so each is called once, and
# curves come back as they were read.
_BEST = f"""
    with days as materialized (
        select * exclude (elasticity_member), elasticity_member as member from ({{chosen}})
    ),

    curves as materialized (
        select unnest($curves::struct({_FIELDS})[], recursive := true)
    ),

    singles as (
        select
            unnest($members::varchar[]) as member,
            unnest($lowest::double[]) as lowest,
            unnest($highest::double[]) as highest
    ),

    limited as materialized (
        select
            curves.member,
            curves.spend,
            case
                when $surer then
                    greatest(1 - $quantile * curves.iroas_se / nullif(abs(curves.iroas), 0), 0)
                else 1
            end * curves.ceiling as ceiling,
            curves.half_saturation,
            list_contains($fixed, curves.member) or curves.problem is not null as is_fixed,
            greatest(curves.spend * (1 - $change), curves.seen_from) as usual_lowest,
            least(curves.spend * (1 + $change), curves.seen_to) as usual_highest,
            case
                when is_fixed then curves.spend
                when singles.lowest is not null then singles.lowest
                else least(usual_lowest, coalesce(singles.highest, usual_lowest))
            end as lowest,
            case
                when is_fixed then curves.spend
                when singles.highest is not null then singles.highest
                else greatest(usual_highest, coalesce(singles.lowest, usual_highest))
            end as highest
        from curves
        left join singles using (member)
    ),

    -- Tried for a range: what could move most money.
    ranged as materialized (
        select member, lowest, highest
        from limited
        where not is_fixed and $target is null
        order by highest - lowest desc, member
        limit (select {_MOST_TRIED} // count(*) from limited)
    ),

    levels as materialized (
        select
            row_number() over (order by member, level) as plan_id,
            member as moved_member,
            lowest + (highest - lowest) * level / {_LEVELS} as moved_spend
        from ranged
        cross join range({_LEVELS} + 1) as steps (level)
    ),

    bounds as (
        select 0 as plan_id, member, ceiling, half_saturation, lowest, highest from limited

        union all

        select
            levels.plan_id,
            limited.member,
            limited.ceiling,
            limited.half_saturation,
            if(limited.member = levels.moved_member, levels.moved_spend, limited.lowest),
            if(limited.member = levels.moved_member, levels.moved_spend, limited.highest)
        from levels
        cross join limited
    ),

    allocations as materialized (
        select plan_id, member, spend
        from allocated('bounds', budget := $budget, target := $target)
    ),

    best as (select member, spend from allocations where plan_id = 0),

    -- The best split against today's, and every other one against the best.
    plans as (
        select
            allocations.plan_id,
            allocations.member,
            allocations.spend,
            if(allocations.plan_id = 0, limited.spend, best.spend) as spend_before
        from allocations
        inner join best using (member)
        inner join limited using (member)
    ),

    gains as materialized (
        from plan_gains('days', 'curves', 'plans', break_even := $break_even)
    ),

    as_good as (
        select
            levels.moved_member as member,
            min(levels.moved_spend) as spend_from,
            max(levels.moved_spend) as spend_to
        from gains
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
        if(ranged.member is null, null, least(as_good.spend_from, best.spend)) as spend_from,
        if(ranged.member is null, null, greatest(as_good.spend_to, best.spend)) as spend_to,
        gains.gain,
        gains.gain_se,
        gains.added_spend as gain_added_spend,
        gains.prob_better
    from limited
    inner join best using (member)
    inner join curves using (member)
    inner join gains on gains.plan_id = 0
    left join ranged using (member)
    left join as_good using (member)
    order by abs(best.spend - limited.spend) desc, limited.member
"""
_GAIN = ("gain", "gain_se", "gain_added_spend", "prob_better")


class Limit(NamedTuple):
    """What a single member's spend is kept to, in the place of what holds for all.

    Attributes:
        member: Whose spend.
        lowest: Least that it gets; None for that of all, or for less where the highest is less.
        highest: Most that it gets; None for that of all, or for more where the lowest is more.
    """

    member: str
    lowest: float | None = None
    highest: float | None = None


@dataclass(frozen=True)
class Move:
    """What may be moved.

    Attributes:
        by: Name of the grouping whose members get the money.
        change: Most that a member's spend may rise or fall, as a part of today's.
        fixed: Members whose spend stays.
        is_surer: Whether a return counts at the lower end of its interval.
        budget: What is spent in all; None: until the last rupee returns the break-even.
        singles: Limits of single members; those of `fixed` stay all the same.
    """

    by: str
    change: float
    fixed: tuple[str, ...] = ()
    is_surer: bool = False
    budget: float | None = None
    singles: tuple[Limit, ...] = ()


class Best(NamedTuple):
    """The split of a budget that brings most within the limits.

    Attributes:
        moves: By member: spend, new_spend, added_spend, lowest and highest that was allowed,
            added_revenue, average_iroas, marginal_iroas today and new_marginal_iroas, is_fixed, and
            spend_from and spend_to, between which a plan may be as good as the best; null for what
            is fixed, for all but those that could move most, and without a budget.
        gain: What it brings beyond today's split.
        gain_se: Its standard error.
        added_spend: What it spends more.
        prob_better: How probably it is better. One that spends more is better where it brings the
            break-even of that, and one that spends less where it loses no more.
    """

    moves: pd.DataFrame
    gain: float
    gain_se: float
    added_spend: float
    prob_better: float


def response_curves(selection: Selection, by: str) -> pd.DataFrame:
    """What the next rupee of each member brings.

    Args:
        selection: What the filters choose.
        by: Name of a grouping.

    Returns:
        The columns of `response_curves()` of the published file, iroas with iroas_se, and seen_from
        and seen_to, the spend that its months have seen, today's included; members with spend and a
        return that is known only, those that brought most first.
    """
    chosen, parameters = _chosen(selection, by)
    return read(_CURVES.format(chosen=chosen), parameters | {"ci_level": settings().ci_level})


def best_spend(selection: Selection, move: Move, curves: pd.DataFrame) -> Best | None:
    """The split of a budget that brings most within the limits; None where they allow no such.

    Args:
        selection: What the filters choose; its spend is today's.
        move: What may be moved.
        curves: As of `response_curves`, of the same selection and grouping.
    """
    chosen, parameters = _chosen(selection, move.by)
    against = break_even(selection).value
    known = curves[list(_CURVE)].astype(object)
    found = read(
        _BEST.format(chosen=chosen),
        parameters
        | {
            "curves": known.where(known.notna(), None).to_dict("records"),
            "members": [limit.member for limit in move.singles],
            "lowest": [limit.lowest for limit in move.singles],
            "highest": [limit.highest for limit in move.singles],
            "change": move.change,
            "fixed": list(move.fixed),
            "surer": move.is_surer,
            "quantile": _SURER,
            "budget": move.budget,
            "target": against if move.budget is None else None,
            "break_even": against,
        },
    )
    if found.empty:
        return None
    return Best(found.drop(columns=list(_GAIN)), *(float(found.iloc[0][name]) for name in _GAIN))


def _chosen(selection: Selection, by: str) -> tuple[str, Parameters]:
    """Influencer days with their member, as `elasticity_member`."""
    grouping = GROUPINGS[by]
    chosen, parameters = influencer_days(selection, grouping.columns)
    return f"select *, {grouping.member} as elasticity_member from ({chosen})", parameters
