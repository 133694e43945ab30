{{ config(materialized="view") }}
-- Days of geo tests, of the geos that take part, spelled as in the assignments.

with

experiments as (select * from {{ ref("core_experiments") }}),

experiment_geos as (select * from {{ ref("core_experiment_geos") }}),

geo_panel as (

    select * from {{ ref("stg_geo_panel") }}
    where row_status = 'accepted'

),

geos as (

    select
        experiments.experiment_id,
        experiments.geo_experiment_id,
        experiments.pretest_start,
        experiments.cooldown_end,
        experiment_geos.geo,
        lower(experiment_geos.geo) as spelling
    from experiment_geos
    inner join experiments
        on experiment_geos.experiment_id = experiments.experiment_id
    where experiments.source = 'geo test'

),

geo_days as (

    select
        geos.experiment_id,
        geos.geo,
        geo_panel.date_day,
        geo_panel.response,
        geo_panel.cost
    from geo_panel
    inner join geos
        on geo_panel.experiment_id = geos.geo_experiment_id
        and lower(geo_panel.geo) = geos.spelling
        and geo_panel.date_day between geos.pretest_start and geos.cooldown_end

)

select * from geo_days
