-- Every campaign with what attribution says of it and what it cost, and how alike its attributed revenue is to that of others.

with

orders as (select * from {{ ref("panel_orders") }}),

payouts as (select * from {{ ref("panel_spend") }}),

dates as (select * from {{ ref("panel_campaigns") }}),

attributed as (

    select
        orders.campaign_id,
        orders.influencer_id,
        sum(orders.revenue)::double as attributed_revenue,
        coalesce(
            sum(orders.revenue) filter (where dates.cooldown_end is null or orders.date_day <= dates.cooldown_end), 0
        )::double as revenue_until_cooldown,
        sum(orders.orders) as orders
    from orders
    left join dates
        on orders.campaign_id = dates.campaign_id
    where orders.channel = 'influencer'
    group by all

),

spent as (

    select
        campaign_id,
        sum(spend)::double as spend
    from payouts
    group by all

),

campaigns as (

    select
        campaign_id,
        sum(attributed_revenue order by influencer_id) as attributed_revenue,
        sum(revenue_until_cooldown order by influencer_id) as revenue_until_cooldown,
        sum(attributed_revenue ^ 2 order by influencer_id) as squared_revenue,
        sum(orders)::bigint as orders
    from attributed
    group by all
    having sum(attributed_revenue order by influencer_id) > 0

),

with_spend as (

    select
        campaigns.campaign_id,
        campaigns.campaign_id = '{{ var("none_member") }}' as is_outside,
        campaigns.attributed_revenue,
        campaigns.orders,
        campaigns.revenue_until_cooldown / campaigns.attributed_revenue as share_until_cooldown,
        campaigns.squared_revenue / campaigns.attributed_revenue ^ 2 as concentration,
        spent.spend
    from campaigns
    left join spent
        on campaigns.campaign_id = spent.campaign_id

),

shop as (

    select
        sum(attributed_revenue order by campaign_id) / nullif(sum(spend order by campaign_id), 0) as roas,
        avg(concentration order by campaign_id) as mean_concentration
    from with_spend
    where not is_outside

),

compared as (

    select
        with_spend.campaign_id,
        with_spend.is_outside,
        with_spend.attributed_revenue,
        with_spend.orders,
        with_spend.share_until_cooldown,
        with_spend.concentration,
        shop.mean_concentration,
        case
            -- Few coded orders for the money: much may hide behind them, or nothing at all.
            when with_spend.spend > 0 and not with_spend.is_outside
                then greatest(least(shop.roas * with_spend.spend / with_spend.attributed_revenue, 16), 0.5)
            else 1
        end as relative_variance
    from with_spend
    cross join shop

)

select * from compared
