{#- The body of allocated(): the spend of each of `rows` that brings most for a budget in all, or each to where its last rupee returns a target.

      rows      member; ceiling and half_saturation of its response curve, value = ceiling * spend / (spend + half_saturation); lowest and
                highest spend that is allowed
      budget    what is to be spent in all; null with a target
      target    what the last rupee is to return, such as the break-even; null with a budget

    The last rupee returns m = ceiling * half_saturation / (spend + half_saturation) ^ 2, so that at a return m of all of them spend is
    sqrt(ceiling * half_saturation) / sqrt(m) - half_saturation, within its limits: water-filling (Boyd and Vandenberghe 2004, Convex
    optimization, example 5.2). Its sum is piecewise linear in 1 / sqrt(m), with corners where a member leaves its lowest or reaches its
    highest spend, so the answer lies on the line between two corners, and nothing is searched for. No row where the limits allow no such
    budget. -#}
{% macro allocated() -%}
with

members as (

    select
        *,
        sqrt(greatest(ceiling, 0) * half_saturation) as steepness
    from query_table(rows)

),

corners as (

    select (lowest + half_saturation) / steepness as depth
    from members
    where steepness > 0

    union

    select (highest + half_saturation) / steepness as depth
    from members
    where steepness > 0

    union

    select 0 as depth

),

filled as (

    select
        corners.depth,
        {{ exact_sum("greatest(least(members.steepness * corners.depth - members.half_saturation, members.highest), members.lowest)") }}
            as spent
    from corners
    cross join members
    group by corners.depth

),

answer as (

    select
        case
            when target is not null then 1 / sqrt(cast(target as double))
            when above.spent = below.spent then below.depth
            else below.depth + (above.depth - below.depth) * (cast(budget as double) - below.spent) / (above.spent - below.spent)
        end as depth
    from (
        select
            max(depth) as depth,
            max(spent) as spent
        from filled
        where spent <= coalesce(cast(budget as double), spent)
    ) as below
    cross join (
        select
            min(depth) as depth,
            min(spent) as spent
        from filled
        where spent >= coalesce(cast(budget as double), spent)
    ) as above
    where below.depth is not null and above.depth is not null

),

spends as (

    select
        members.* exclude (steepness),
        greatest(least(members.steepness * answer.depth - members.half_saturation, members.highest), members.lowest) as spend
    from members
    cross join answer

)

select
    *,
    ceiling * spend / (spend + half_saturation) as value,
    ceiling * half_saturation / (spend + half_saturation) ^ 2 as marginal_return
from spends
{%- endmacro %}
