{#- The body of allocated(): the spend of each of `rows` that brings most for a budget in all, or each to where its last rupee returns a target.

      rows      plan_id and member; ceiling and half_saturation of its response curve, value = ceiling * spend / (spend + half_saturation);
                lowest and highest spend that is allowed. Plans are apart from one another
      budget    what is to be spent in all; null with a target
      target    what the last rupee is to return, such as the break-even; null with a budget

    The last rupee returns m = ceiling * half_saturation / (spend + half_saturation) ^ 2, so that at a return m of all of them spend is
    sqrt(ceiling * half_saturation) / sqrt(m) - half_saturation, within its limits: water-filling (Boyd and Vandenberghe 2004, Convex
    optimization, example 5.2). Its sum is piecewise linear in 1 / sqrt(m), with corners where a member leaves its lowest or reaches its
    highest spend, so the answer lies on the line between two corners, and nothing is searched for. No row where the limits allow no such
    budget. -#}
{% macro allocated() -%}
    {#- Four fifths of a budget are four fifths of its parts, but for the rounding of sums. -#}
    {%- set rounding = 1e-12 -%}
with

members as (

    select
        plan_id,
        member,
        ceiling,
        half_saturation,
        lowest,
        highest,
        sqrt(greatest(ceiling, 0) * half_saturation) as steepness
    from query_table(rows)

),

corners as (

    select
        plan_id,
        (lowest + half_saturation) / steepness as depth
    from members
    where steepness > 0

    union

    select
        plan_id,
        (highest + half_saturation) / steepness as depth
    from members
    where steepness > 0

    union

    select
        plan_id,
        0 as depth
    from members

),

filled as (

    select
        corners.plan_id,
        corners.depth,
        {{ exact_sum("greatest(least(members.steepness * corners.depth - members.half_saturation, members.highest), members.lowest)") }}
            as spent
    from corners
    inner join members
        on corners.plan_id = members.plan_id
    group by
        corners.plan_id,
        corners.depth

),

-- The corners between which the budget lies.
around as (

    select
        plan_id,
        max(depth) filter (where spent <= coalesce(cast(budget as double) * {{ 1 + rounding }}, spent)) as depth_below,
        max(spent) filter (where spent <= coalesce(cast(budget as double) * {{ 1 + rounding }}, spent)) as spent_below,
        min(depth) filter (where spent >= coalesce(cast(budget as double) * {{ 1 - rounding }}, spent)) as depth_above,
        min(spent) filter (where spent >= coalesce(cast(budget as double) * {{ 1 - rounding }}, spent)) as spent_above
    from filled
    group by plan_id

),

answer as (

    select
        plan_id,
        case
            when target is not null then 1 / sqrt(cast(target as double))
            when spent_above = spent_below then depth_below
            else depth_below + (depth_above - depth_below) * (cast(budget as double) - spent_below) / (spent_above - spent_below)
        end as depth
    from around
    where depth_below is not null and depth_above is not null

),

spends as (

    select
        members.* exclude (steepness),
        greatest(least(members.steepness * answer.depth - members.half_saturation, members.highest), members.lowest) as spend
    from members
    inner join answer
        on members.plan_id = answer.plan_id

)

select
    *,
    ceiling * spend / (spend + half_saturation) as value,
    ceiling * half_saturation / (spend + half_saturation) ^ 2 as marginal_return
from spends
{%- endmacro %}
