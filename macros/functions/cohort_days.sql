{#- The body of cohort_days(): `rows`, influencer days over all dates, a table, view or CTE with the columns of fct_influencer_days, with
    orders and revenue on the day of the spend that they belong to instead of their own: that of the same influencer in the same campaign up to
    days_after days before, in proportion. What follows no spend is left out; spend and posts stay on their days. Whatever dates are chosen
    then, their spend comes with all that it brought up to days_after days later. -#}
{% macro cohort_days() -%}
    {%- set always_known = ["orders", "gross_revenue", "discounts", "refunds", "attributed_revenue"] -%}
    {%- set not_always_known = ["orders_of_known_customers", "new_customer_orders", "revenue_of_known_cost", "cost_of_goods"] -%}
    {%- set estimates = ["incremental_revenue", "incremental_se_shared", "incremental_se_campaign", "incremental_se_influencer", "incremental_per_percent"] -%}
    {%- set counts = ["reach", "impressions", "likes", "comments", "shares", "saves", "clicks"] -%}
    {%- set spend = ["spend", "spend_fixed", "spend_commission", "spend_product"] -%}
with

days as (

    select * from query_table(rows)

),

spend_days as (

    select
        influencer_id,
        campaign_id,
        date_day as spend_day,
        sum(spend) as amount
    from days
    group by all
    having sum(spend) > 0

),

sold as (

    select * from days
    where orders <> 0 or gross_revenue <> 0 or incremental_revenue <> 0

),

sold_days as (

    select distinct
        influencer_id,
        campaign_id,
        date_day
    from sold

),

shares as (

    select
        sold_days.influencer_id,
        sold_days.campaign_id,
        sold_days.date_day,
        spend_days.spend_day,
        cast(spend_days.amount as double) / cast(sum(spend_days.amount) over (
            partition by sold_days.influencer_id, sold_days.campaign_id, sold_days.date_day
        ) as double) as share
    from sold_days
    inner join spend_days
        on sold_days.influencer_id = spend_days.influencer_id
        and sold_days.campaign_id is not distinct from spend_days.campaign_id
        and date_diff('day', spend_days.spend_day, sold_days.date_day) between 0 and days_after

),

spent as (

    select
        * replace (
            {%- for column in always_known %}
            cast(0 as decimal(38, 10)) as {{ column }},
            {%- endfor %}
            {%- for column in not_always_known %}
            cast(null as decimal(38, 10)) as {{ column }},
            {%- endfor %}
            {%- for column in estimates %}
            case when {{ column }} is not null then 0.0::double end as {{ column }}{{ "," if not loop.last }}
            {%- endfor %}
        )
    from days

),

earned as (

    select
        sold.* replace (
            shares.spend_day as date_day,
            0 as posts,
            {%- for column in counts %}
            null as {{ column }},
            {%- endfor %}
            {%- for column in spend %}
            0 as {{ column }},
            {%- endfor %}
            {%- for column in always_known + not_always_known %}
            cast(sold.{{ column }} * shares.share as decimal(38, 10)) as {{ column }},
            {%- endfor %}
            {%- for column in estimates %}
            sold.{{ column }} * shares.share as {{ column }}{{ "," if not loop.last }}
            {%- endfor %}
        )
    from sold
    inner join shares
        on sold.influencer_id = shares.influencer_id
        and sold.campaign_id is not distinct from shares.campaign_id
        and sold.date_day = shares.date_day

)

select * from spent

union all by name

select * from earned
{%- endmacro %}
