-- Orders and revenue of every brand by region and week. Small regions in which no campaign of the brand runs are taken together.

with

orders as (select * from {{ ref("panel_orders") }}),

days as (select * from {{ ref("base_weeks") }}),

campaign_regions as (select * from {{ ref("panel_campaign_regions") }}),

region_totals as (

    select
        brand,
        region,
        sum(orders) as orders
    from orders
    where region <> '{{ var("none_member") }}'
    group by all

),

-- Of no brand: it runs in all of them.
regions_with_campaigns as (

    select distinct
        region_totals.brand,
        region_totals.region
    from region_totals
    inner join campaign_regions
        on region_totals.region = campaign_regions.region
        and campaign_regions.brand in (region_totals.brand, '{{ var("none_member") }}')

),

regions as (

    select
        region_totals.brand,
        region_totals.region,
        if(
            region_totals.orders >= 0.004 * sum(region_totals.orders) over (partition by region_totals.brand)
            or regions_with_campaigns.region is not null,
            region_totals.region,
            '(others)'
        ) as region_group
    from region_totals
    left join regions_with_campaigns
        on region_totals.brand = regions_with_campaigns.brand
        and region_totals.region = regions_with_campaigns.region

),

weekly as (

    select
        orders.brand,
        regions.region_group as region,
        days.week,
        sum(orders.orders)::bigint as orders,
        sum(orders.revenue)::decimal(18, 2) as revenue
    from orders
    inner join regions
        on orders.brand = regions.brand
        and orders.region = regions.region
    inner join days
        on orders.date_day = days.date_day
    group by all

)

select * from weekly
