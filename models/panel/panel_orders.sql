with

orders as (select * from {{ ref("core_orders") }}),

daily as (

    select
        order_date as date_day,
        region,
        channel,
        influencer_id,
        campaign_id,
        brand,
        cast(sum(orders) as bigint) as orders,
        cast(sum(orders_of_known_customers) as bigint) as orders_of_known_customers,
        cast(sum(new_customer_orders) as bigint) as new_customer_orders,
        cast(sum(gross_revenue) as decimal(18, 2)) as gross_revenue,
        cast(sum(discounts) as decimal(18, 2)) as discounts,
        cast(sum(refunds) as decimal(18, 2)) as refunds,
        cast(sum(revenue) as decimal(18, 2)) as revenue,
        cast(sum(revenue_of_known_cost) as decimal(18, 2)) as revenue_of_known_cost,
        cast(sum(cost_of_goods) as decimal(18, 2)) as cost_of_goods
    from orders
    group by
        order_date,
        region,
        channel,
        influencer_id,
        campaign_id,
        brand

)

select * from daily
