with

orders as (select * from {{ ref("panel_orders") }}),

posts as (select * from {{ ref("panel_posts") }}),

spend as (select * from {{ ref("panel_spend") }}),

media_values as (select * from {{ ref("inc_media_value") }}),

influencer_factors as (select * from {{ ref("inc_influencer_factors") }}),

last_order as (

    select max(date_day) as last_day
    from orders

),

stacked as (

    select
        date_day,
        influencer_id,
        campaign_id,
        brand,
        orders,
        orders_of_known_customers,
        new_customer_orders,
        gross_revenue,
        discounts,
        refunds,
        revenue as attributed_revenue,
        revenue_of_known_cost,
        cost_of_goods
    from orders
    where channel = 'influencer'

    union all by name

    select
        date_day,
        influencer_id,
        campaign_id,
        brand,
        posts,
        reach,
        impressions,
        likes,
        comments,
        shares,
        saves,
        clicks
    from posts

    union all by name

    select
        date_day,
        influencer_id,
        campaign_id,
        brand,
        spend,
        spend_fixed,
        spend_commission,
        spend_product
    from spend

),

daily as (

    select
        date_day,
        influencer_id,
        campaign_id,
        brand,
        {%- for metric in ["reach", "impressions", "likes", "comments", "shares", "saves", "clicks"] %}
        sum({{ metric }})::bigint as {{ metric }},
        {%- endfor %}
        coalesce(sum(orders), 0)::bigint as orders,
        sum(orders_of_known_customers)::bigint as orders_of_known_customers,
        sum(new_customer_orders)::bigint as new_customer_orders,
        {%- for money in [
            "gross_revenue", "discounts", "refunds", "attributed_revenue",
            "spend", "spend_fixed", "spend_commission", "spend_product",
        ] %}
        coalesce(sum({{ money }}), 0)::decimal(18, 2) as {{ money }},
        {%- endfor %}
        sum(revenue_of_known_cost)::decimal(18, 2) as revenue_of_known_cost,
        sum(cost_of_goods)::decimal(18, 2) as cost_of_goods,
        coalesce(sum(posts), 0)::bigint as posts
    from stacked
    group by all

),

with_maturity as (

    select
        daily.date_day,
        daily.influencer_id,
        daily.campaign_id,
        daily.brand,
        daily.posts,
        daily.reach,
        daily.impressions,
        daily.likes,
        daily.comments,
        daily.shares,
        daily.saves,
        daily.clicks,
        daily.orders,
        daily.orders_of_known_customers,
        daily.new_customer_orders,
        daily.gross_revenue,
        daily.discounts,
        daily.refunds,
        daily.attributed_revenue,
        daily.revenue_of_known_cost,
        daily.cost_of_goods,
        coalesce(daily.date_day > last_order.last_day - {{ var("return_window_days") }}, false) as is_immature,
        daily.spend,
        daily.spend_fixed,
        daily.spend_commission,
        daily.spend_product
    from daily
    cross join last_order

),

-- What a factor multiplies on each day.
with_base as (

    select
        with_maturity.*,
        influencer_factors.factor,
        influencer_factors.factor_se_shared,
        influencer_factors.factor_se_campaign,
        influencer_factors.factor_se_influencer,
        influencer_factors.factor_per_percent,
        influencer_factors.has_own_experiment,
        influencer_factors.is_observational,
        if(
            influencer_factors.factor_of = 'media value',
            coalesce(media_values.media_value, 0),
            with_maturity.attributed_revenue::double
        ) as factor_base
    from with_maturity
    left join influencer_factors
        on with_maturity.influencer_id = influencer_factors.influencer_id
        and with_maturity.campaign_id = influencer_factors.campaign_id
    left join media_values
        on influencer_factors.factor_of = 'media value'
        and with_maturity.date_day = media_values.date_day
        and with_maturity.influencer_id = media_values.influencer_id
        and with_maturity.campaign_id = media_values.campaign_id
        and with_maturity.brand = media_values.brand

),

with_incremental as (

    select
        * exclude (
            factor,
            factor_se_shared,
            factor_se_campaign,
            factor_se_influencer,
            factor_per_percent,
            has_own_experiment,
            is_observational,
            factor_base
        ),
        factor_base * factor as incremental_revenue,
        factor_base * factor_se_shared as incremental_se_shared,
        factor_base * factor_se_campaign as incremental_se_campaign,
        factor_base * factor_se_influencer as incremental_se_influencer,
        factor_base * factor_per_percent as incremental_per_percent,
        coalesce(has_own_experiment, false) as has_own_experiment,
        coalesce(is_observational, false) as is_observational
    from with_base

)

select * from with_incremental
