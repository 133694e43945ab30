-- Regions in which a campaign runs, and regions kept free of it for comparison.

with

campaign_regions as (select * from {{ ref("stg_campaign_regions") }}),

regions as (select * from {{ ref("core_regions") }}),

with_region as (

    select
        campaign_regions.campaign_id,
        regions.region,
        campaign_regions.role,
        campaign_regions.pair
    from campaign_regions
    inner join regions
        on lower(campaign_regions.region) = lower(regions.region)

)

select * from with_region
