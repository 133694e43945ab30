with

posts as (select * from {{ ref("core_posts") }}),

daily as (

    select
        post_date as date_day,
        influencer_id,
        campaign_id,
        brand,
        {%- for metric in ["reach", "impressions", "likes", "comments", "shares", "saves", "clicks"] %}
        cast(sum({{ metric }}) as bigint) as {{ metric }},
        {%- endfor %}
        count(*) as posts
    from posts
    group by
        post_date,
        influencer_id,
        campaign_id,
        brand

)

select * from daily
