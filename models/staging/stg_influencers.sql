{{ config(materialized="view") }}

with

checked as (select * from {{ ref("stg_influencers_checked") }}),

accepted as (

    select
        influencer_id,
        influencer_name,
        platform,
        category,
        gender,
        follower_count,
        persona,
        language,
        home_region,
        handle,
        coupon_codes,
        joined_date
    from checked
    where outcome = 'accepted'

)

select * from accepted
