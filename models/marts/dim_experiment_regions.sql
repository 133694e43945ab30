with

experiment_geos as (select * from {{ ref("core_experiment_geos") }}),

experiment_days as (select * from {{ ref("panel_experiment_days") }}),

pretests as (

    select
        experiment_id,
        geo,
        sum(response)::double as pretest_revenue
    from experiment_days
    where period = 'pretest'
    group by all

),

described as (

    select
        experiment_geos.experiment_id,
        experiment_geos.geo as region,
        experiment_geos.assignment,
        experiment_geos.pair,
        pretests.pretest_revenue
    from experiment_geos
    left join pretests
        on experiment_geos.experiment_id = pretests.experiment_id
        and experiment_geos.geo = pretests.geo

)

select * from described
