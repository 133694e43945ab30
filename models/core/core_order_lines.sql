{{ config(materialized="view") }}
-- Accepted order lines with their influencer, their channel and their money, before campaigns are looked up.

with

orders as (

    select * from {{ ref("stg_tracking_data") }}
    where row_status = 'accepted'

),

coupon_codes as (select * from {{ ref("core_coupon_codes") }}),

source_channels as (select * from {{ ref("core_source_channels") }}),

products as (

    select * from {{ ref("stg_products") }}
    where row_status = 'accepted'

),

brands_counted as (

    select
        product,
        brand,
        list_price,
        unit_cost,
        count(*) over (partition by product) as brands
    from products

),

-- A product that only one brand sells needs no brand.
costs_of_products as (

    select * from brands_counted
    where brands = 1

),

costs_of_brands as (

    select * from brands_counted
    where brands > 1

),

-- An order of several lines that count at most one each is one order: it counts on a line that names an influencer or a code,
-- else on the first that counts. A line that counts several, and a row without the id of an order, stand for as many orders as
-- they say. (Not from orders: a CTE that is read twice is kept in memory whole.)
orders_of_lines as (

    select
        transaction_id,
        coalesce(
            min(case when orders > 0 and coalesce(influencer_text, coupon_code) is not null then line_id end),
            min(case when orders > 0 then line_id end),
            min(line_id)
        ) as first_line_id,
        max(orders) as orders
    from {{ ref("stg_tracking_data") }}
    where row_status = 'accepted' and is_together and not is_refund
    group by transaction_id
    having count(*) > 1 and max(orders) <= 1

),

with_influencer as (

    select
        orders.*,
        case
            when orders_of_lines.transaction_id is null then orders.orders
            when orders_of_lines.first_line_id = orders.line_id then orders_of_lines.orders
            else 0
        end as counted_orders,
        -- Who is named and not known gets no credit, and no one else does.
        case
            when orders.influencer_text is null then coupon_codes.influencer_id else orders.influencer_id
        end as attributed_influencer_id,
        case when orders.is_refund then 0 else orders.revenue + coalesce(orders.discount, 0) end as revenue_before_discount,
        case
            when orders.is_refund then orders.refunded_amount
            when orders.status in ('refused', 'cancelled') then orders.revenue
            when orders.refunded_amount is not null then least(orders.refunded_amount, orders.revenue)
            when orders.returned_date is not null or orders.status = 'returned' then orders.revenue
            else 0
        end as refunds
    from orders
    left join orders_of_lines
        on orders.transaction_id = orders_of_lines.transaction_id
        and orders.is_together
    left join coupon_codes
        on orders.coupon_code = coupon_codes.coupon_code
        and orders.order_date between coupon_codes.first_day and coupon_codes.last_day

),

order_lines as (

    select
        with_influencer.transaction_id,
        with_influencer.line_id,
        with_influencer.product,
        with_influencer.order_date,
        with_influencer.region,
        with_influencer.source,
        case
            when with_influencer.attributed_influencer_id is not null then 'influencer'
            else coalesce(source_channels.channel, 'other')
        end as channel,
        with_influencer.attributed_influencer_id as influencer_id,
        -- A campaign name on an order without influencer attributes nothing.
        case when with_influencer.attributed_influencer_id is not null then with_influencer.campaign end as campaign_id,
        coalesce(with_influencer.brand, '{{ var("none_member") }}') as brand,
        with_influencer.counted_orders as orders,
        case
            when with_influencer.is_new_customer is not null then with_influencer.counted_orders
        end as orders_of_known_customers,
        case
            when with_influencer.is_new_customer then with_influencer.counted_orders
            when not with_influencer.is_new_customer then 0
        end as new_customer_orders,
        cast(with_influencer.revenue_before_discount as decimal(18, 2)) as gross_revenue,
        cast(
            case when with_influencer.is_refund then 0 else coalesce(with_influencer.discount, 0) end as decimal(18, 2)
        ) as discounts,
        cast(with_influencer.refunds as decimal(18, 2)) as refunds,
        -- Goods that come back cost nothing, and in part where money came back in part. How many units a line has is not known,
        -- but what they would sell for is.
        cast(
            coalesce(costs_of_products.unit_cost, costs_of_brands.unit_cost) * case
                when with_influencer.is_refund then 0
                when with_influencer.refunds > 0 and with_influencer.refunds >= with_influencer.revenue then 0
                when with_influencer.status in ('returned', 'refused', 'cancelled') and with_influencer.revenue = 0 then 0
                else greatest(
                    with_influencer.orders,
                    case when with_influencer.revenue > 0 then 1 else 0 end,
                    cast(
                        coalesce(
                            round(
                                cast(with_influencer.revenue_before_discount as double)
                                / nullif(
                                    cast(coalesce(costs_of_products.list_price, costs_of_brands.list_price) as double), 0
                                )
                            ),
                            0
                        ) as bigint
                    )
                )
            end * case
                when with_influencer.refunds > 0 and with_influencer.refunds < with_influencer.revenue
                    then 1 - cast(with_influencer.refunds as double) / cast(with_influencer.revenue as double)
                else 1
            end as decimal(18, 2)
        ) as cost_of_goods
    from with_influencer
    left join source_channels
        on with_influencer.source is not distinct from source_channels.source
        and with_influencer.medium is not distinct from source_channels.medium
    -- Two joins: asked for in one, the engine would compare every order with every product.
    left join costs_of_products
        on with_influencer.product = costs_of_products.product
    left join costs_of_brands
        on with_influencer.product = costs_of_brands.product
        and with_influencer.brand = costs_of_brands.brand

)

select * from order_lines
