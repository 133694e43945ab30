-- Campaigns of the table campaigns, and others that posts, orders, payouts or campaigns' regions name. What the table does not
-- tell comes from these: a campaign lasts from its first to its last post or attributed order, and has a brand where all its
-- posts and orders show the same one.

with

campaigns as (

    select * from {{ ref("stg_campaigns") }}
    where row_status = 'accepted'

),

campaign_regions as (

    select * from {{ ref("stg_campaign_regions") }}
    where row_status = 'accepted'

),

posts as (

    select * from {{ ref("stg_posts") }}
    where row_status = 'accepted'

),

order_lines as (select * from {{ ref("core_order_lines") }}),

payouts as (

    select * from {{ ref("stg_payouts") }}
    where row_status = 'accepted'

),

named as (

    select campaign_id
    from campaigns

    union all

    select campaign_id
    from campaign_regions

    union all

    select campaign as campaign_id
    from payouts
    where campaign is not null

),

mentions as (

    select
        campaign_id,
        cast(null as string) as brand,
        cast(null as date) as date_day
    from named

    union all

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

),

mentioned as (

    select
        campaign_id,
        case when count(distinct brand) = 1 then min(brand) end as brand,
        min(date_day) as start_date,
        max(date_day) as end_date
    from mentions
    group by campaign_id

),

described as (

    select
        mentioned.campaign_id,
        coalesce(campaigns.campaign_name, mentioned.campaign_id) as campaign_name,
        coalesce(campaigns.brand, mentioned.brand, '{{ var("none_member") }}') as brand,
        coalesce(campaigns.start_date, mentioned.start_date) as start_date,
        coalesce(campaigns.end_date, mentioned.end_date) as end_date,
        cast(coalesce(campaigns.cooldown_days, 0) as integer) as cooldown_days
    from mentioned
    left join campaigns
        on mentioned.campaign_id = campaigns.campaign_id

)

select * from described
