{#- The body of timing(): whether the spend and the revenue of a period belong together, of `rows`, the influencer days of a selection over all
    dates, a table, view or CTE with the columns of fct_influencer_days. Revenue of a day belongs to the spend of the same influencer in the same
    campaign within the attribution window before, in proportion, or where there is none to all their spend; without any spend to none.

      other_revenue_share   share of the period's revenue that belongs to spend before it
      later_spend_share     share of the period's spend whose window lies after it, so that its revenue is still to come
      is_off                whether either is so large that a return of the period says nothing of its spend -#}
{% macro timing() -%}
    {%- set window = var("attribution_window_days") -%}
with

days as (

    select
        influencer_id,
        campaign_id,
        date_day,
        sum(spend) as spend,
        sum(attributed_revenue) as revenue
    from query_table(rows)
    group by all

),

with_spend_behind as (

    select
        *,
        cast(sum(spend) over before as double) as spend_behind,
        cast(sum(case when date_day < cast(first_day as date) then spend else 0 end) over before as double) as earlier_spend,
        cast(sum(spend) over (
            partition by influencer_id, campaign_id
        ) as double) as all_spend,
        cast(sum(case when date_day between cast(first_day as date) and cast(last_day as date) then spend else 0 end) over (
            partition by influencer_id, campaign_id
        ) as double) as own_spend
    from days
    window before as (
        partition by influencer_id, campaign_id
        order by date_day
        range between interval {{ window }} days preceding and current row
    )

),

of_period as (

    select
        sum(
            case
                when spend_behind > 0 then revenue * earlier_spend / spend_behind
                when all_spend > 0 then revenue * (1 - own_spend / all_spend)
            end
        ) as other_revenue,
        cast(sum(case when all_spend > 0 then revenue end) as double) as revenue,
        sum(spend * greatest(date_diff('day', cast(last_day as date), date_day) + {{ window }}, 0)) / {{ window }} as later_spend,
        cast(sum(spend) as double) as spend
    from with_spend_behind
    where date_day between cast(first_day as date) and cast(last_day as date)

),

shares as (

    select
        other_revenue / nullif(revenue, 0) as other_revenue_share,
        later_spend / nullif(spend, 0) as later_spend_share
    from of_period

)

select
    *,
    coalesce(other_revenue_share > {{ var("max_other_period_share") }}, false)
    or coalesce(later_spend_share > {{ var("max_other_period_share") }}, false) as is_off
from shares
{%- endmacro %}
