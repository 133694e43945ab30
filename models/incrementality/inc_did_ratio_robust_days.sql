-- The baseline of did_ratio_robust day by day, and the effect added up over the test. The error of the whole test is spread over
-- its dates as that of a sum of dates beside a pretest mean, so that the last day carries the interval of the whole.

with

experiment_days as (select * from {{ ref("base_experiment_days") }}),

windows as (select * from {{ ref("base_experiment_windows") }}),

estimates as (select * from {{ ref("inc_did_ratio_robust") }}),

experiments as (select * from {{ ref("panel_experiments") }}),

pretests as (

    select
        experiment_id,
        sum(treated_revenue order by date_day) / nullif(sum(control_revenue order by date_day), 0) as pretest_ratio
    from experiment_days
    where period = 'pretest'
    group by all

),

measured as (

    select
        estimates.experiment_id,
        pretests.pretest_ratio,
        windows.pretest_dates,
        {{ student_t_quantile("(1 + experiments.ci_level) / 2", "estimates.df") }} * estimates.se
        / sqrt(windows.test_dates + windows.test_dates ^ 2 / windows.pretest_dates) as half_width_of_a_date
    from estimates
    inner join windows
        on estimates.experiment_id = windows.experiment_id
        and estimates.window_id = windows.window_id
    inner join experiments
        on estimates.experiment_id = experiments.experiment_id
    inner join pretests
        on estimates.experiment_id = pretests.experiment_id
    where estimates.window_id = 0 and estimates.problem is null

),

predicted as (

    select
        days.experiment_id,
        days.date_day,
        days.period = 'pretest' as is_pretest,
        days.treated_revenue as actual,
        measured.pretest_ratio * days.control_revenue as baseline,
        measured.pretest_dates,
        measured.half_width_of_a_date
    from experiment_days as days
    inner join measured
        on days.experiment_id = measured.experiment_id

),

added_up as (

    select
        *,
        sum(if(is_pretest, null, actual - baseline)) over so_far as cumulative_incremental,
        row_number() over so_far as dates_so_far
    from predicted
    window so_far as (
        partition by experiment_id, is_pretest
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
