{{ config(materialized="view") }}

with

checked as (select * from {{ ref("stg_campaign_regions_checked") }}),

accepted as (

    select
        campaign_id,
        region,
        role,
        pair
    from checked
    where outcome = 'accepted'

)

select * from accepted
