-- What each payout line pays for: days, campaigns, brands and posts among which its amount is shared out, with their weights.
--
--   undated post fee     the influencer's posts, one weight each
--   dated post fee       the influencer's latest posts up to that day, as many as are paid for (else one), on that day
--   undated commission   the attributed orders, by revenue
--   anything else, and whatever finds nothing to pay for: every day of its span
--     dated retainer     the month of its date
--     other dated        its date
--     undated            the influencer's first to last activity, else the period of the data

with

payout_lines as (select * from {{ ref("core_payout_lines") }}),

posts as (select * from {{ ref("core_posts") }}),

orders as (select * from {{ ref("core_orders") }}),

activity as (select * from {{ ref("core_activity") }}),

campaigns as (select * from {{ ref("core_campaigns") }}),

campaign_influencers as (select * from {{ ref("core_campaign_influencers") }}),

-- Posts of the line's campaign; a line without campaign, and a post without, fit any.
payable_posts as (

    select
        payout_lines.payout_line_id,
        payout_lines.event_date,
        payout_lines.units,
        posts.post_id,
        posts.post_date,
        coalesce(payout_lines.campaign, posts.campaign_id) as campaign_id,
        posts.brand
    from payout_lines
    inner join posts
        on payout_lines.influencer_id = posts.influencer_id
        and (
            payout_lines.campaign is null
            or posts.campaign_id in (payout_lines.campaign, '{{ var("none_member") }}')
        )
    where payout_lines.basis = 'post'

),

undated_post_fees as (

    select
        payout_line_id,
        post_date as date_day,
        campaign_id,
        brand,
        post_id,
        cast(1 as bigint) as weight
    from payable_posts
    where event_date is null

),

dated_post_fees as (

    select
        payout_line_id,
        event_date as date_day,
        campaign_id,
        brand,
        post_id,
        cast(1 as bigint) as weight
    from payable_posts
    where post_date <= event_date
    qualify row_number() over (
        partition by payout_line_id
        order by post_date desc, post_id asc
    ) <= coalesce(units, 1)

),

attributed_days as (

    select
        influencer_id,
        order_date,
        campaign_id,
        brand,
        -- In paise, so that weights are whole numbers.
        cast(sum(revenue) * 100 as bigint) as weight
    from orders
    where channel = 'influencer'
    group by influencer_id, order_date, campaign_id, brand
    having sum(revenue) > 0

),

commissions as (

    select
        payout_lines.payout_line_id,
        attributed_days.order_date as date_day,
        attributed_days.campaign_id,
        attributed_days.brand,
        cast(null as string) as post_id,
        attributed_days.weight
    from payout_lines
    inner join attributed_days
        on payout_lines.influencer_id = attributed_days.influencer_id
        and (payout_lines.campaign is null or payout_lines.campaign = attributed_days.campaign_id)
    where
        payout_lines.spend_type = 'commission'
        and payout_lines.event_date is null

),

found as (

    select * from undated_post_fees
    union all
    select * from dated_post_fees
    union all
    select * from commissions

),

spans as (

    select
        payout_lines.payout_line_id,
        payout_lines.influencer_id,
        payout_lines.campaign,
        case
            when payout_lines.basis = 'retainer' and payout_lines.event_date is not null
                then cast(date_trunc('month', payout_lines.event_date) as date)
            else coalesce(payout_lines.event_date, activity.first_day)
        end as first_day,
        case
            when payout_lines.basis = 'retainer' and payout_lines.event_date is not null
                then cast(last_day(payout_lines.event_date) as date)
            else coalesce(payout_lines.event_date, activity.last_day)
        end as last_day
    from payout_lines
    inner join activity
        on payout_lines.influencer_id = activity.influencer_id
    where payout_lines.payout_line_id not in (select found.payout_line_id from found)

),

span_days as (

    select
        payout_line_id,
        influencer_id,
        campaign,
        {{ days_between("first_day", "last_day") }} as date_day
    from spans

),

-- A line without campaign belongs to the influencer's campaign that is running on the day, latest start first.
span_targets as (

    select
        span_days.payout_line_id,
        span_days.date_day,
        coalesce(campaigns.campaign_id, span_days.campaign, '{{ var("none_member") }}') as campaign_id,
        coalesce(campaigns.brand, '{{ var("none_member") }}') as brand,
        cast(null as string) as post_id,
        cast(1 as bigint) as weight
    from span_days
    left join campaign_influencers
        on span_days.influencer_id = campaign_influencers.influencer_id
        and (span_days.campaign is null or span_days.campaign = campaign_influencers.campaign_id)
    left join campaigns
        on campaign_influencers.campaign_id = campaigns.campaign_id
        and (
            span_days.campaign = campaigns.campaign_id
            or span_days.date_day between campaigns.start_date
            and {{ add_days("campaigns.end_date", "campaigns.cooldown_days") }}
        )
    qualify row_number() over (
        partition by span_days.payout_line_id, span_days.date_day
        order by campaigns.start_date desc nulls last, campaigns.campaign_id asc nulls last
    ) = 1

),

targets as (

    select * from found
    union all
    select * from span_targets

)

select * from targets
