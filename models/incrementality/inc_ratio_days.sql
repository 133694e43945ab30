-- The baseline day by day of methods that compare growth: treated regions would have gone up and down as control regions did. The
-- level of the test is that of the method's estimate. The error of the whole test is spread over its dates as that of a sum of
-- dates beside a pretest mean, so that the last day carries the interval of the whole.

with
{% set methods = ["did_ratio_robust", "joint_panel"] %}
experiment_days as (select * from {{ ref("base_experiment_days") }}),

windows as (select * from {{ ref("base_experiment_windows") }}),
{% for method in methods %}
{{ method }} as (select * from {{ ref("inc_" ~ method) }}),
{% endfor %}
experiments as (select * from {{ ref("panel_experiments") }}),

estimates as (
    {% for method in methods %}
    select
        '{{ method }}' as method,
        experiment_id,
        window_id,
        estimate,
        se,
        df,
        problem
    from {{ method }}
    {{ "union all" if not loop.last }}
    {% endfor %}
),

arms as (

    select
        experiment_id,
        period = 'pretest' as is_pretest,
        sum(treated_revenue order by date_day) as treated_revenue,
        sum(control_revenue order by date_day) as control_revenue
    from experiment_days
    group by all

),

measured as (

    select
        estimates.method,
        estimates.experiment_id,
        arms.is_pretest,
        (arms.treated_revenue - if(arms.is_pretest, 0, estimates.estimate)) / nullif(arms.control_revenue, 0) as ratio,
        windows.pretest_dates,
        {{ student_t_quantile("(1 + experiments.ci_level) / 2", "estimates.df") }} * estimates.se
        / sqrt(windows.test_dates + windows.test_dates ^ 2 / windows.pretest_dates) as half_width_of_a_date
    from estimates
    inner join windows
        on estimates.experiment_id = windows.experiment_id
        and estimates.window_id = windows.window_id
    inner join experiments
        on estimates.experiment_id = experiments.experiment_id
    inner join arms
        on estimates.experiment_id = arms.experiment_id
    where estimates.window_id = 0 and estimates.problem is null

),

predicted as (

    select
        measured.method,
        days.experiment_id,
        days.date_day,
        measured.is_pretest,
        days.treated_revenue as actual,
        measured.ratio * days.control_revenue as baseline,
        measured.pretest_dates,
        measured.half_width_of_a_date
    from experiment_days as days
    inner join measured
        on days.experiment_id = measured.experiment_id
        and (days.period = 'pretest') = measured.is_pretest
    -- Without control regions there is no course to follow.
    where measured.ratio is not null

),

added_up as (

    select
        *,
        sum(if(is_pretest, null, actual - baseline)) over so_far as cumulative_incremental,
        row_number() over so_far as dates_so_far
    from predicted
    window so_far as (
        partition by method, experiment_id, is_pretest
        order by date_day
    )

),

with_limits as (

    select
        *,
        half_width_of_a_date * sqrt(1 + 1 / pretest_dates) as half_width,
        half_width_of_a_date * sqrt(dates_so_far + dates_so_far ^ 2 / pretest_dates) as cumulative_half_width
    from added_up

),

series as (

    select
        method,
        experiment_id,
        date_day,
        actual,
        baseline,
        baseline - half_width as baseline_low,
        baseline + half_width as baseline_high,
        cumulative_incremental,
        cumulative_incremental - cumulative_half_width as cumulative_low,
        cumulative_incremental + cumulative_half_width as cumulative_high
    from with_limits

)

select * from series
