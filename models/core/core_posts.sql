-- Posts with their campaign and brand: the post's own, else those of the influencer's campaign that is running that day.

with

posts as (

    select * from {{ ref("stg_posts") }}
    where row_status = 'accepted'

),

running_campaigns as (select * from {{ ref("core_running_campaigns") }}),

campaigns as (select * from {{ ref("core_campaigns") }}),

with_campaign as (

    select
        posts.*,
        coalesce(posts.campaign, running_campaigns.campaign_id, '{{ var("none_member") }}') as campaign_id
    from posts
    left join running_campaigns
        on posts.influencer_id = running_campaigns.influencer_id
        and coalesce(posts.brand, '{{ var("none_member") }}') = running_campaigns.brand
        and posts.post_date = running_campaigns.date_day

),

with_brand as (

    select
        with_campaign.post_id,
        with_campaign.influencer_id,
        with_campaign.platform,
        with_campaign.post_date,
        with_campaign.url,
        with_campaign.caption,
        with_campaign.post_type,
        with_campaign.campaign_id,
        with_campaign.brand as shown_brand,
        coalesce(with_campaign.brand, campaigns.brand, '{{ var("none_member") }}') as brand,
        with_campaign.reach,
        with_campaign.impressions,
        with_campaign.likes,
        with_campaign.comments,
        with_campaign.shares,
        with_campaign.saves,
        with_campaign.clicks
    from with_campaign
    left join campaigns
        on with_campaign.campaign_id = campaigns.campaign_id

)

select * from with_brand
