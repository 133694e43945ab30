{{ config(materialized="view") }}

with

checked as (select * from {{ ref("stg_campaigns_checked") }}),

accepted as (

    select
        campaign_id,
        campaign_name,
        brand,
        start_date,
        end_date,
        cooldown_days
    from checked
    where outcome = 'accepted'

)

select * from accepted
