-- Campaigns as posts, orders and payouts name them. A campaign lasts from its first to its last post or attributed order, and
-- has a brand where all its posts and orders show the same one.

with

posts as (select * from {{ ref("stg_posts") }}),

order_lines as (select * from {{ ref("core_order_lines") }}),

payouts as (select * from {{ ref("stg_payouts") }}),

mentions as (

    select
        campaign as campaign_id,
        brand,
        post_date as date_day
    from posts
    where campaign is not null

    union all

    select
        campaign_id,
        nullif(brand, '{{ var("none_member") }}') as brand,
        order_date as date_day
    from order_lines
    where campaign_id is not null

    union all

    select
        campaign as campaign_id,
        cast(null as string) as brand,
        cast(null as date) as date_day
    from payouts
    where campaign is not null

),

campaigns as (

    select
        campaign_id,
        campaign_id as campaign_name,
        case when count(distinct brand) = 1 then min(brand) else '{{ var("none_member") }}' end as brand,
        min(date_day) as start_date,
        max(date_day) as end_date,
        0 as cooldown_days
    from mentions
    group by campaign_id

)

select * from campaigns
