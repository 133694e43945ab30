{{ config(materialized="view") }}
-- What exports may call a campaign, in lower case: its id or its name. An id wins over a name, and a name that several campaigns
-- share means none of them.

with

campaigns as (select * from {{ ref("stg_campaigns") }}),

ids as (

    select
        lower(campaign_id) as spelling,
        campaign_id
    from campaigns

),

names as (

    select
        lower(campaign_name) as spelling,
        min(campaign_id) as campaign_id
    from campaigns
    where lower(campaign_name) not in (select ids.spelling from ids)
    group by lower(campaign_name)
    having count(*) = 1

),

spellings as (

    select * from ids
    union all
    select * from names

)

select * from spellings
