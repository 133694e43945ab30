{#- The body of performance(): the figures of each member of `rows`, a table, view or CTE with the columns of fct_influencer_days and
    a column `member`. Sums first, then ratios of sums; then incremental revenue by a method of any selection:

      calibrated           the calibrated estimate of each row. What all campaigns share adds up as it is; campaigns, and within
                           them influencers, are independent:
                           variance = (sum of shared)^2 + sum over campaigns of (sum)^2 + sum over influencers in campaigns of (sum)^2
      attributed           attributed revenue, which has no interval
      organic_projection   the legacy method: attributed revenue less what other channels earned on the same days (organic_revenue),
                           times the member's share of all spend of these days (all_spend). It has no interval either

    Sums are exact, or in order of size, so that no order of rows can change a figure.
    Columns are named otherwise than the parameters, which would take their place. No lambdas: DuckDB 1.2 has none of those that 2.0
    has. -#}
{% macro performance() -%}
    {%- set parts = ["incremental_revenue", "incremental_se_shared", "incremental_se_campaign", "incremental_se_influencer"] -%}
with

settings as (

    select
        cast(ci_level as double) as level,
        cast(break_even as double) as threshold,
        (1 + level) / 2 as p,
        {{ normal_tail("p") }} as r

),

reading as (

    select
        level,
        threshold,
        {{ normal_quantile_of_columns("p", "r") }} as z
    from settings

),

days as (from query_table(rows)),

sums as (

    select
        days.member,
        count(*) as influencer_days,
        count(distinct days.influencer_id) as influencers,
        count(distinct days.influencer_id) filter (where days.spend <> 0) as influencers_with_spend,
        {{ performance_columns() }}
    from days
    group by days.member

),

influencer_campaigns as (

    select
        member,
        campaign_id,
        influencer_id,
        {%- for column in parts %}
        cast(sum(cast({{ column }} as decimal(38, 12))) as double) as {{ column }},
        {%- endfor %}
        coalesce(sum(spend) filter (where incremental_revenue is not null), 0) as measured_spend
    from days
    group by all

),

campaigns as (

    select
        member,
        campaign_id,
        sum(incremental_revenue order by incremental_revenue) as incremental_revenue,
        sum(incremental_se_shared order by incremental_se_shared) as se_shared,
        sum(incremental_se_campaign order by incremental_se_campaign) ^ 2
        + sum(incremental_se_influencer ^ 2 order by incremental_se_influencer) as variance,
        sum(measured_spend) as measured_spend
    from influencer_campaigns
    group by all

),

calibrated as (

    select
        member,
        sum(incremental_revenue order by incremental_revenue) as incremental_revenue,
        sqrt(sum(se_shared order by se_shared) ^ 2 + sum(variance order by variance)) as se,
        cast(sum(measured_spend) as double) as measured_spend
    from campaigns
    group by all

),

estimates as (

    select
        sums.*,
        cast(sums.spend as double) as all_money_spent,
        case method
            when 'calibrated' then calibrated.incremental_revenue
            when 'attributed' then cast(sums.attributed_revenue as double)
            when 'organic_projection' then cast(sums.attributed_revenue as double)
                - {{ organic_projection_baseline("organic_revenue", "sums.spend", "all_spend") }}
        end as incremental_revenue,
        case when method = 'calibrated' then calibrated.se end as se,
        -- Without attributed revenue there is nothing to calibrate: an effect of zero without an error would be a certainty that
        -- nobody has.
        case
            when method = 'calibrated' and calibrated.se = 0 then 0
            when method = 'calibrated' then calibrated.measured_spend
            else cast(sums.spend as double)
        end as measured_spend
    from sums
    inner join calibrated
        on sums.member is not distinct from calibrated.member

),

intervals as (

    select
        estimates.*,
        reading.threshold,
        reading.level,
        measured_spend / nullif(all_money_spent, 0) as measured_share,
        incremental_revenue - z * se as revenue_low,
        incremental_revenue + z * se as revenue_high,
        incremental_revenue / nullif(measured_spend, 0) as return_of_spend,
        se / nullif(measured_spend, 0) as return_se,
        revenue_low / nullif(measured_spend, 0) as return_low,
        revenue_high / nullif(measured_spend, 0) as return_high,
        (return_of_spend - threshold) / nullif(return_se, 0) as distance
    from estimates
    cross join reading

),

judged as (

    select
        *,
        {{ verdict("return_low", "return_high", "threshold", "measured_share") }} as verdict
    from intervals

)

select
    * exclude (
        all_money_spent, incremental_revenue, se, measured_spend, threshold, level, measured_share, revenue_low, revenue_high,
        return_of_spend, return_se, return_low, return_high, distance, verdict
    ),
    incremental_revenue,
    se as incremental_revenue_se,
    revenue_low as incremental_revenue_low,
    revenue_high as incremental_revenue_high,
    measured_spend,
    return_of_spend as iroas,
    return_low as iroas_low,
    return_high as iroas_high,
    threshold as break_even,
    {{ normal_cdf_of_column("distance") }} as prob_profitable,
    measured_share as spend_measured_share,
    verdict,
    case
        when spend = 0 then 'no_spend'
        when method <> 'calibrated' then 'no_interval'
        when incremental_revenue is null and orders > 0 then 'too_few_experiments'
        when incremental_revenue is null then 'no_attributed_orders'
        when se = 0 then 'no_attributed_revenue'
        when verdict = 'not measurable' then 'mostly_unmeasured'
        else {{ reason_of_interval("verdict") }}
    end as reason_code
from judged
{%- endmacro %}
