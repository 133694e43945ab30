-- Difference in differences of growth rates: the treated group's revenue beyond its pretest revenue grown as the control group
-- grew. The logarithm of treated over control growth is estimated, its error by the delta method over geos (residuals of a ratio
-- of sums, Cochran 1977, section 6.3), with Welch's degrees of freedom.

with

geo_windows as (select * from {{ ref("base_geo_windows") }}),

windows as (select * from {{ ref("base_experiment_windows") }}),

totals as (

    select
        experiment_id,
        window_id,
        assignment,
        count(*) as geos,
        sum(pretest_revenue order by geo) as pretest_revenue,
        sum(test_revenue order by geo) as test_revenue
    from geo_windows
    group by all

),

arms as (

    select
        totals.experiment_id,
        totals.window_id,
        totals.assignment,
        totals.geos,
        totals.pretest_revenue,
        totals.test_revenue,
        -- What the geos of the arm did otherwise than all of them together.
        sum(
            (
                geo_windows.test_revenue - totals.test_revenue / nullif(totals.pretest_revenue, 0) * geo_windows.pretest_revenue
            ) ^ 2 order by geo_windows.geo
        ) as residual_ss
    from geo_windows
    inner join totals
        on geo_windows.experiment_id = totals.experiment_id
        and geo_windows.window_id = totals.window_id
        and geo_windows.assignment = totals.assignment
    group by all

),

grown as (

    select
        experiment_id,
        window_id,
        assignment,
        geos,
        test_revenue,
        pretest_revenue > 0 and test_revenue > 0 as has_revenue,
        if(has_revenue, ln(test_revenue / pretest_revenue), null) as growth,
        geos / nullif(geos - 1, 0) * residual_ss / nullif(test_revenue, 0) ^ 2 as variance
    from arms

),

compared as (

    select
        windows.experiment_id,
        windows.window_id,
        treated.test_revenue,
        if(treated.has_revenue and control.has_revenue, treated.growth - control.growth, null) as difference,
        coalesce(treated.geos, 0) as geos_treated,
        coalesce(control.geos, 0) as geos_control,
        treated.variance as variance_treated,
        control.variance as variance_control
    from windows
    left join grown as treated
        on windows.experiment_id = treated.experiment_id
        and windows.window_id = treated.window_id
        and treated.assignment = 'treatment'
    left join grown as control
        on windows.experiment_id = control.experiment_id
        and windows.window_id = control.window_id
        and control.assignment = 'control'

),

estimated as (

    select
        experiment_id,
        window_id,
        difference as estimate,
        sqrt(variance_treated + variance_control) as se,
        {{ welch_df("variance_treated", "geos_treated", "variance_control", "geos_control") }} as df,
        -- What is left over by rounding is no noise.
        {{ arms_problem("geos_treated", "geos_control", "difference", "variance_treated + variance_control - 1e-24") }} as problem
    from compared

)

select * from estimated
