-- Dates from which an experiment is measured (window 0), and placebo windows: parts of the pretest that are measured as if they
-- had been the test, although nothing happened in them. Their test lasts as long as the real one, at most a quarter of the
-- pretest; they begin every seventh day (or every date of a weekly panel) back from the end of the pretest, as long as a third
-- of it is left before them.

with

experiment_days as (select * from {{ ref("base_experiment_days") }}),

experiments as (select * from {{ ref("panel_experiments") }}),

lengths as (

    select
        experiments.experiment_id,
        count(*) filter (where experiment_days.period = 'pretest') as pretest_dates,
        count(*) filter (where experiment_days.period in ('test', 'cooldown')) as test_dates,
        min(experiment_days.date_day) filter (where experiment_days.period = 'pretest') as pretest_first,
        max(experiment_days.date_day) filter (where experiment_days.period = 'pretest') as pretest_last,
        min(experiment_days.date_day) filter (where experiment_days.period in ('test', 'cooldown')) as test_first,
        max(experiment_days.date_day) filter (where experiment_days.period in ('test', 'cooldown')) as test_last,
        -- Weekly panels have one date a week.
        case when pretest_last - pretest_first >= 6 * (pretest_dates - 1) then 1 else 7 end as dates_a_week
    from experiments
    left join experiment_days
        on experiments.experiment_id = experiment_days.experiment_id
    group by all

),

pretest_dates as (

    select
        experiment_days.experiment_id,
        experiment_days.date_day,
        row_number() over (
            partition by experiment_days.experiment_id
            order by experiment_days.date_day
        ) as position
    from experiment_days
    where experiment_days.period = 'pretest'

),

placebo_lengths as (

    select
        experiment_id,
        pretest_dates,
        least(test_dates, pretest_dates // 4) as placebo_dates,
        greatest(3, pretest_dates // 3) as shortest_pretest,
        dates_a_week
    from lengths
    where pretest_dates >= 4 and test_dates > 0

),

numbers as (

    select unnest(range(1, 21)) as window_id

),

placebo_starts as (

    select
        placebo_lengths.experiment_id,
        numbers.window_id,
        placebo_lengths.placebo_dates,
        placebo_lengths.shortest_pretest,
        placebo_lengths.dates_a_week,
        placebo_lengths.pretest_dates - placebo_lengths.placebo_dates + 1
        - placebo_lengths.dates_a_week * (numbers.window_id - 1) as first_position
    from placebo_lengths
    cross join numbers

),

placebo_windows as (

    select
        placebo_starts.experiment_id,
        placebo_starts.window_id,
        min(pretest_dates.date_day) as pretest_first,
        max(pretest_dates.date_day) filter (where pretest_dates.position < placebo_starts.first_position) as pretest_last,
        min(pretest_dates.date_day) filter (where pretest_dates.position >= placebo_starts.first_position) as test_first,
        max(pretest_dates.date_day) as test_last,
        placebo_starts.first_position - 1 as pretest_dates,
        placebo_starts.placebo_dates as test_dates,
        placebo_starts.dates_a_week
    from placebo_starts
    inner join pretest_dates
        on placebo_starts.experiment_id = pretest_dates.experiment_id
        and pretest_dates.position < placebo_starts.first_position + placebo_starts.placebo_dates
    where placebo_starts.first_position > placebo_starts.shortest_pretest
    group by all

),

windows as (

    select
        experiment_id,
        0 as window_id,
        pretest_first,
        pretest_last,
        test_first,
        test_last,
        pretest_dates,
        test_dates,
        dates_a_week
    from lengths

    union all

    select
        experiment_id,
        window_id,
        pretest_first,
        pretest_last,
        test_first,
        test_last,
        pretest_dates,
        test_dates,
        dates_a_week
    from placebo_windows

)

select * from windows
