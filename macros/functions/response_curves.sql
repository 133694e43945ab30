{#- The body of response_curves(): what the next rupee of each member brings, and how far that holds.

      rows        fct_influencer_days with a column `member`, and elasticity, elasticity_se and problem of fct_response
      ci_level    level of the interval of elasticity, which lies within 0 and 1

    The last rupee brings elasticity times what a rupee brings on average. While the spend of the others stays, a member's revenue is a
    hyperbola of its spend, value = ceiling * spend / (spend + half_saturation): of a Hill curve x / (x + s) of all attention x, one
    part a of it moved alone leaves a hyperbola of m = a / today's a, with half saturation (x - a + s) / a = 1 / (share * (1 - e)) - 1 for
    the member's share a / x and e = s / (x + s), the elasticity. Campaigns differ, so declines are averaged by what the last rupee brings.
    Its height is such that its slope at today's spend is the marginal revenue. A member that costs nothing has no curve.

    The interval of half saturation follows from that of elasticity, and has no upper end where the latter reaches 1.

    Seen is a member's spend by month: from the tenth to the ninetieth per cent of its months, over their mean. -#}
{% macro response_curves() -%}
    {#- A member with a small share of all hardly saturates by itself: at most so many times today's spend is half of what is possible. -#}
    {%- set most_half_saturation = 1000 -%}
with

settings as (select (1 + cast(ci_level as double)) / 2 as p),

{{ normal_quantile_ctes() }},

days as (select * from query_table(rows)),

in_campaigns as (

    select
        member,
        campaign_id,
        brand,
        sum(spend) as spend,
        {{ exact_sum("incremental_revenue") }} as incremental_revenue,
        {{ exact_sum("incremental_revenue * elasticity") }} as marginal_revenue,
        {{ exact_sum("incremental_revenue * elasticity_se") }} as marginal_se,
        max(problem) as problem
    from days
    group by all

),

of_campaigns as (

    select
        campaign_id,
        brand,
        {{ exact_sum("greatest(incremental_revenue, 0)") }} as incremental_revenue
    from in_campaigns
    group by all

),

parts as (

    select
        in_campaigns.*,
        greatest(in_campaigns.marginal_revenue, 0)
        * greatest(in_campaigns.incremental_revenue - in_campaigns.marginal_revenue, 0)
        / nullif(of_campaigns.incremental_revenue, 0) as decline
    from in_campaigns
    inner join of_campaigns
        on in_campaigns.campaign_id = of_campaigns.campaign_id
        and in_campaigns.brand = of_campaigns.brand

),

members as (

    select
        member,
        cast(sum(spend) as double) as spend,
        {{ exact_sum("incremental_revenue") }} as incremental_revenue,
        {{ exact_sum("marginal_revenue") }} as marginal_revenue,
        {{ exact_sum("marginal_se") }} as marginal_se,
        {{ exact_sum("greatest(marginal_revenue, 0)") }} as rising_revenue,
        {{ exact_sum("decline") }} as decline,
        max(problem) as problem
    from parts
    group by member

),

by_month as (

    select
        member,
        date_trunc('month', date_day) as month,
        sum(spend) as spend
    from days
    group by all

),

seen as (

    select
        member,
        quantile_cont(cast(spend as double), 0.1) / nullif(cast(sum(spend) as double) / count(*), 0) as seen_low,
        quantile_cont(cast(spend as double), 0.9) / nullif(cast(sum(spend) as double) / count(*), 0) as seen_high
    from by_month
    group by member

),

scaled as (

    select
        members.*,
        case
            when members.decline > 0
                then least(greatest(members.rising_revenue / members.decline - 1, 1e-6), {{ most_half_saturation }})
            else {{ most_half_saturation }}
        end as half_multiple,
        seen.seen_low,
        seen.seen_high
    from members
    inner join seen
        on members.member is not distinct from seen.member

),

curves as (

    select
        member,
        spend,
        incremental_revenue,
        marginal_revenue,
        incremental_revenue / nullif(spend, 0) as average_iroas,
        marginal_revenue / nullif(spend, 0) as marginal_iroas,
        marginal_revenue / nullif(incremental_revenue, 0) as elasticity,
        abs(marginal_se / nullif(incremental_revenue, 0)) as elasticity_se,
        nullif(half_multiple * spend, 0) as half_saturation,
        greatest(marginal_revenue, 0) * (1 + half_multiple) ^ 2 / half_multiple as ceiling,
        coalesce(seen_low, 1) as seen_low,
        coalesce(seen_high, 1) as seen_high,
        problem
    from scaled
    where incremental_revenue is not null

),

intervals as (

    select
        curves.*,
        greatest(least(curves.elasticity - quantiles.z * curves.elasticity_se, 1), 0) as elasticity_low,
        greatest(least(curves.elasticity + quantiles.z * curves.elasticity_se, 1), 0) as elasticity_high,
        -- share * (1 - e), times today's spend.
        (curves.half_saturation + curves.spend) * (1 - curves.elasticity) as unsaturated
    from curves
    cross join quantiles

)

select
    * exclude (unsaturated),
    -- Null is without end: where nothing says that it saturates at all.
    case
        when elasticity_low < 1 and unsaturated > 0
            then greatest(unsaturated / (1 - elasticity_low) - spend, 0)
    end as half_saturation_low,
    case
        when elasticity_high < 1 and unsaturated > 0
            then greatest(unsaturated / (1 - elasticity_high) - spend, 0)
    end as half_saturation_high
from intervals
{%- endmacro %}
