{{ config(meta={"always_rebuilt": true}) }}
-- First and last day with a post or an attributed order, per influencer; of the whole data for an influencer without any; today
-- where there is no post and no order at all.

with

orders as (select * from {{ ref("core_orders") }}),

posts as (select * from {{ ref("core_posts") }}),

influencers as (select * from {{ ref("core_influencers") }}),

days as (

    select
        influencer_id,
        min(order_date) as first_day,
        max(order_date) as last_day
    from orders
    group by influencer_id

    union all

    select
        influencer_id,
        min(post_date) as first_day,
        max(post_date) as last_day
    from posts
    group by influencer_id

),

period as (

    select
        coalesce(min(first_day), current_date) as first_day,
        coalesce(max(last_day), current_date) as last_day
    from days

),

activity as (

    select
        influencers.influencer_id,
        coalesce(min(days.first_day), period.first_day) as first_day,
        coalesce(max(days.last_day), period.last_day) as last_day
    from influencers
    cross join period
    left join days
        on influencers.influencer_id = days.influencer_id
    group by influencers.influencer_id, period.first_day, period.last_day

)

select * from activity
