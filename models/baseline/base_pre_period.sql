-- The treated group's own pretest, by day of the week, in every window: mean and number of dates of each weekday, and how many
-- of them the test has. Weekdays are not told apart where the test has one that the pretest lacks, or where each is there once
-- at most.

with

experiment_days as (select * from {{ ref("base_experiment_days") }}),

windows as (select * from {{ ref("base_experiment_windows") }}),

days as (

    select
        windows.experiment_id,
        windows.window_id,
        days.date_day,
        isodow(days.date_day) as weekday,
        days.date_day >= windows.test_first as is_test,
        days.treated_revenue as revenue
    from windows
    inner join experiment_days as days
        on windows.experiment_id = days.experiment_id
        and (
            days.date_day between windows.pretest_first and windows.pretest_last
            or days.date_day between windows.test_first and windows.test_last
        )
    where days.treated_revenue is not null

),

weekday_counts as (

    select
        experiment_id,
        window_id,
        weekday,
        count(*) filter (where not is_test) as pretest_dates,
        count(*) filter (where is_test) as test_dates
    from days
    group by all

),

weekdays_told_apart as (

    select
        experiment_id,
        window_id,
        bool_and(pretest_dates > 0) and sum(pretest_dates) > count(*) as is_by_weekday
    from weekday_counts
    group by all

),

grouped as (

    select
        days.experiment_id,
        days.window_id,
        if(weekdays_told_apart.is_by_weekday, days.weekday, 0) as weekday,
        weekdays_told_apart.is_by_weekday,
        days.date_day,
        days.is_test,
        days.revenue
    from days
    inner join weekdays_told_apart
        on days.experiment_id = weekdays_told_apart.experiment_id
        and days.window_id = weekdays_told_apart.window_id

),

means as (

    select
        experiment_id,
        window_id,
        weekday,
        is_by_weekday,
        count(*) filter (where not is_test) as pretest_dates,
        count(*) filter (where is_test) as test_dates,
        avg(revenue order by date_day) filter (where not is_test) as pretest_mean,
        sum(revenue order by date_day) filter (where is_test) as test_revenue,
        var_pop(revenue order by date_day) filter (where not is_test) * count(*) filter (where not is_test) as sum_of_squares
    from grouped
    group by all

)

select * from means
