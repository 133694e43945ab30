-- The counterfactual of time-based regression day by day, and the effect added up over the test.

with

experiment_days as (select * from {{ ref("base_experiment_days") }}),

lines as (select * from {{ ref("base_tbr") }}),

experiments as (select * from {{ ref("panel_experiments") }}),

limits as (

    select
        lines.*,
        {{ student_t_quantile("(1 + experiments.ci_level) / 2", "lines.df") }} as t
    from lines
    inner join experiments
        on lines.experiment_id = experiments.experiment_id
    where lines.window_id = 0 and lines.metric = 'revenue'

),

predicted as (

    select
        days.experiment_id,
        days.date_day,
        days.period = 'pretest' as is_pretest,
        days.treated_revenue as actual,
        days.control_revenue as x,
        limits.intercept + limits.slope * days.control_revenue as baseline,
        limits.sigma,
        limits.n,
        limits.x_mean,
        limits.sxx,
        limits.has_slope,
        if(limits.is_without_noise, null, limits.t) as t
    from experiment_days as days
    inner join limits
        on days.experiment_id = limits.experiment_id

),

added_up as (

    select
        *,
        sum(if(is_pretest, null, actual - baseline)) over so_far as cumulative_incremental,
        avg(x) over so_far as x_mean_so_far,
        row_number() over so_far as dates_so_far
    from predicted
    window so_far as (
        partition by experiment_id, is_pretest
        order by date_day
    )

),

with_spread as (

    select
        *,
        sigma * {{ tbr_cumulative_spread("1", "x", "n", "x_mean", "sxx", "has_slope") }} as day_se,
        sigma * {{ tbr_cumulative_spread("dates_so_far", "x_mean_so_far", "n", "x_mean", "sxx", "has_slope") }} as cumulative_se
    from added_up

),

series as (

    select
        experiment_id,
        date_day,
        actual,
        baseline,
        baseline - t * day_se as baseline_low,
        baseline + t * day_se as baseline_high,
        cumulative_incremental,
        cumulative_incremental - t * cumulative_se as cumulative_low,
        cumulative_incremental + t * cumulative_se as cumulative_high
    from with_spread

)

select * from series
