{#- Residual variance of a region grows with this power of its revenue: 1 would be pure counting noise, 2 noise in proportion to
    revenue (Brewer 1963 and others find 1 to 2). Chosen by coverage in simulated worlds. -#}
{% set region_power = 1.4 %}
-- The estimate of did_ratio, the treated group's revenue beyond the control group's times the pretest ratio, with an error that
-- lasts where days and regions are not alike. It is seen twice. From week to week of the pretest: sums over whole weeks (batch
-- means) keep what neighbouring days share. And from region to region of the control group: how far regions grew apart up to the
-- test, which also holds slow drifts and events of the test itself. Both variances are pooled by degrees of freedom.

with

experiment_days as (select * from {{ ref("base_experiment_days") }}),

geo_windows as (select * from {{ ref("base_geo_windows") }}),

windows as (select * from {{ ref("base_experiment_windows") }}),

days as (

    select
        windows.experiment_id,
        windows.window_id,
        experiment_days.date_day,
        experiment_days.date_day >= windows.test_first as is_test,
        experiment_days.treated_revenue,
        experiment_days.control_revenue,
        windows.dates_a_week
    from windows
    inner join experiment_days
        on windows.experiment_id = experiment_days.experiment_id
        and (
            experiment_days.date_day between windows.pretest_first and windows.pretest_last
            or experiment_days.date_day between windows.test_first and windows.test_last
        )

),

totals as (

    select
        experiment_id,
        window_id,
        any_value(dates_a_week) as dates_a_week,
        count(*) filter (where not is_test) as pretest_dates,
        count(*) filter (where is_test) as test_dates,
        sum(treated_revenue order by date_day) filter (where not is_test) as treated_pretest,
        sum(control_revenue order by date_day) filter (where not is_test) as control_pretest,
        sum(treated_revenue order by date_day) filter (where is_test) as treated_test,
        sum(control_revenue order by date_day) filter (where is_test) as control_test
    from days
    group by all

),

compared as (

    select
        *,
        if(treated_pretest > 0 and control_pretest > 0, treated_pretest / control_pretest, null) as pretest_ratio,
        control_test / nullif(control_pretest, 0) as control_growth
    from totals

),

-- Weeks are counted back from the end of the pretest; what is left over at its start belongs to none.
residuals as (

    select
        days.experiment_id,
        days.window_id,
        days.date_day,
        days.dates_a_week,
        days.treated_revenue - compared.pretest_ratio * days.control_revenue as residual,
        (
            row_number() over (
                partition by days.experiment_id, days.window_id
                order by days.date_day desc
            ) - 1
        ) // days.dates_a_week as week
    from days
    inner join compared
        on days.experiment_id = compared.experiment_id
        and days.window_id = compared.window_id
    where not days.is_test

),

weeks as (

    select
        experiment_id,
        window_id,
        week,
        sum(residual order by date_day) as residual
    from residuals
    group by experiment_id, window_id, week, dates_a_week
    having count(*) = dates_a_week

),

over_weeks as (

    select
        experiment_id,
        window_id,
        count(*) - 1 as df,
        var_samp(residual order by week) as variance
    from weeks
    group by all

),

-- A region that earned nothing before the test has no growth.
regions as (

    select
        geo_windows.experiment_id,
        geo_windows.window_id,
        geo_windows.geo,
        geo_windows.assignment,
        geo_windows.pretest_revenue / compared.control_pretest as share,
        geo_windows.pretest_revenue ^ {{ region_power }} as size,
        geo_windows.test_revenue - compared.control_growth * geo_windows.pretest_revenue as residual
    from geo_windows
    inner join compared
        on geo_windows.experiment_id = compared.experiment_id
        and geo_windows.window_id = compared.window_id
    where geo_windows.pretest_revenue > 0 and compared.control_pretest > 0

),

sizes as (

    select
        experiment_id,
        window_id,
        sum(size order by geo) filter (where assignment = 'treatment') as treated_size,
        sum(size order by geo) filter (where assignment = 'control') as control_size
    from regions
    group by all

),

-- Squared residuals over what they would be on average if the variance of a region were its size: the growth they are taken
-- from is their own.
over_regions as (

    select
        regions.experiment_id,
        regions.window_id,
        count(*) - 1 as df,
        sum(regions.residual ^ 2 / regions.size order by regions.geo)
        / nullif(
            sum(1 - 2 * regions.share + regions.share ^ 2 * sizes.control_size / regions.size order by regions.geo), 0
        ) as variance_by_size
    from regions
    inner join sizes
        on regions.experiment_id = sizes.experiment_id
        and regions.window_id = sizes.window_id
    where regions.assignment = 'control'
    group by all

),

-- Variance of the estimate, seen both ways. Noise over weeks grows with the control group.
variances as (

    select
        compared.experiment_id,
        compared.window_id,
        compared.test_dates,
        compared.pretest_ratio,
        compared.treated_test,
        compared.control_test,
        coalesce(over_weeks.df, 0) as weeks_df,
        coalesce(if(over_regions.variance_by_size is null, 0, over_regions.df), 0) as regions_df,
        over_weeks.variance / compared.dates_a_week
        * (compared.control_growth * compared.pretest_dates / compared.test_dates) ^ 2
        * (compared.test_dates + compared.test_dates ^ 2 / compared.pretest_dates) as weeks_variance,
        over_regions.variance_by_size * (sizes.treated_size + compared.pretest_ratio ^ 2 * sizes.control_size) as regions_variance
    from compared
    left join over_weeks
        on compared.experiment_id = over_weeks.experiment_id
        and compared.window_id = over_weeks.window_id
    left join over_regions
        on compared.experiment_id = over_regions.experiment_id
        and compared.window_id = over_regions.window_id
    left join sizes
        on compared.experiment_id = sizes.experiment_id
        and compared.window_id = sizes.window_id

),

pooled as (

    select
        *,
        greatest(weeks_df, 0) + greatest(regions_df, 0) as df,
        (
            if(weeks_df > 0, weeks_df * weeks_variance, 0) + if(regions_df > 0, regions_df * regions_variance, 0)
        ) / nullif(greatest(weeks_df, 0) + greatest(regions_df, 0), 0) as variance
    from variances

),

estimated as (

    select
        experiment_id,
        window_id,
        treated_test - pretest_ratio * control_test as estimate,
        sqrt(variance) as se,
        df::double as df,
        case
            when test_dates = 0 then 'test_without_data'
            when pretest_ratio is null then 'no_revenue'
            when df < 3 then 'few_weeks'
            -- What is left over by rounding is no noise.
            when variance <= 1e-24 * treated_test ^ 2
                then 'no_noise_over_weeks'
        end as problem
    from pooled

)

select * from estimated
