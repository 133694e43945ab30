-- Order lines with influencer, channel, campaign, the post that gets the credit, and money.

with

order_lines as (select * from {{ ref("core_order_lines") }}),

running_campaigns as (select * from {{ ref("core_running_campaigns") }}),

posts as (select * from {{ ref("core_posts") }}),

-- Not from order_lines: a CTE that is read twice is kept in memory whole.
occasions as (

    select distinct
        influencer_id,
        brand,
        order_date
    from {{ ref("core_order_lines") }}
    where influencer_id is not null

),

-- The influencer's latest post of the order's brand, or without brand, in the attribution window.
credited_posts as (

    select
        occasions.influencer_id,
        occasions.brand,
        occasions.order_date,
        posts.post_id
    from occasions
    inner join posts
        on occasions.influencer_id = posts.influencer_id
        and occasions.brand = coalesce(posts.shown_brand, occasions.brand)
        and posts.post_date <= occasions.order_date
        and {{ add_days("posts.post_date", var("attribution_window_days")) }} >= occasions.order_date
    qualify row_number() over (
        partition by occasions.influencer_id, occasions.brand, occasions.order_date
        order by posts.post_date desc, posts.post_id asc
    ) = 1

),

orders as (

    select
        order_lines.transaction_id,
        order_lines.line_id,
        order_lines.product,
        order_lines.order_date,
        coalesce(order_lines.region, '{{ var("none_member") }}') as region,
        order_lines.source,
        order_lines.channel,
        coalesce(order_lines.influencer_id, '{{ var("none_member") }}') as influencer_id,
        coalesce(order_lines.campaign_id, running_campaigns.campaign_id, '{{ var("none_member") }}') as campaign_id,
        order_lines.brand,
        credited_posts.post_id,
        order_lines.orders,
        order_lines.orders_of_known_customers,
        order_lines.new_customer_orders,
        order_lines.gross_revenue,
        order_lines.discounts,
        order_lines.refunds,
        cast(order_lines.gross_revenue - order_lines.discounts - order_lines.refunds as decimal(18, 2)) as revenue,
        cast(
            case
                when order_lines.cost_of_goods is not null
                    then order_lines.gross_revenue - order_lines.discounts - order_lines.refunds
            end as decimal(18, 2)
        ) as revenue_of_known_cost,
        order_lines.cost_of_goods
    from order_lines
    -- An order's own campaign wins above. Asked for here, it would have the engine compare every order with every campaign.
    left join running_campaigns
        on order_lines.influencer_id = running_campaigns.influencer_id
        and order_lines.brand = running_campaigns.brand
        and order_lines.order_date = running_campaigns.date_day
    left join credited_posts
        on order_lines.influencer_id = credited_posts.influencer_id
        and order_lines.brand = credited_posts.brand
        and order_lines.order_date = credited_posts.order_date

)

select * from orders
