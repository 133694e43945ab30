-- The campaign that runs for an influencer, a brand and a day on which there is a post or an attributed order: of the
-- influencer's campaigns of that brand, or without brand, that have started and not ended (cooldown included), the one that
-- started last. A post or order without brand fits a campaign of any brand.

with

posts as (

    select * from {{ ref("stg_posts") }}
    where row_status = 'accepted'

),

order_lines as (select * from {{ ref("core_order_lines") }}),

campaigns as (select * from {{ ref("core_campaigns") }}),

campaign_influencers as (select * from {{ ref("core_campaign_influencers") }}),

occasions as (

    select
        influencer_id,
        coalesce(brand, '{{ var("none_member") }}') as brand,
        post_date as date_day
    from posts
    where campaign is null

    union

    select
        influencer_id,
        brand,
        order_date as date_day
    from order_lines
    where
        influencer_id is not null
        and campaign_id is null

),

running as (

    select
        occasions.influencer_id,
        occasions.brand,
        occasions.date_day,
        campaigns.campaign_id
    from occasions
    inner join campaign_influencers
        on occasions.influencer_id = campaign_influencers.influencer_id
    inner join campaigns
        on campaign_influencers.campaign_id = campaigns.campaign_id
        and (
            occasions.brand = campaigns.brand
            or occasions.brand = '{{ var("none_member") }}'
            or campaigns.brand = '{{ var("none_member") }}'
        )
        and occasions.date_day between campaigns.start_date
        and {{ add_days("campaigns.end_date", "campaigns.cooldown_days") }}
    qualify row_number() over (
        partition by occasions.influencer_id, occasions.brand, occasions.date_day
        order by campaigns.start_date desc, campaigns.campaign_id asc
    ) = 1

)

select * from running
