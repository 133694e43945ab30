with

influencers as (select * from {{ ref("core_influencers") }}),

described as (

    select
        influencer_id,
        influencer_name,
        handle,
        platform,
        coalesce(category, '{{ var("none_member") }}') as category,
        gender,
        language,
        home_region,
        follower_count,
        coalesce(tier, '{{ var("none_member") }}') as tier,
        persona,
        joined_date
    from influencers

)

select * from described
