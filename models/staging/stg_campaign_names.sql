-- What exports call a campaign, and the campaign that is meant: its id, in any case; else an id that only one campaign has in any
-- spelling; else a name that only one has. Any other is a campaign of its own, called as most rows write it.

with

campaigns as (

    select * from {{ ref("stg_campaigns") }}
    where row_status = 'accepted'

),

raw_tracking_data as (select * from {{ ref("raw_tracking_data") }}),

raw_posts as (select * from {{ ref("raw_posts") }}),

raw_payouts as (select * from {{ ref("raw_payouts") }}),

raw_campaign_regions as (select * from {{ ref("raw_campaign_regions") }}),

raw_test_plans as (select * from {{ ref("raw_test_plans") }}),

mentions as (

    select
        campaign as cell,
        1 as precedence,
        count(*) as times
    from raw_tracking_data
    group by campaign

    union all

    select
        campaign as cell,
        1 as precedence,
        count(*) as times
    from raw_posts
    group by campaign

    union all

    select
        campaign as cell,
        1 as precedence,
        count(*) as times
    from raw_payouts
    group by campaign

    union all

    select
        campaign_id as cell,
        1 as precedence,
        count(*) as times
    from raw_campaign_regions
    group by campaign_id

    union all

    select
        campaign_id as cell,
        1 as precedence,
        count(*) as times
    from raw_test_plans
    group by campaign_id

),

{{ names_shown("id") }},

ids as (

    select
        {{ normalize_name("campaign_id") }} as name_key,
        min(campaign_id) as campaign_id
    from campaigns
    group by {{ normalize_name("campaign_id") }}
    having count(*) = 1

),

campaign_keys as (

    select * from ids

    union all

    -- An id wins over a name, and a name that several campaigns share means none of them.
    select
        {{ normalize_name("campaign_name") }} as name_key,
        min(campaign_id) as campaign_id
    from campaigns
    where {{ normalize_name("campaign_name") }} not in (select ids.name_key from ids)
    group by {{ normalize_name("campaign_name") }}
    having count(*) = 1

),

campaign_names as (

    select
        names.written,
        coalesce(campaigns.campaign_id, campaign_keys.campaign_id, names.name) as campaign_id,
        campaigns.campaign_id is not null or campaign_keys.campaign_id is not null as is_known
    from names
    left join campaigns
        on lower(names.written) = lower(campaigns.campaign_id)
    left join campaign_keys
        on names.name_key = campaign_keys.name_key

)

select * from campaign_names
