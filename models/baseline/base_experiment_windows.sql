-- Dates from which an experiment is measured (window 0), and placebo windows: parts of the pretest that are measured as if they had
-- been the test, although nothing happened in them. Their test lasts as long as the real one, at most a quarter of the pretest; they begin
-- every seventh day (or every date of a weekly panel) back from the end of the pretest, as long as a third of it is left before them.

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
        max(experiment_days.date_day) filter (where experiment_days.period in ('test', 'cooldown')) as test_last
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
        -- Seven days, in dates of the panel.
        case when pretest_last - pretest_first >= 6 * (pretest_dates - 1) then 1 else 7 end as step
    from lengths
    where pretest_dates >= 4 and test_dates > 0

),

placebo_starts as (

    select
        placebo_lengths.experiment_id,
        starts.window_id,
        placebo_lengths.placebo_dates,
        placebo_lengths.pretest_dates - placebo_lengths.placebo_dates + 1
        - placebo_lengths.step * (starts.window_id - 1) as first_position
    from placebo_lengths
    cross join (select unnest(range(1, 21)) as window_id) as starts
    where first_position > placebo_lengths.shortest_pretest

),

placebo_windows as (

    select
        placebo_starts.experiment_id,
        placebo_starts.window_id,
        first_dates.date_day as pretest_first,
        before_dates.date_day as pretest_last,
        start_dates.date_day as test_first,
        end_dates.date_day as test_last,
        placebo_starts.first_position - 1 as pretest_dates,
        placebo_starts.placebo_dates as test_dates
    from placebo_starts
    {%- for joined, position in [
        ("first_dates", "1"),
        ("before_dates", "placebo_starts.first_position - 1"),
        ("start_dates", "placebo_starts.first_position"),
        ("end_dates", "placebo_starts.first_position + placebo_starts.placebo_dates - 1"),
    ] %}
    inner join pretest_dates as {{ joined }}
        on placebo_starts.experiment_id = {{ joined }}.experiment_id
        and {{ joined }}.position = {{ position }}
    {%- endfor %}

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
        test_dates
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
        test_dates
    from placebo_windows

)

select * from windows
