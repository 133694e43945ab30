-- What each brand sells by region in a usual week, that of the last thirteen, and how far values of orders scatter: what a
-- planned campaign would be measured against. Small regions are taken together and cannot be chosen.

with

region_weeks as (select * from {{ ref("base_region_weeks") }}),

days as (select * from {{ ref("base_weeks") }}),

regions as (select * from {{ ref("panel_regions") }}),

last_weeks as (

    select
        week,
        count(*) as days
    from days
    group by week
    qualify row_number() over (order by week desc) <= 13

),

recorded as (

    select
        (select sum(last_weeks.days) from last_weeks) as recent_days,
        (select max(days.week) + 1 from days) as history_weeks

),

recent as (

    select
        region_weeks.brand,
        region_weeks.region,
        sum(region_weeks.orders) as orders,
        sum(region_weeks.revenue) as revenue
    from region_weeks
    inner join last_weeks
        on region_weeks.week = last_weeks.week
    group by all

),

-- The usual value of an order by region and week: that of the region times that of the week, over that of all.
margins as (

    select
        brand,
        orders,
        revenue,
        orders
        * (sum(revenue) over (partition by brand, region) / sum(orders) over (partition by brand, region))
        * (sum(revenue) over (partition by brand, week) / sum(orders) over (partition by brand, week))
        / (sum(revenue) over (partition by brand) / sum(orders) over (partition by brand)) as expected_revenue,
        count(*) over (partition by brand) as cells,
        count(distinct region) over (partition by brand) as regions,
        count(distinct week) over (partition by brand) as weeks
    from region_weeks
    where orders > 0

),

-- Pearson's: squares over what independent orders of the same value make of them.
scatter as (

    select
        brand,
        sum(
            (revenue - expected_revenue) ^ 2 * orders / nullif(expected_revenue, 0) ^ 2
            order by expected_revenue, orders, revenue
        )
        / greatest(any_value(cells - regions - weeks + 1), 1) as order_value_variance
    from margins
    group by all

),

described as (

    select
        recent.brand,
        recent.region,
        recent.region <> '(others)' as is_choosable,
        regions.language,
        regions.population,
        7 * recent.orders / recorded.recent_days as weekly_orders,
        7 * recent.revenue::double / recorded.recent_days as weekly_revenue,
        scatter.order_value_variance,
        recorded.history_weeks
    from recent
    inner join scatter
        on recent.brand = scatter.brand
    left join regions
        on recent.region = regions.region
    cross join recorded
    where recent.orders > 0

)

select * from described
