{{ config(materialized="view") }}
-- Regions in which a campaign runs, and regions kept free of it for comparison.

with

campaign_regions as (

    select * from {{ ref("stg_campaign_regions") }}
    where row_status = 'accepted'

),

regions_of_campaigns as (

    select
        campaign_id,
        region,
        role,
        pair
    from campaign_regions

)

select * from regions_of_campaigns
