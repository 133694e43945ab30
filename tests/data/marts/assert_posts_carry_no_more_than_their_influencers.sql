-- Fails for an influencer whose posts together carry more revenue, orders or fees than the influencer does.
with

posts as (

    select
        influencer_id,
        sum(orders) as orders,
        sum(attributed_revenue) as attributed_revenue,
        sum(spend) as spend
    from {{ ref("fct_posts") }}
    group by all

),

days as (

    select
        influencer_id,
        sum(orders) as orders,
        sum(attributed_revenue) as attributed_revenue,
        sum(spend_fixed) as spend
    from {{ ref("fct_influencer_days") }}
    group by all

)

select *
from posts
left join days using (influencer_id)
where
    posts.orders > coalesce(days.orders, 0)
    or posts.attributed_revenue > coalesce(days.attributed_revenue, 0)
    or posts.spend > coalesce(days.spend, 0)
