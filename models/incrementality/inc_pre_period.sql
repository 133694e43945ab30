-- The treated group's revenue beyond its own pretest mean of the same weekday. No control: whatever else changed counts as
-- effect.

with

weekdays as (select * from {{ ref("base_pre_period") }}),

summed as (

    select
        experiment_id,
        window_id,
        sum(pretest_dates) as pretest_dates,
        sum(test_dates) as test_dates,
        sum(pretest_dates) - count(*) as df,
        sum(coalesce(test_revenue, 0) - test_dates * pretest_mean order by weekday) as estimate,
        -- Noise of each test date, and of the means that all test dates of a weekday share.
        sum(test_dates + test_dates ^ 2 / pretest_dates order by weekday) as spread,
        sum(sum_of_squares order by weekday) as sum_of_squares,
        sum(pretest_dates * pretest_mean ^ 2 order by weekday) as size
    from weekdays
    group by all

),

estimated as (

    select
        experiment_id,
        window_id,
        estimate,
        sqrt(sum_of_squares / df * spread) as se,
        df::double as df,
        case
            when test_dates = 0 then 'test_without_data'
            when pretest_dates < 3 then 'short_pretest'
            when sum_of_squares <= 1e-20 * size then 'no_noise_in_pretest'
        end as problem
    from summed

)

select * from estimated
