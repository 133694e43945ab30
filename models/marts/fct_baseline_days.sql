with

tbr as (select * from {{ ref("base_tbr_days") }}),

ratio_days as (select * from {{ ref("inc_ratio_days") }}),

experiment_days as (select * from {{ ref("base_experiment_days") }}),

weekdays as (select * from {{ ref("base_pre_period") }}),

synthetic_control as (select * from {{ ref("base_synthetic_control_days") }}),

facts as (select * from {{ ref("base_experiment_facts") }}),

estimates as (select * from {{ ref("inc_estimates") }}),

pretest_means as (

    select
        experiment_id,
        avg(treated_revenue order by date_day) as treated_mean,
        avg(control_revenue order by date_day) as control_mean
    from experiment_days
    where period = 'pretest'
    group by all

),

compared as (

    select
        days.experiment_id,
        days.date_day,
        days.treated_revenue as actual,
        pretest_means.treated_mean + facts.geos_treated / nullif(facts.geos_control, 0)
        * (days.control_revenue - pretest_means.control_mean) as did,
        pretest_means.treated_mean / nullif(pretest_means.control_mean, 0) * days.control_revenue as did_ratio,
        weekdays.pretest_mean as pre_period
    from experiment_days as days
    inner join pretest_means
        on days.experiment_id = pretest_means.experiment_id
    inner join facts
        on days.experiment_id = facts.experiment_id
    left join weekdays
        on days.experiment_id = weekdays.experiment_id
        and weekdays.window_id = 0
        and weekdays.weekday = if(weekdays.is_by_weekday, isodow(days.date_day), 0)

),

stacked as (
    {%- for source, method in [("tbr", "'tbr'"), ("ratio_days", "ratio_days.method")] %}
    select
        {{ method }} as method,
        experiment_id,
        date_day,
        actual,
        baseline,
        baseline_low,
        baseline_high,
        cumulative_low,
        cumulative_high
    from {{ source }}
    {{ "union all" if not loop.last }}
    {% endfor %}
    {%- for method in ["did", "did_ratio", "pre_period"] %}
    union all

    select
        '{{ method }}' as method,
        experiment_id,
        date_day,
        actual,
        {{ method }} as baseline,
        null as baseline_low,
        null as baseline_high,
        null as cumulative_low,
        null as cumulative_high
    from compared
    {% endfor %}
    union all

    select
        'synthetic_control' as method,
        experiment_id,
        date_day,
        actual,
        baseline,
        null as baseline_low,
        null as baseline_high,
        null as cumulative_low,
        null as cumulative_high
    from synthetic_control

),

-- Only of methods that measured the experiment. The last day carries the interval of the whole, for every method that has one.
measured as (

    select
        stacked.experiment_id,
        stacked.method,
        stacked.date_day,
        days.period = 'pretest' as is_pretest,
        stacked.actual,
        stacked.baseline,
        stacked.baseline_low,
        stacked.baseline_high,
        stacked.cumulative_low,
        stacked.cumulative_high,
        estimates.ci_low,
        estimates.ci_high
    from stacked
    inner join estimates
        on stacked.experiment_id = estimates.experiment_id
        and stacked.method = estimates.method
        and estimates.problem is null
    inner join experiment_days as days
        on stacked.experiment_id = days.experiment_id
        and stacked.date_day = days.date_day

),

series as (

    select
        experiment_id,
        method,
        date_day,
        actual,
        baseline,
        baseline_low,
        baseline_high,
        sum(if(is_pretest, null, actual - baseline)) over so_far as cumulative_incremental,
        if(is_pretest, null, coalesce(cumulative_low, if(lead(date_day) over so_far is null, ci_low, null))) as cumulative_low,
        if(is_pretest, null, coalesce(cumulative_high, if(lead(date_day) over so_far is null, ci_high, null))) as cumulative_high
    from measured
    window so_far as (
        partition by experiment_id, method, is_pretest
        order by date_day
    )

)

select * from series
