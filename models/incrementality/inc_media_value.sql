-- What reach would cost at the shop's usual price for it: what a post is worth where no order tells, as nobody used a code or link.
-- Campaigns whose reach is not known count by what they cost.

with

posts as (select * from {{ ref("panel_posts") }}),

payouts as (select * from {{ ref("panel_spend") }}),

reached as (

    select
        campaign_id,
        sum(reach) as reach
    from posts
    group by all
    having sum(reach) > 0

),

spent as (

    select
        campaign_id,
        sum(spend) as spend
    from payouts
    group by all

),

-- Posts outside campaigns are often free, and say nothing of a price.
price as (

    select sum(spent.spend)::double / sum(reached.reach) as price_of_reach
    from reached
    inner join spent
        on reached.campaign_id = spent.campaign_id
    where reached.campaign_id <> '{{ var("none_member") }}'
    having sum(spent.spend) > 0

),

valued as (

    select
        posts.date_day,
        posts.influencer_id,
        posts.campaign_id,
        posts.brand,
        posts.reach * price.price_of_reach as media_value
    from posts
    cross join price
    where posts.reach > 0

    union all

    select
        payouts.date_day,
        payouts.influencer_id,
        payouts.campaign_id,
        payouts.brand,
        payouts.spend::double as media_value
    from payouts
    left join reached
        on payouts.campaign_id = reached.campaign_id
    where
        reached.campaign_id is null
        and payouts.campaign_id <> '{{ var("none_member") }}'

)

select * from valued
