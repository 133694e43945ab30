-- Fails where counts, shares or errors of a method do not agree with one another, or with the estimates that they come from.
with

figures as (select * from {{ ref("rpt_method_calibration") }}),

totals as (

    select
        level,
        method,
        sum(estimate) - sum(truth) filter (where estimate is not null) as error
    from {{ ref("calibration_estimates") }}
    group by all

)

select figures.*
from figures
left join totals
    on figures.level = totals.level
    and figures.method = totals.method
where
    not figures.n >= figures.n_estimated
    or not figures.n_estimated >= figures.n_measured
    or not figures.n_measured >= figures.n_without_effect
    or not abs(figures.bias) <= figures.rmse * (1 + 1e-9)
    or not abs(figures.bias * figures.n_estimated - totals.error) <= 1e-9 * figures.rmse * figures.n_estimated
    or not coalesce(figures.coverage, 0) between 0 and 1
    or not coalesce(figures.false_positive_rate, 0) between 0 and 1
    or not figures.not_measurable_share between 0 and 1
    or (figures.coverage is null) <> (figures.n_measured = 0)
    or (totals.level is null and figures.method <> 'default')
