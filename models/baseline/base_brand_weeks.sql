-- Orders and revenue of every brand by week, in all regions and of all channels.

with

orders as (select * from {{ ref("panel_orders") }}),

days as (select * from {{ ref("base_weeks") }}),

weekly as (

    select
        orders.brand,
        days.week,
        sum(orders.orders)::bigint as orders,
        sum(orders.revenue)::decimal(18, 2) as revenue
    from orders
    inner join days
        on orders.date_day = days.date_day
    where orders.brand <> '{{ var("none_member") }}'
    group by all

)

select * from weekly
