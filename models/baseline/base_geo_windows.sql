-- What each geo earned and cost before and within each window. Costs are those of the experiment itself in every window.

with

experiment_days as (select * from {{ ref("panel_experiment_days") }}),

windows as (select * from {{ ref("base_experiment_windows") }}),

geo_windows as (

    select
        windows.experiment_id,
        windows.window_id,
        days.geo,
        days.assignment,
        coalesce(
            sum(days.response) filter (where days.date_day between windows.pretest_first and windows.pretest_last), 0
        )::double as pretest_revenue,
        coalesce(
            sum(days.response) filter (where days.date_day between windows.test_first and windows.test_last), 0
        )::double as test_revenue
    from windows
    inner join experiment_days as days
        on windows.experiment_id = days.experiment_id
    group by all

),

geo_costs as (

    select
        experiment_id,
        geo,
        (sum(cost) filter (where period = 'pretest'))::double as pretest_cost,
        (sum(cost) filter (where period in ('test', 'cooldown')))::double as test_cost
    from experiment_days
    group by all

),

with_costs as (

    select
        geo_windows.experiment_id,
        geo_windows.window_id,
        geo_windows.geo,
        geo_windows.assignment,
        geo_windows.pretest_revenue,
        geo_windows.test_revenue,
        geo_costs.pretest_cost,
        geo_costs.test_cost
    from geo_windows
    inner join geo_costs
        on geo_windows.experiment_id = geo_costs.experiment_id
        and geo_windows.geo = geo_costs.geo

)

select * from with_costs
