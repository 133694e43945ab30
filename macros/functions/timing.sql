{#- The body of timing(): whether the spend and the revenue of a period belong together, of `rows`, the influencer days of a selection over all
    dates, a table, view or CTE with the columns of fct_influencer_days. Revenue of a day belongs to the spend of the same influencer in the same
    campaign within the attribution window before, in proportion, or where there is none to all their spend; without any spend to none.

      other_revenue_share   share of the period's revenue that belongs to spend before it
      later_spend_share     share of the period's spend whose revenue comes after it: of the revenue within the window after the spend, that after
                            the period. Where the data end within the window, or nothing is sold in it, the share of its days after the period
      is_off                whether either is so large that a return of the period says nothing of its spend

    With days_after it is told of the spend of the period with its revenue up to so many days later, as cohort_days() has it: none of that
    belongs to other spend, and what is still to come are the days after the spend that are later than the data. -#}
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

data_end as (

    select max(date_day) as last_known
    from days

),

with_windows as (

    select
        *,
        cast(sum(spend) over before as double) as spend_behind,
        cast(sum(case when date_day < cast(first_day as date) then spend else 0 end) over before as double) as earlier_spend,
        cast(sum(spend) over (
            partition by influencer_id, campaign_id
        ) as double) as all_spend,
        cast(sum(case when date_day between cast(first_day as date) and cast(last_day as date) then spend else 0 end) over (
            partition by influencer_id, campaign_id
        ) as double) as own_spend,
        cast(sum(revenue) over after as double) as revenue_ahead,
        cast(sum(case when date_day > cast(last_day as date) then revenue else 0 end) over after as double) as later_revenue,
        greatest(date_diff('day', cast(last_day as date), date_day) + {{ window }}, 0) / {{ window }} as share_of_window
    from days
    window
        before as (
            partition by influencer_id, campaign_id
            order by date_day
            range between interval {{ window }} days preceding and current row
        ),
        after as (
            partition by influencer_id, campaign_id
            order by date_day
            range between current row and interval {{ window }} days following
        )

),

shared_out as (

    select
        spend,
        case when all_spend > 0 then revenue end as revenue,
        case
            when days_after is not null then 0
            when spend_behind > 0 then revenue * earlier_spend / spend_behind
            when all_spend > 0 then revenue * (1 - own_spend / all_spend)
        end as other_revenue,
        spend * case
            when days_after is not null then greatest(date_diff('day', last_known, date_day) + days_after, 0) / greatest(days_after, 1)
            when revenue_ahead > 0 and date_day + {{ window }} <= last_known then later_revenue / revenue_ahead
            else share_of_window
        end as later_spend
    from with_windows
    cross join data_end
    where date_day between cast(first_day as date) and cast(last_day as date)

),

of_period as (

    select
        {{ exact_sum("other_revenue") }} as other_revenue,
        {{ exact_sum("later_spend") }} as later_spend,
        cast(sum(revenue) as double) as revenue,
        cast(sum(spend) as double) as spend
    from shared_out

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
