-- What synthetic control has to work with in each experiment, and why it cannot where it cannot.

with

experiments as (select * from {{ ref("panel_experiments") }}),

experiment_days as (select * from {{ ref("panel_experiment_days") }}),

arms as (select * from {{ ref("base_experiment_days") }}),

dates as (

    select
        experiment_id,
        count(*) filter (where period = 'pretest') as pretest_dates,
        count(*) filter (where period <> 'pretest') as test_dates
    from arms
    group by experiment_id

),

-- Every region has a row on every date.
geos as (

    select
        experiment_id,
        count(*) filter (where assignment = 'treatment') as treated_rows,
        count(*) filter (where assignment = 'control') as control_rows,
        max(abs(response))::double as largest_response
    from experiment_days
    group by experiment_id

),

panels as (

    select
        experiments.experiment_id,
        coalesce(dates.pretest_dates, 0) as pretest_dates,
        coalesce(dates.test_dates, 0) as test_dates,
        coalesce(dates.pretest_dates + dates.test_dates, 0) as all_dates,
        coalesce(geos.treated_rows // (dates.pretest_dates + dates.test_dates), 0) as geos_treated,
        coalesce(geos.control_rows // (dates.pretest_dates + dates.test_dates), 0) as geos_control,
        geos.largest_response,
        experiments.ci_level,
        experiments.sc_demeaned as is_demeaned
    from experiments
    left join dates
        on experiments.experiment_id = dates.experiment_id
    left join geos
        on experiments.experiment_id = geos.experiment_id

),

judged as (

    select
        *,
        -- As many shifts of the test, itself included, may do as badly as the test when an effect is rejected.
        floor((1 - ci_level) * all_dates + 1e-9)::bigint as shifts_of_rejected,
        case
            when geos_treated = 0 then 'no_treated_region'
            when geos_control = 0 then 'no_control_region'
            when pretest_dates < 3 then 'short_pretest'
            when test_dates = 0 then 'test_without_data'
            when largest_response = 0 then 'no_revenue'
        end as not_measurable_reason
    from panels

),

bounded as (

    select
        *,
        case
            when shifts_of_rejected < 1 then 'few_dates_for_interval'
            when is_demeaned and test_dates >= pretest_dates then 'long_test'
        end as interval_problem
    from judged

)

select * from bounded
