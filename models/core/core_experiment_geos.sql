-- Who is treated and who is kept free. The geos of a campaign are its regions.

with

experiments as (select * from {{ ref("core_experiments") }}),

campaign_regions as (select * from {{ ref("core_campaign_regions") }}),

geo_assignments as (

    select * from {{ ref("stg_geo_assignments") }}
    where row_status = 'accepted'

),

assigned as (

    select
        experiments.experiment_id,
        campaign_regions.region as geo,
        campaign_regions.role as assignment,
        campaign_regions.pair
    from campaign_regions
    inner join experiments
        on campaign_regions.campaign_id = experiments.campaign_id

    union all

    select
        experiments.experiment_id,
        geo_assignments.geo,
        geo_assignments.assignment,
        geo_assignments.pair
    from geo_assignments
    inner join experiments
        on geo_assignments.experiment_id = experiments.geo_experiment_id

)

select * from assigned
