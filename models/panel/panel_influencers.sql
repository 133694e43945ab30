with

influencers as (select * from {{ ref("core_influencers") }}),

described as (

    select
        influencer_id,
        platform,
        follower_count
    from influencers

)

select * from described
