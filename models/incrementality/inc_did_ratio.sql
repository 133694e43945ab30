-- Difference in differences of growth rates: the treated group's revenue beyond its pretest revenue grown as the control group grew. The
-- logarithm of treated over control growth is estimated, its error by the delta method over geos (residuals of a ratio of sums, Cochran 1977,
-- section 6.3), with Welch's degrees of freedom.

with

geo_windows as (select * from {{ ref("base_geo_windows") }}),

with_totals as (

    select
        *,
        sum(pretest_revenue) over arm as arm_pretest_revenue,
        sum(test_revenue) over arm as arm_test_revenue
    from geo_windows
    window arm as (
        partition by experiment_id, window_id, assignment
        order by geo
        rows between unbounded preceding and unbounded following
    )

),

arms as (

    select
        experiment_id,
        window_id,
        {%- for arm in ["treatment", "control"] %}
        count(*) filter (where assignment = '{{ arm }}') as geos_{{ arm }},
        any_value(arm_pretest_revenue) filter (where assignment = '{{ arm }}') as pretest_{{ arm }},
        any_value(arm_test_revenue) filter (where assignment = '{{ arm }}') as test_{{ arm }},
        sum(
            (test_revenue - arm_test_revenue / nullif(arm_pretest_revenue, 0) * pretest_revenue) ^ 2 order by geo
        ) filter (where assignment = '{{ arm }}') as residual_ss_{{ arm }}{{ "," if not loop.last }}
        {%- endfor %}
    from with_totals
    group by all

),

variances as (

    select
        *,
        {%- for arm in ["treatment", "control"] %}
        geos_{{ arm }} / nullif(geos_{{ arm }} - 1, 0) * residual_ss_{{ arm }} / nullif(test_{{ arm }}, 0) ^ 2
            as variance_{{ arm }}{{ "," if not loop.last }}
        {%- endfor %}
    from arms

),

judged as (

    select
        *,
        least(pretest_treatment, pretest_control, test_treatment, test_control) > 0 as has_revenue
    from variances

),

estimated as (

    select
        experiment_id,
        window_id,
        if(has_revenue, ln(test_treatment / pretest_treatment) - ln(test_control / pretest_control), null) as estimate,
        if(has_revenue, sqrt(variance_treatment + variance_control), null) as se,
        {{ welch_df("variance_treatment", "geos_treatment", "variance_control", "geos_control") }} as df,
        test_treatment as test_revenue,
        {{ arms_problem("geos_treatment", "geos_control", "if(has_revenue, 1, null)", "variance_treatment + variance_control") }}
            as problem
    from judged

)

select * from estimated
