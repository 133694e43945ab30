with

posts as (select * from {{ ref("core_posts") }}),

orders as (select * from {{ ref("core_orders") }}),

spend as (select * from {{ ref("core_spend") }}),

earned as (

    select
        post_id,
        sum(orders) as orders,
        sum(revenue) as revenue
    from orders
    where post_id is not null
    group by all

),

spent as (

    select
        post_id,
        sum(amount) as amount
    from spend
    where post_id is not null
    group by all

),

measured as (

    select
        posts.post_id,
        posts.influencer_id,
        posts.platform,
        posts.post_date,
        posts.post_type,
        posts.url,
        posts.caption,
        posts.campaign_id,
        posts.brand,
        posts.reach,
        posts.impressions,
        posts.likes,
        posts.comments,
        posts.shares,
        posts.saves,
        posts.clicks,
        coalesce(earned.orders, 0)::bigint as orders,
        coalesce(earned.revenue, 0)::decimal(18, 2) as attributed_revenue,
        coalesce(spent.amount, 0)::decimal(18, 2) as spend
    from posts
    left join earned
        on posts.post_id = earned.post_id
    left join spent
        on posts.post_id = spent.post_id

)

select * from measured
