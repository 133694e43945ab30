-- Where campaigns run that do not run everywhere, and until when they work.

with

campaigns as (select * from {{ ref("panel_campaigns") }}),

campaign_regions as (select * from {{ ref("core_campaign_regions") }}),

treated as (

    select distinct
        campaigns.campaign_id,
        campaign_regions.region,
        campaigns.brand,
        campaigns.start_date,
        campaigns.end_date,
        campaigns.cooldown_end
    from campaigns
    inner join campaign_regions
        on campaigns.campaign_id = campaign_regions.campaign_id
        and campaign_regions.role = 'treatment'
    where campaigns.start_date is not null

)

select * from treated
