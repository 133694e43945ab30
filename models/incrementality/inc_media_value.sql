{#- Pairs of influencer and campaign that tell how the price of a post grows with its reach. With fewer it is in proportion. -#}
{% set min_priced_pairs = 10 %}
-- What posts would cost at the shop's usual price for their reach: what carries incremental revenue where no order tells, as no
-- code or link was used. A post of twice the reach costs less than twice as much, and brings less than twice as many buyers
-- (Beichert et al. 2024), so that the price is a power of reach, fitted to what campaigns paid. Campaigns whose reach is unknown
-- count by what they cost.

with

posts as (select * from {{ ref("panel_posts") }}),

payouts as (select * from {{ ref("panel_spend") }}),

reached as (

    select
        date_day,
        influencer_id,
        campaign_id,
        brand,
        posts,
        reach::double / posts as reach_of_post
    from posts
    where reach > 0

),

reached_pairs as (

    select
        campaign_id,
        influencer_id,
        sum(reach)::double / sum(posts) as reach_of_post,
        sum(posts) as posts
    from posts
    where reach > 0
    group by all

),

paid_pairs as (

    select
        campaign_id,
        influencer_id,
        sum(spend)::double as spend
    from payouts
    group by all

),

-- Posts outside campaigns are often free, and say nothing of a price.
priced as (

    select
        reached_pairs.campaign_id,
        reached_pairs.influencer_id,
        paid_pairs.spend,
        ln(reached_pairs.reach_of_post) as log_reach,
        ln(paid_pairs.spend / reached_pairs.posts) as log_price
    from reached_pairs
    inner join paid_pairs
        on reached_pairs.campaign_id = paid_pairs.campaign_id
        and reached_pairs.influencer_id = paid_pairs.influencer_id
    where
        paid_pairs.spend > 0
        and reached_pairs.campaign_id <> '{{ var("none_member") }}'

),

means as (

    select
        avg(log_reach order by campaign_id, influencer_id) as log_reach,
        avg(log_price order by campaign_id, influencer_id) as log_price
    from priced

),

-- The slope of a regression of log price on log reach, between 0 and 1.
slope as (

    select
        case
            when count(*) < {{ min_priced_pairs }} then 1
            else coalesce(
                greatest(least(
                    sum(
                        (priced.log_reach - means.log_reach) * (priced.log_price - means.log_price)
                        order by priced.campaign_id, priced.influencer_id
                    )
                    / nullif(
                        sum((priced.log_reach - means.log_reach) ^ 2 order by priced.campaign_id, priced.influencer_id), 0
                    ),
                    1
                ), 0),
                1
            )
        end as elasticity
    from priced
    cross join means

),

paid as (

    select sum(spend order by campaign_id, influencer_id) as spend
    from priced

),

-- At these prices what was priced cost as much as it did.
price as (

    select
        slope.elasticity,
        any_value(paid.spend) / sum(
            reached.posts * reached.reach_of_post ^ slope.elasticity
            order by reached.campaign_id, reached.influencer_id, reached.date_day, reached.brand
        ) as price_of_one
    from reached
    inner join priced
        on reached.campaign_id = priced.campaign_id
        and reached.influencer_id = priced.influencer_id
    cross join slope
    cross join paid
    group by slope.elasticity

),

valued as (

    select
        reached.date_day,
        reached.influencer_id,
        reached.campaign_id,
        reached.brand,
        price.price_of_one * reached.posts * reached.reach_of_post ^ price.elasticity as media_value
    from reached
    cross join price

    union all

    select
        payouts.date_day,
        payouts.influencer_id,
        payouts.campaign_id,
        payouts.brand,
        payouts.spend::double as media_value
    from payouts
    where
        payouts.campaign_id not in (select reached.campaign_id from reached)
        and payouts.campaign_id <> '{{ var("none_member") }}'

)

select * from valued
