-- Every region that some table names.

with

regions as (

    select * from {{ ref("stg_regions") }}
    where row_status = 'accepted'

),

orders as (

    select * from {{ ref("stg_tracking_data") }}
    where row_status = 'accepted'

),

campaign_regions as (

    select * from {{ ref("stg_campaign_regions") }}
    where row_status = 'accepted'

),

influencers as (

    select * from {{ ref("stg_influencers") }}
    where row_status = 'accepted'

),

named as (

    select region from regions

    union

    select region from orders

    union

    select region from campaign_regions

    union

    select home_region as region from influencers

),

described as (

    select
        named.region,
        regions.population,
        regions.language
    from named
    left join regions
        on named.region = regions.region
    where named.region is not null

)

select * from described
