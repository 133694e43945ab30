-- Fails for an experiment whose treated regions together earned other than the actual revenue of its pretest days, by methods
-- that use all treated regions.
with

regions as (

    select
        experiment_id,
        coalesce(sum(pretest_revenue), 0) as pretest_revenue
    from {{ ref("dim_experiment_regions") }}
    where assignment = 'treatment'
    group by all

),

baselines as (

    select
        days.experiment_id,
        days.method,
        sum(days.actual) as actual
    from {{ ref("fct_baseline_days") }} as days
    inner join {{ ref("dim_experiments") }} as experiments
        on days.experiment_id = experiments.experiment_id
    where days.method in ('did', 'did_ratio', 'pre_period', 'tbr') and days.date_day < experiments.test_start
    group by all

)

select
    baselines.experiment_id,
    baselines.method,
    baselines.actual,
    regions.pretest_revenue
from baselines
left join regions
    on baselines.experiment_id = regions.experiment_id
where abs(baselines.actual - regions.pretest_revenue) <= 1e-9 * greatest(baselines.actual, 1) is not true
