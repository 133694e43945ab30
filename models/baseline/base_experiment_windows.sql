-- Dates from which an experiment is measured. There is one window, 0; what comes after measures any window in the same way.

with

experiment_days as (select * from {{ ref("base_experiment_days") }}),

experiments as (select * from {{ ref("panel_experiments") }}),

windows as (

    select
        experiments.experiment_id,
        0 as window_id,
        min(experiment_days.date_day) filter (where experiment_days.period = 'pretest') as pretest_first,
        max(experiment_days.date_day) filter (where experiment_days.period = 'pretest') as pretest_last,
        min(experiment_days.date_day) filter (where experiment_days.period in ('test', 'cooldown')) as test_first,
        max(experiment_days.date_day) filter (where experiment_days.period in ('test', 'cooldown')) as test_last,
        count(*) filter (where experiment_days.period = 'pretest') as pretest_dates,
        count(*) filter (where experiment_days.period in ('test', 'cooldown')) as test_dates,
        -- Weekly panels have one date a week.
        case when pretest_last - pretest_first >= 6 * (pretest_dates - 1) then 1 else 7 end as dates_a_week
    from experiments
    left join experiment_days
        on experiments.experiment_id = experiment_days.experiment_id
    group by all

)

select * from windows
