-- Both arms of each experiment as two series. An arm without geos is null. Sums are of decimals, so that they are the same in
-- every build.

with

experiment_days as (select * from {{ ref("panel_experiment_days") }}),

arms as (

    select
        experiment_id,
        date_day,
        period,
        (sum(response) filter (where assignment = 'treatment'))::double as treated_revenue,
        (sum(response) filter (where assignment = 'control'))::double as control_revenue,
        (sum(cost) filter (where assignment = 'treatment'))::double as treated_cost,
        (sum(cost) filter (where assignment = 'control'))::double as control_cost,
        count(*) filter (where is_missing) as missing_geo_days
    from experiment_days
    group by all

)

select * from arms
