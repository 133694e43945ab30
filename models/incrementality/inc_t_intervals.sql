-- Intervals and probabilities of the methods with a t interval, turned from the scale of the estimate into revenue and iROAS.
-- Each comes from the one distribution of the row, so that interval and probability agree. Where spend itself is a forecast
-- (time-based regression with variable cost) iROAS is the ratio of two uncertain figures, and its interval is that of Fieller
-- (1954).
{%- set break_evens = [("prob_profitable", "break_even"), ("prob_profitable_by_revenue", "1")] %}

with

estimates as (select * from {{ ref("inc_closed_form") }}),

experiments as (select * from {{ ref("panel_experiments") }}),

facts as (select * from {{ ref("base_experiment_facts") }}),

spend as (select * from {{ ref("base_experiment_spend") }}),

measured as (

    select
        estimates.experiment_id,
        estimates.method,
        estimates.estimate,
        estimates.se,
        estimates.df,
        estimates.problem,
        experiments.break_even,
        facts.actual_revenue,
        if(estimates.method = 'gbr', estimates.incremental_cost, spend.spend) as spend,
        -- The uncertainty of spend is part of the methods that forecast in time only.
        if(estimates.method in ('tbr', 'did_ratio_robust'), coalesce(spend.spend_se, 0), 0) as spend_se,
        if(
            estimates.method in ('tbr', 'did_ratio_robust') and spend.spend_se is not null,
            least(spend.spend_df, estimates.df),
            estimates.df
        ) as iroas_df,
        experiments.ci_level
    from estimates
    inner join experiments
        on estimates.experiment_id = experiments.experiment_id
    inner join facts
        on estimates.experiment_id = facts.experiment_id
    inner join spend
        on estimates.experiment_id = spend.experiment_id
    where estimates.window_id = 0

),

quantiles as (

    select
        *,
        {{ student_t_quantile("(1 + ci_level) / 2", "df") }} as t,
        if(iroas_df = df, t, {{ student_t_quantile("(1 + ci_level) / 2", "iroas_df") }}) as iroas_t,
        {{ student_t_quantile("0.8", "df") }} as power_t
    from measured

),

-- The scale of each method: revenue for an estimate x, and the estimate at which revenue is the break-even.
intervals as (

    select
        *,
        {%- for bound, x in [
            ("incremental_revenue", "estimate"), ("ci_low", "estimate - t * se"), ("ci_high", "estimate + t * se"),
        ] %}
        case method
            when 'did_ratio' then actual_revenue * (1 - exp(-({{ x }})))
            when 'gbr' then ({{ x }}) * spend
            else {{ x }}
        end as {{ bound }},
        {%- endfor %}
        {%- for name, break_even in break_evens %}
        case method
            when 'did_ratio'
                then if({{ break_even }} * spend < actual_revenue, -ln(1 - {{ break_even }} * spend / actual_revenue), null)
            when 'gbr' then {{ break_even }}
            else {{ break_even }} * spend
        end as {{ name }}_estimate,
        {%- endfor %}
        case method
            when 'did_ratio' then actual_revenue * exp(-estimate) * se
            when 'gbr' then se * spend
            else se
        end as revenue_se
    from quantiles

),

with_iroas as (

    select
        *,
        incremental_revenue / spend as iroas,
        {%- for bound, sign, revenue in [("iroas_low", "-", "ci_low"), ("iroas_high", "+", "ci_high")] %}
        if(
            spend_se > 0,
            (
                incremental_revenue * spend {{ sign }} iroas_t * sqrt(
                    incremental_revenue ^ 2 * spend_se ^ 2 + spend ^ 2 * revenue_se ^ 2
                    - iroas_t ^ 2 * revenue_se ^ 2 * spend_se ^ 2
                )
            ) / (spend ^ 2 - iroas_t ^ 2 * spend_se ^ 2),
            {{ revenue }} / spend
        ) as {{ bound }},
        {%- endfor %}
        {%- for name, break_even in break_evens %}
        case
            when spend is null then null
            -- More than was sold altogether cannot have been earned.
            when {{ name }}_estimate is null then 0
            else {{ student_t_cdf(
                "(estimate - " ~ name ~ "_estimate) / sqrt(se ^ 2 + (" ~ break_even ~ " * spend_se) ^ 2)", "iroas_df"
            ) }}
        end as {{ name }},
        {%- endfor %}
        {{ student_t_cdf("estimate / se", "df") }} as prob_positive
    from intervals

),

intervals_of_methods as (

    select
        experiment_id,
        method,
        incremental_revenue,
        revenue_se as se,
        df,
        ci_low,
        ci_high,
        spend,
        iroas,
        iroas_low,
        iroas_high,
        if(problem is null, prob_positive, null) as prob_positive,
        if(problem is null, prob_profitable, null) as prob_profitable,
        if(problem is null, prob_profitable_by_revenue, null) as prob_profitable_by_revenue,
        -- The effect that is found in four of five experiments.
        (t + power_t) * revenue_se as minimum_detectable_revenue,
        problem
    from with_iroas

)

select * from intervals_of_methods
