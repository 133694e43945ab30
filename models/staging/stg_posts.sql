{{ config(materialized="view") }}

with

checked as (select * from {{ ref("stg_posts_checked") }}),

accepted as (

    select
        post_id,
        influencer_id,
        platform,
        post_date,
        url,
        caption,
        reach,
        impressions,
        likes,
        comments,
        shares,
        saves,
        clicks,
        post_type,
        campaign,
        brand
    from checked
    where outcome = 'accepted'

)

select * from accepted
