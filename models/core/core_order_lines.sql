{{ config(materialized="view") }}
-- Accepted order lines with their influencer, their channel and their money, before campaigns are looked up.

with

orders as (select * from {{ ref("stg_tracking_data") }}),

coupon_codes as (select * from {{ ref("core_coupon_codes") }}),

channel_map as (select * from {{ ref("channel_map") }}),

products as (select * from {{ ref("stg_products") }}),

product_costs as (

    select
        lower(product) as product_key,
        lower(brand) as brand_key,
        list_price,
        unit_cost,
        count(*) over (partition by lower(product)) as brands
    from products

),

with_influencer as (

    select
        orders.*,
        coalesce(orders.influencer_id, coupon_codes.influencer_id) as attributed_influencer_id,
        orders.revenue + coalesce(orders.discount, 0) as revenue_before_discount,
        coalesce(orders.returned_date is not null or orders.status in ('returned', 'refused', 'cancelled'), false) as came_back
    from orders
    left join coupon_codes
        on orders.coupon_code = coupon_codes.coupon_code

),

order_lines as (

    select
        with_influencer.transaction_id,
        with_influencer.product,
        with_influencer.order_date,
        with_influencer.region,
        with_influencer.source,
        case
            when with_influencer.attributed_influencer_id is not null then 'influencer'
            else coalesce(channel_map.channel, 'other')
        end as channel,
        with_influencer.attributed_influencer_id as influencer_id,
        -- A campaign name on an order without influencer attributes nothing.
        case when with_influencer.attributed_influencer_id is not null then with_influencer.campaign end as campaign_id,
        coalesce(with_influencer.brand, '{{ var("none_member") }}') as brand,
        with_influencer.orders,
        case when with_influencer.is_new_customer is not null then with_influencer.orders end as orders_of_known_customers,
        case
            when with_influencer.is_new_customer then with_influencer.orders
            when not with_influencer.is_new_customer then 0
        end as new_customer_orders,
        cast(with_influencer.revenue_before_discount as decimal(18, 2)) as gross_revenue,
        cast(coalesce(with_influencer.discount, 0) as decimal(18, 2)) as discounts,
        cast(case when with_influencer.came_back then with_influencer.revenue else 0 end as decimal(18, 2)) as refunds,
        -- Goods that come back cost nothing. How many units an order has is not told, but what they would sell for is.
        cast(
            product_costs.unit_cost * case
                when with_influencer.came_back then 0
                else greatest(
                    with_influencer.orders,
                    cast(
                        coalesce(
                            round(
                                cast(with_influencer.revenue_before_discount as double)
                                / nullif(cast(product_costs.list_price as double), 0)
                            ),
                            0
                        ) as bigint
                    )
                )
            end as decimal(18, 2)
        ) as cost_of_goods
    from with_influencer
    left join channel_map
        on {{ spelling("with_influencer.source") }} = {{ spelling("channel_map.source") }}
    -- A product that only one brand sells needs no brand.
    left join product_costs
        on lower(with_influencer.product) = product_costs.product_key
        and (product_costs.brands = 1 or lower(with_influencer.brand) = product_costs.brand_key)

)

select * from order_lines
