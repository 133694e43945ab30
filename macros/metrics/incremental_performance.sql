{#- CTEs that add up incremental revenue over any rows of influencer days by a key, with interval, iROAS and verdict at the dbt
    variable ci_level; the last one is `incremental`. What all campaigns share adds up as it is; campaigns, and within them
    influencers, are independent:
        variance = (sum of shared)^2 + sum over campaigns of (sum)^2 + sum over influencers in campaigns of (sum)^2
    days: a CTE with the columns of fct_influencer_days and the key · orders: a CTE with the columns of panel_orders, for the
    break-even: that of the whole shop, so that rows can be compared -#}
{% macro incremental_performance(days, key, orders) %}
    {%- set revenue_and_parts = ["incremental_revenue", "incremental_se_shared", "incremental_se_campaign"] -%}
    {%- set amounts = ["measured_spend", "spend", "orders"] -%}
shop_costs as (

    select
        sum(revenue_of_known_cost) as revenue_of_known_cost,
        sum(cost_of_goods) as cost_of_goods
    from {{ orders }}

),

shop as (

    select
        {{ normal_quantile("(1 + " ~ var("ci_level") ~ ") / 2") }} as z,
        {{ break_even("revenue_of_known_cost", "cost_of_goods") }} as break_even
    from shop_costs

),

influencer_campaigns as (

    select
        {{ key }},
        campaign_id,
        influencer_id,
        {%- for column in revenue_and_parts + ["incremental_se_influencer"] %}
        sum({{ column }} order by date_day, brand) as {{ column }},
        {%- endfor %}
        coalesce(sum(spend) filter (where incremental_revenue is not null), 0)::double as measured_spend,
        sum(spend)::double as spend,
        sum(orders)::double as orders
    from {{ days }}
    group by all

),

campaign_sums as (

    select
        {{ key }},
        campaign_id,
        {%- for column in revenue_and_parts + amounts %}
        sum({{ column }} order by influencer_id) as {{ column }},
        {%- endfor %}
        sum(incremental_se_influencer ^ 2 order by influencer_id) as influencer_variance
    from influencer_campaigns
    group by all

),

selections as (

    select
        {{ key }},
        {%- for column in amounts %}
        sum({{ column }} order by campaign_id) as {{ column }},
        {%- endfor %}
        sum(incremental_revenue order by campaign_id) as incremental_revenue,
        sqrt(
            sum(incremental_se_shared order by campaign_id) ^ 2
            + sum(incremental_se_campaign ^ 2 + influencer_variance order by campaign_id)
        ) as incremental_revenue_se
    from campaign_sums
    group by all

),

judged as (

    -- Without attributed revenue there is nothing to calibrate: an effect of zero without an error would be a certainty that nobody has.
    select * replace (case when incremental_revenue_se = 0 then 0 else measured_spend end as measured_spend)
    from selections

),

intervals as (

    select
        judged.*,
        shop.break_even,
        measured_spend / nullif(spend, 0) as spend_measured_share,
        incremental_revenue - z * incremental_revenue_se as incremental_revenue_low,
        incremental_revenue + z * incremental_revenue_se as incremental_revenue_high,
        {%- for column in ["incremental_revenue", "incremental_revenue_low", "incremental_revenue_high", "incremental_revenue_se"] %}
        {{ column }} / nullif(measured_spend, 0) as {{ column | replace("incremental_revenue", "iroas") }}
        {{- "," if not loop.last }}
        {%- endfor %}
    from judged
    cross join shop

),

incremental as (

    select
        {{ key }},
        incremental_revenue,
        incremental_revenue_se,
        incremental_revenue_low,
        incremental_revenue_high,
        iroas,
        iroas_low,
        iroas_high,
        break_even,
        {{ normal_cdf("(iroas - break_even) / nullif(iroas_se, 0)") }} as prob_profitable,
        spend_measured_share,
        case
            when iroas is null or spend_measured_share < 0.5 then 'not measurable'
            when iroas_low > break_even then 'earns'
            when iroas_high < break_even then 'loses'
            else 'cannot tell'
        end as verdict,
        case
            when spend = 0 then 'nothing was spent'
            when incremental_revenue is null and orders > 0 then 'fewer than three experiments tell what attribution is worth'
            when incremental_revenue is null then 'no attributed orders: who buys without code or link is not seen'
            when incremental_revenue_se = 0 then 'no attributed revenue: who buys without code or link is not seen'
            when iroas is null or spend_measured_share < 0.5 then 'less than half of the spend has attributed revenue to calibrate'
            else printf(
                'the %g%% interval of iROAS %s the break-even of %g',
                100 * {{ var("ci_level") }},
                case when iroas_low > break_even then 'lies above' when iroas_high < break_even then 'lies below' else 'holds' end,
                break_even
            )
        end as verdict_reason
    from intervals

)
{%- endmacro %}
