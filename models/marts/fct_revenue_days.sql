with

orders as (select * from {{ ref("panel_orders") }}),

daily as (

    select
        date_day,
        region,
        brand,
        channel,
        sum(orders)::bigint as orders,
        sum(gross_revenue)::decimal(18, 2) as gross_revenue,
        sum(discounts)::decimal(18, 2) as discounts,
        sum(refunds)::decimal(18, 2) as refunds,
        sum(revenue)::decimal(18, 2) as revenue
    from orders
    group by all

)

select * from daily
