with

estimates as (select * from {{ ref("inc_estimates") }}),

default_methods as (select * from {{ ref("inc_default_method") }}),

experiments as (select * from {{ ref("panel_experiments") }}),

facts as (select * from {{ ref("base_experiment_facts") }}),

spend as (select * from {{ ref("base_experiment_spend") }}),

lines as (select * from {{ ref("base_tbr") }}),

reasons as (select * from {{ ref("reasons") }}),

judged as (

    select
        estimates.*,
        experiments.ci_level,
        experiments.break_even,
        experiments.break_even_basis,
        {%- for name, break_even in [("verdict", "experiments.break_even"), ("verdict_by_revenue", "1")] %}
        {{ verdict(
            "if(estimates.interval_problem is null, estimates.iroas_low, null)", "estimates.iroas_high", break_even, "1"
        ) }} as {{ name }},
        {%- endfor %}
        spend.spend_problem
    from estimates
    inner join experiments
        on estimates.experiment_id = experiments.experiment_id
    inner join spend
        on estimates.experiment_id = spend.experiment_id

),

explained as (

    select
        *,
        {%- for name, verdict in [("reason_code", "verdict"), ("reason_code_by_revenue", "verdict_by_revenue")] %}
        case
            when {{ verdict }} = 'not measurable' then coalesce(interval_problem, spend_problem)
            else {{ reason_of_interval(verdict) }}
        end as {{ name }},
        {%- endfor %}
        method in ('attributed', 'organic_projection') as is_attribution
    from judged

),

described as (

    select
        explained.experiment_id,
        explained.method,
        default_methods.method is not null as is_default,
        default_methods.default_reason_code,
        {{ reason_in_words(
            "default_reasons.sentence", {"did_ratio_robust": "'did_ratio_robust'", "tbr": "'tbr'"}
        ) }} as default_reason,
        explained.verdict,
        explained.reason_code,
        {{ reason_in_words("reasons.sentence", dict(
            interval_arguments("explained.ci_level", "explained.break_even", "explained.break_even_basis"),
            last_day="facts.last_day::varchar",
            spoiling_campaigns="facts.spoiling_campaigns",
            overlapping_campaigns="facts.overlapping_campaigns"
        )) }} as verdict_reason,
        explained.incremental_revenue,
        explained.se,
        explained.df,
        explained.ci_level,
        explained.ci_low,
        explained.ci_high,
        explained.spend,
        explained.iroas,
        explained.iroas_low,
        explained.iroas_high,
        explained.break_even,
        explained.break_even_basis,
        explained.prob_positive,
        explained.prob_profitable,
        explained.prob_profitable_by_revenue,
        explained.verdict_by_revenue,
        explained.reason_code_by_revenue,
        facts.actual_revenue,
        if(explained.is_attribution, null, facts.actual_revenue - explained.incremental_revenue) as baseline_revenue,
        {%- for lift, revenue in [("lift", "incremental_revenue"), ("lift_low", "ci_low"), ("lift_high", "ci_high")] %}
        if(
            explained.is_attribution
            or facts.actual_revenue - explained.incremental_revenue <= 0
            or facts.actual_revenue - explained.{{ revenue }} <= 0,
            null,
            explained.{{ revenue }} / (facts.actual_revenue - explained.{{ revenue }})
        ) as {{ lift }},
        {%- endfor %}
        explained.minimum_detectable_revenue,
        facts.pretest_days,
        facts.test_days,
        facts.cooldown_days,
        facts.geos_treated,
        facts.geos_control,
        facts.pairs,
        lines.r_squared as pre_period_r2,
        facts.missing_geo_days,
        spend.spend_in_control,
        facts.overlap_days,
        facts.overlapping_campaigns,
        facts.spoiling_campaigns,
        facts.last_day,
        explained.trim_rate,
        explained.iterations,
        explained.is_converged
    from explained
    inner join facts
        on explained.experiment_id = facts.experiment_id
    inner join spend
        on explained.experiment_id = spend.experiment_id
    left join lines
        on explained.experiment_id = lines.experiment_id
        and lines.window_id = 0
        and lines.metric = 'revenue'
    left join default_methods
        on explained.experiment_id = default_methods.experiment_id
        and explained.method = default_methods.method
    left join reasons
        on explained.reason_code = reasons.code
    left join reasons as default_reasons
        on default_methods.default_reason_code = default_reasons.code

)

select * from described
