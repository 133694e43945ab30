-- Difference in differences in levels: how much more the mean daily revenue of treated geos grew than that of control geos, with
-- Welch's error over geos (Welch 1947), whose days depend on one another (Bertrand, Duflo and Mullainathan 2004).

with

geo_windows as (select * from {{ ref("base_geo_windows") }}),

windows as (select * from {{ ref("base_experiment_windows") }}),

growth as (

    select
        geo_windows.experiment_id,
        geo_windows.window_id,
        geo_windows.geo,
        geo_windows.assignment,
        geo_windows.test_revenue / nullif(windows.test_dates, 0)
        - geo_windows.pretest_revenue / nullif(windows.pretest_dates, 0) as growth,
        geo_windows.pretest_revenue / nullif(windows.pretest_dates, 0) as level
    from geo_windows
    inner join windows
        on geo_windows.experiment_id = windows.experiment_id
        and geo_windows.window_id = windows.window_id

),

arms as (

    select
        experiment_id,
        window_id,
        assignment,
        count(*) as geos,
        avg(growth order by geo) as growth,
        var_samp(growth order by geo) / count(*) as variance,
        avg(abs(level) order by geo) as level
    from growth
    group by all

),

compared as (

    select
        windows.experiment_id,
        windows.window_id,
        windows.test_dates,
        treated.growth - control.growth as difference,
        coalesce(treated.geos, 0) as geos_treated,
        coalesce(control.geos, 0) as geos_control,
        treated.variance as variance_treated,
        control.variance as variance_control,
        greatest(treated.level, control.level) as level
    from windows
    left join arms as treated
        on windows.experiment_id = treated.experiment_id
        and windows.window_id = treated.window_id
        and treated.assignment = 'treatment'
    left join arms as control
        on windows.experiment_id = control.experiment_id
        and windows.window_id = control.window_id
        and control.assignment = 'control'

),

estimated as (

    select
        experiment_id,
        window_id,
        difference * geos_treated * test_dates as estimate,
        sqrt(variance_treated + variance_control) * geos_treated * test_dates as se,
        {{ welch_df("variance_treated", "geos_treated", "variance_control", "geos_control") }} as df,
        -- What is left over of numbers of this size by rounding is no noise.
        {{ arms_problem(
            "geos_treated", "geos_control", "difference", "variance_treated + variance_control - 1e-24 * level ^ 2"
        ) }} as problem
    from compared

)

select * from estimated
