-- Which influencers take part in which campaign: those with a post, an attributed order or a payout of it.

with

posts as (

    select * from {{ ref("stg_posts") }}
    where row_status = 'accepted'

),

order_lines as (select * from {{ ref("core_order_lines") }}),

payouts as (

    select * from {{ ref("stg_payouts") }}
    where row_status = 'accepted'

),

members as (

    select
        campaign as campaign_id,
        influencer_id
    from posts
    where campaign is not null

    union

    select
        campaign_id,
        influencer_id
    from order_lines
    where campaign_id is not null

    union

    select
        campaign as campaign_id,
        influencer_id
    from payouts
    where campaign is not null

)

select * from members
