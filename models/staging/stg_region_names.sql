-- Regions as any export writes them, each in one spelling: that of the table regions, else the one that most orders use, else
-- most regions of campaigns, else most influencers. Codes and old names of Indian states (MH, IN-KA, Orissa) stand for a state
-- that the exports name.

with

raw_regions as (select * from {{ ref("raw_regions") }}),

raw_tracking_data as (select * from {{ ref("raw_tracking_data") }}),

raw_campaign_regions as (select * from {{ ref("raw_campaign_regions") }}),

raw_influencers as (select * from {{ ref("raw_influencers") }}),

value_synonyms as (select * from {{ ref("value_synonyms") }}),

mentions as (

    select
        region as cell,
        1 as precedence,
        count(*) as times
    from raw_regions
    group by region

    union all

    select
        region as cell,
        2 as precedence,
        count(*) as times
    from raw_tracking_data
    group by region

    union all

    select
        region as cell,
        3 as precedence,
        count(*) as times
    from raw_campaign_regions
    group by region

    union all

    select
        home_region as cell,
        4 as precedence,
        count(*) as times
    from raw_influencers
    group by home_region

),

region_aliases as (

    select distinct
        {{ normalize_name("spelling") }} as name_key,
        {{ normalize_name("value") }} as alias_of
    from value_synonyms
    where field = 'region' and {{ normalize_name("spelling") }} <> {{ normalize_name("value") }}

),

{{ names_shown(aliases="region_aliases") }},

region_names as (

    select
        written,
        name as region,
        precedence = 1 as is_known
    from names

)

select * from region_names
