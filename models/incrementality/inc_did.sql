-- Difference in differences in levels: how much more the mean daily revenue of treated geos grew than that of control geos, with Welch's
-- error over geos (Welch 1947), whose days depend on one another (Bertrand, Duflo and Mullainathan 2004).

with

geo_windows as (select * from {{ ref("base_geo_windows") }}),

windows as (select * from {{ ref("base_experiment_windows") }}),

growth as (

    select
        geo_windows.experiment_id,
        geo_windows.window_id,
        geo_windows.geo,
        geo_windows.assignment,
        windows.test_dates,
        geo_windows.test_revenue / nullif(windows.test_dates, 0)
        - geo_windows.pretest_revenue / nullif(windows.pretest_dates, 0) as growth
    from geo_windows
    inner join windows
        on geo_windows.experiment_id = windows.experiment_id
        and geo_windows.window_id = windows.window_id

),

arms as (

    select
        experiment_id,
        window_id,
        test_dates,
        {%- for arm in ["treatment", "control"] %}
        count(*) filter (where assignment = '{{ arm }}') as geos_{{ arm }},
        avg(growth order by geo) filter (where assignment = '{{ arm }}') as growth_{{ arm }},
        var_samp(growth order by geo) filter (where assignment = '{{ arm }}')
        / count(*) filter (where assignment = '{{ arm }}') as variance_{{ arm }}{{ "," if not loop.last }}
        {%- endfor %}
    from growth
    group by all

),

estimated as (

    select
        experiment_id,
        window_id,
        (growth_treatment - growth_control) * geos_treatment * test_dates as estimate,
        sqrt(variance_treatment + variance_control) * geos_treatment * test_dates as se,
        {{ welch_df("variance_treatment", "geos_treatment", "variance_control", "geos_control") }} as df,
        {{ arms_problem("geos_treatment", "geos_control", "growth_treatment", "variance_treatment + variance_control") }} as problem
    from arms

)

select * from estimated
