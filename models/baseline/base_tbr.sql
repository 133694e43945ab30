-- Time-based regression (Kerman, Wang and Vaver 2017) of the treated group's daily total on the control group's, in every
-- window, for revenue and, where geos have a cost, for cost. Fitted on the pretest; effect and effect_se are those of the whole
-- test, the cooldown included for revenue only, since money is spent in the test. A control that never changes says nothing
-- about single days: then the baseline is the treated group's mean.

with

experiment_days as (select * from {{ ref("base_experiment_days") }}),

windows as (select * from {{ ref("base_experiment_windows") }}),

metrics as (

    select
        experiment_id,
        date_day,
        'revenue' as metric,
        treated_revenue as y,
        control_revenue as x
    from experiment_days

    union all

    select
        experiment_id,
        date_day,
        'cost' as metric,
        treated_cost as y,
        control_cost as x
    from experiment_days
    where period <> 'cooldown'

),

days as (

    select
        windows.experiment_id,
        windows.window_id,
        metrics.metric,
        metrics.date_day,
        metrics.date_day >= windows.test_first as is_test,
        metrics.y,
        metrics.x
    from windows
    inner join metrics
        on windows.experiment_id = metrics.experiment_id
        and (metrics.metric = 'revenue' or windows.window_id = 0)
        and (
            metrics.date_day between windows.pretest_first and windows.pretest_last
            or metrics.date_day between windows.test_first and windows.test_last
        )
    where metrics.y is not null and metrics.x is not null

),

pretests as (

    select
        experiment_id,
        window_id,
        metric,
        count(*) as n,
        avg(x order by date_day) as x_mean,
        avg(y order by date_day) as y_mean,
        regr_sxx(y, x order by date_day) as sxx,
        regr_sxy(y, x order by date_day) as sxy,
        regr_syy(y, x order by date_day) as syy,
        min(x) < max(x) as has_slope
    from days
    where not is_test
    group by all
    having count(*) >= 3

),

lines as (

    select
        *,
        if(has_slope, sxy / sxx, 0) as slope,
        y_mean - if(has_slope, sxy / sxx, 0) * x_mean as intercept,
        n - if(has_slope, 2, 1) as df
    from pretests

),

residuals as (

    select
        days.experiment_id,
        days.window_id,
        days.metric,
        days.date_day,
        days.is_test,
        days.x,
        days.y - lines.intercept - lines.slope * days.x as residual
    from days
    inner join lines
        on days.experiment_id = lines.experiment_id
        and days.window_id = lines.window_id
        and days.metric = lines.metric

),

summed as (

    select
        experiment_id,
        window_id,
        metric,
        count(*) filter (where is_test) as test_dates,
        avg(x order by date_day) filter (where is_test) as x_test_mean,
        sum(residual order by date_day) filter (where is_test) as effect,
        sum(residual ^ 2 order by date_day) filter (where not is_test) as residual_ss
    from residuals
    group by all

),

fitted as (

    select
        lines.experiment_id,
        lines.window_id,
        lines.metric,
        lines.n,
        lines.df,
        lines.has_slope,
        lines.intercept,
        lines.slope,
        lines.x_mean,
        lines.sxx,
        sqrt(summed.residual_ss / lines.df) as sigma,
        if(lines.syy > 0, greatest(1 - summed.residual_ss / lines.syy, 0), null) as r_squared,
        -- Where the line leaves nothing over but rounding, there is no noise to judge an effect by.
        summed.residual_ss <= 1e-20 * lines.n * (lines.y_mean ^ 2 + lines.syy / lines.n) as is_without_noise,
        summed.test_dates,
        summed.effect,
        sigma * {{ tbr_cumulative_spread(
            "summed.test_dates", "summed.x_test_mean", "lines.n", "lines.x_mean", "lines.sxx", "lines.has_slope"
        ) }} as effect_se
    from lines
    inner join summed
        on lines.experiment_id = summed.experiment_id
        and lines.window_id = summed.window_id
        and lines.metric = summed.metric

)

select * from fitted
