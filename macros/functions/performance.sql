{#- The body of performance(): the figures of each member of `rows`, a table, view or CTE with the columns of fct_influencer_days and
    a column `member`. Sums first, then ratios of sums; then incremental revenue by a method of any selection:

      calibrated           the calibrated estimate of each row. What all campaigns share adds up as it is; campaigns, and within
                           them influencers, are independent:
                           variance = (sum of shared)^2 + sum over campaigns of (sum)^2 + sum over influencers in campaigns of (sum)^2
      attributed           attributed revenue, which has no interval
      organic_projection   the legacy method: attributed revenue less what other channels earned on the same days (organic_revenue),
                           times the member's share of all spend of these days (all_spend). It has no interval either

    Where is_judged is false, no verdict is given: of periods whose revenue belongs to other spend, as timing() tells.
    Sums are exact, so that no order of rows can change a figure.
    Columns are named otherwise than the parameters, which would take their place. No lambdas: DuckDB 1.2 has none of those that 2.0
    has. -#}
{% macro performance() -%}
    {%- set parts = ["incremental_revenue", "incremental_se_shared", "incremental_se_campaign", "incremental_se_influencer"] -%}
with

settings as (

    select
        cast(break_even as double) as threshold,
        (1 + cast(ci_level as double)) / 2 as p

),

{{ normal_quantile_ctes() }},

days as (

    select
        *,
        -- A day without a post has no impressions; a post that does not tell them leaves them unknown.
        coalesce(impressions, case when posts = 0 then 0 end) as known_impressions,
        coalesce(likes + comments, case when posts = 0 then 0 end) as known_engagements,
        likes + comments as engagements,
        -- A day without an order has no new customers.
        coalesce(new_customer_orders, case when orders = 0 then 0 end) as known_new_customers
    from query_table(rows)

),

sums as (

    select
        days.member
        {%- for column, sql in performance_sums().items() %},
        {{ sql }} as {{ column }}
        {%- endfor %}
    from days
    group by days.member

),

influencer_campaigns as (

    select
        member,
        campaign_id,
        influencer_id,
        {%- for column in parts %}
        {{ exact_sum(column) }} as {{ column }},
        {%- endfor %}
        sum(spend) as spend,
        sum(attributed_revenue) as attributed_revenue,
        sum(case when incremental_revenue is not null then attributed_revenue end) as calibrated_revenue,
        coalesce(sum(case when incremental_revenue is not null then spend end), 0) as measured_spend,
        {{ exact_sum("incremental_per_percent") }} as incremental_per_percent,
        bool_or(is_observational) as is_observational
    from days
    group by all

),

campaigns as (

    select
        member,
        campaign_id,
        {{ exact_sum("incremental_revenue") }} as incremental_revenue,
        {{ exact_sum("incremental_se_shared") }} as se_shared,
        {{ exact_sum("incremental_se_campaign") }} ^ 2 + {{ exact_sum("incremental_se_influencer ^ 2") }} as variance,
        sum(spend) as spend,
        sum(attributed_revenue) as attributed_revenue,
        sum(calibrated_revenue) as calibrated_revenue,
        sum(measured_spend) as measured_spend,
        {{ exact_sum("incremental_per_percent") }} as incremental_per_percent,
        bool_or(is_observational) as is_observational
    from influencer_campaigns
    group by all

),

calibrated as (

    select
        member,
        {{ exact_sum("incremental_revenue") }} as incremental_revenue,
        {{ exact_sum("greatest(calibrated_revenue - incremental_revenue, 0)") }} as anyway_revenue,
        {{ exact_sum("greatest(incremental_revenue - calibrated_revenue, 0)") }} as untracked_revenue,
        cast(coalesce(sum(attributed_revenue), 0) - coalesce(sum(calibrated_revenue), 0) as double) as uncalibrated_revenue,
        coalesce(
            {{ exact_sum("case when campaign_id = '" ~ sql_text(var("none_member")) ~ "' then incremental_revenue end") }}, 0
        ) as outside_revenue,
        sqrt(
            coalesce(max(case when campaign_id = '{{ sql_text(var("none_member")) }}' then se_shared ^ 2 + variance end), 0)
        ) as outside_revenue_se,
        sqrt({{ exact_sum("se_shared") }} ^ 2 + {{ exact_sum("variance") }}) as se,
        cast(coalesce(sum(spend), 0) as double) as spend,
        cast(coalesce(sum(attributed_revenue), 0) as double) as attributed_revenue,
        cast(sum(measured_spend) as double) as measured_spend,
        {{ exact_sum("incremental_per_percent") }} as incremental_per_percent,
        bool_or(is_observational) as is_observational
    from campaigns
    group by all

),

estimates as (

    select
        member,
        spend,
        case method
            when 'calibrated' then incremental_revenue
            when 'attributed' then attributed_revenue
            when 'organic_projection'
                then attributed_revenue - {{ organic_projection_baseline("organic_revenue", "spend", "all_spend") }}
        end as incremental_revenue,
        {%- for part in ["anyway_revenue", "untracked_revenue", "uncalibrated_revenue", "outside_revenue", "outside_revenue_se", "incremental_per_percent"] %}
        case when method = 'calibrated' then {{ part }} end as {{ part }},
        {%- endfor %}
        method = 'calibrated' and is_observational as is_observational,
        case when method = 'calibrated' then se end as incremental_revenue_se,
        -- Without attributed revenue there is nothing to calibrate: an effect of zero without an error would be a certainty that
        -- nobody has.
        case
            when method = 'calibrated' and se = 0 then 0
            when method = 'calibrated' then measured_spend
            else spend
        end as measured_spend
    from calibrated

),

intervals as (

    select
        estimates.*,
        quantiles.threshold
        {%- for column, sql in performance_intervals().items() %},
        {{ sql }} as {{ column }}
        {%- endfor %}
    from estimates
    cross join quantiles

),

returns as (

    select
        *,
        (iroas - threshold) / nullif(iroas_se, 0) as distance
    from intervals

),

judged as (

    select
        *,
        {{ normal_cdf_argument("distance") }} as tail,
        case
            when is_judged then {{ verdict("iroas_low", "iroas_high", "threshold", "spend_measured_share") }}
            else 'not measurable'
        end as verdict_of_interval,
        -- Without an experiment the best that can be said is that it is likely.
        case
            when is_observational and verdict_of_interval <> 'not measurable' then 'inconclusive'
            else verdict_of_interval
        end as verdict
    from returns

),

probabilities as (

    select
        *,
        {{ powers("tail", 8) }} as tail_powers
    from judged

)

select
    sums.*,
    probabilities.incremental_revenue,
    probabilities.anyway_revenue,
    probabilities.untracked_revenue,
    probabilities.uncalibrated_revenue,
    probabilities.outside_revenue,
    probabilities.outside_revenue_low,
    probabilities.outside_revenue_high,
    probabilities.incremental_revenue_se,
    probabilities.incremental_revenue_low,
    probabilities.incremental_revenue_high,
    probabilities.measured_spend,
    probabilities.incremental_profit,
    probabilities.incremental_profit_low,
    probabilities.incremental_profit_high,
    probabilities.iroas,
    probabilities.iroas_low,
    probabilities.iroas_high,
    probabilities.threshold as break_even,
    {{ normal_cdf_of("distance", "tail_powers") }} as prob_profitable,
    probabilities.spend_measured_share,
    probabilities.verdict,
    probabilities.is_observational,
    probabilities.incremental_per_percent,
    case
        when sums.spend = 0 then 'no_spend'
        when method <> 'calibrated' then 'no_interval'
        when not is_judged then 'other_period'
        when probabilities.incremental_revenue is null and sums.orders > 0 then 'too_few_experiments'
        when probabilities.incremental_revenue is null then 'no_attributed_orders'
        when probabilities.incremental_revenue_se = 0 then 'no_attributed_revenue'
        when probabilities.verdict = 'not measurable' then 'mostly_unmeasured'
        when probabilities.is_observational then {{ reason_of_observation("probabilities.verdict_of_interval") }}
        else {{ reason_of_interval("probabilities.verdict") }}
    end as reason_code
from sums
inner join probabilities
    on sums.member is not distinct from probabilities.member
{%- endmacro %}


{#- The same in any order of rows, which a sum of doubles is not: a sum of whole numbers of a millionth of a millionth. -#}
{% macro exact_sum(column) -%}
    (cast(sum(cast({{ column }} * 1e12 as hugeint)) as double) / 1e12)
{%- endmacro %}
