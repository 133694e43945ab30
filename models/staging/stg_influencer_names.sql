-- What exports call an influencer, and the influencer who is meant: the id, in any case; else a handle, account, partner id or
-- the like that only one influencer is known by; else an id whose leading zeros a spreadsheet took off, if only one reads so.

with

influencers as (

    select * from {{ ref("stg_influencers") }}
    where row_status in ('accepted', 'superseded')

),

influencer_keys as (

    select * from {{ ref("stg_influencer_keys") }}
    where row_status = 'accepted'

),

raw_tracking_data as (select * from {{ ref("raw_tracking_data") }}),

raw_posts as (select * from {{ ref("raw_posts") }}),

raw_payouts as (select * from {{ ref("raw_payouts") }}),

cells as (

    select influencer_id as cell from raw_tracking_data

    union

    select influencer_id as cell from raw_posts

    union

    select handle as cell from raw_posts

    union

    select influencer_id as cell from raw_payouts

),

trimmed as (

    select distinct {{ trimmed("cell") }} as cell
    from cells
    where cell is not null

),

cleaned as (

    -- Cells of kind id and of kind text, so that whichever a column is, it is found here.
    select {{ clean_cell("cell", "id") }} as written
    from trimmed

    union

    select {{ clean_cell("cell") }} as written
    from trimmed

),

keyed as (

    select
        written,
        {{ account_key("written") }} as account_key
    from cleaned
    where written is not null

),

ids as (

    select
        lower(influencer_id) as account_key,
        min(influencer_id) as influencer_id
    from influencers
    group by lower(influencer_id)

),

known_by as (

    select
        {{ account_key("handle") }} as account_key,
        influencer_id
    from influencers
    where handle is not null

    union

    select
        {{ account_key("key") }} as account_key,
        influencer_id
    from influencer_keys

),

accounts as (

    select
        account_key,
        min(influencer_id) as influencer_id
    from known_by
    group by account_key
    having count(distinct influencer_id) = 1

),

short_ids as (

    select
        regexp_replace(lower(influencer_id), '^0+', '') as account_key,
        min(influencer_id) as influencer_id
    from influencers
    group by regexp_replace(lower(influencer_id), '^0+', '')
    having count(distinct influencer_id) = 1

),

influencer_names as (

    select
        keyed.written,
        coalesce(ids.influencer_id, accounts.influencer_id, short_ids.influencer_id) as influencer_id
    from keyed
    left join ids
        on lower(keyed.written) = ids.account_key
    left join accounts
        on keyed.account_key = accounts.account_key
    left join short_ids
        on regexp_replace(lower(keyed.written), '^0+', '') = short_ids.account_key

)

select * from influencer_names
