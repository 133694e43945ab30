-- Brands as any export writes them, each in one spelling: that of campaigns, else of products, else the one that most rows use.

with

raw_campaigns as (select * from {{ ref("raw_campaigns") }}),

raw_products as (select * from {{ ref("raw_products") }}),

raw_tracking_data as (select * from {{ ref("raw_tracking_data") }}),

raw_posts as (select * from {{ ref("raw_posts") }}),

raw_geo_experiments as (select * from {{ ref("raw_geo_experiments") }}),

mentions as (

    select
        brand as cell,
        1 as precedence,
        count(*) as times
    from raw_campaigns
    group by brand

    union all

    select
        brand as cell,
        2 as precedence,
        count(*) as times
    from raw_products
    group by brand

    union all

    select
        brand as cell,
        3 as precedence,
        count(*) as times
    from raw_tracking_data
    group by brand

    union all

    select
        brand as cell,
        3 as precedence,
        count(*) as times
    from raw_posts
    group by brand

    union all

    select
        brand as cell,
        3 as precedence,
        count(*) as times
    from raw_geo_experiments
    group by brand

),

{{ names_shown() }},

brand_names as (

    select
        written,
        name as brand,
        precedence < 3 as is_known
    from names

)

select * from brand_names
