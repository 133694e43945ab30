-- Every region that some table names, in one spelling: the one of the table regions, else the one that most orders use, else most
-- regions of campaigns, else most influencers. Spellings of a region differ in case.

with

regions as (select * from {{ ref("stg_regions") }}),

orders as (select * from {{ ref("stg_tracking_data") }}),

campaign_regions as (select * from {{ ref("stg_campaign_regions") }}),

influencers as (select * from {{ ref("stg_influencers") }}),

mentions as (

    select
        region,
        1 as precedence,
        1 as times
    from regions

    union all

    select
        region,
        2 as precedence,
        count(*) as times
    from orders
    where region is not null
    group by region

    union all

    select
        region,
        3 as precedence,
        count(*) as times
    from campaign_regions
    group by region

    union all

    select
        home_region as region,
        4 as precedence,
        count(*) as times
    from influencers
    where home_region is not null
    group by home_region

),

spelled as (

    select region
    from mentions
    qualify row_number() over (
        partition by lower(region)
        order by precedence asc, times desc, region asc
    ) = 1

),

described as (

    select
        spelled.region,
        regions.population,
        regions.language
    from spelled
    left join regions
        on spelled.region = regions.region

)

select * from described
