-- How often the interval of a method held the truth, zero, in placebo windows. The windows overlap, so that the share is an
-- indication.

with

estimates as (select * from {{ ref("inc_closed_form") }}),

experiments as (select * from {{ ref("panel_experiments") }}),

tried as (

    select
        estimates.experiment_id,
        estimates.method,
        2 * (1 - {{ student_t_cdf("abs(estimates.estimate) / estimates.se", "estimates.df") }})
        >= 1 - experiments.ci_level as holds_zero
    from estimates
    inner join experiments
        on estimates.experiment_id = experiments.experiment_id
    where estimates.window_id > 0 and estimates.problem is null

),

coverage as (

    select
        experiment_id,
        method,
        count(*)::integer as placebo_windows,
        count(*) filter (where holds_zero) / count(*) as placebo_coverage
    from tried
    group by all

)

select * from coverage
