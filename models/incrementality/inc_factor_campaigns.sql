-- Every campaign with the amount that its factor multiplies, what it cost, and how alike it is to other campaigns. The amount is
-- attributed revenue, or the media value of a campaign of which no order was attributed.

with

orders as (select * from {{ ref("panel_orders") }}),

payouts as (select * from {{ ref("panel_spend") }}),

dates as (select * from {{ ref("panel_campaigns") }}),

media_values as (select * from {{ ref("inc_media_value") }}),

campaign_regions as (select * from {{ ref("panel_campaign_regions") }}),

-- A campaign of no brand is for all of them.
brand_regions as (

    select
        brand,
        region,
        orders
    from orders
    where region <> '{{ var("none_member") }}'

    union all

    select
        '{{ var("none_member") }}' as brand,
        region,
        orders
    from orders
    where
        region <> '{{ var("none_member") }}'
        and brand <> '{{ var("none_member") }}'

),

brand_totals as (

    select
        brand,
        sum(orders) as orders
    from brand_regions
    group by all

),

-- Of the orders of its brand, those of the regions where a campaign runs that does not run everywhere.
of_regions as (

    select
        campaign_regions.campaign_id,
        sum(brand_regions.orders) / any_value(brand_totals.orders) as share_of_orders
    from campaign_regions
    inner join brand_regions
        on campaign_regions.brand = brand_regions.brand
        and campaign_regions.region = brand_regions.region
    inner join brand_totals
        on campaign_regions.brand = brand_totals.brand
    group by all
    having sum(brand_regions.orders) > 0

),

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

valued as (

    select
        campaign_id,
        influencer_id,
        sum(media_value order by date_day, brand) as media_value
    from media_values
    group by all

),

spent as (

    select
        campaign_id,
        sum(spend)::double as spend
    from payouts
    group by all

),

of_attribution as (

    select
        campaign_id,
        'attributed revenue' as factor_of,
        sum(attributed_revenue order by influencer_id) as factor_base,
        sum(revenue_until_cooldown order by influencer_id) as base_until_cooldown,
        sum(attributed_revenue ^ 2 order by influencer_id) as squares,
        sum(orders)::bigint as orders
    from attributed
    group by all
    having sum(attributed_revenue order by influencer_id) > 0

),

-- Nobody knows whether posts after a campaign's cooldown are of it, and there are hardly any.
of_media_value as (

    select
        valued.campaign_id,
        'media value' as factor_of,
        sum(valued.media_value order by valued.influencer_id) as factor_base,
        sum(valued.media_value order by valued.influencer_id) as base_until_cooldown,
        sum(valued.media_value ^ 2 order by valued.influencer_id) as squares,
        null::bigint as orders
    from valued
    left join of_attribution
        on valued.campaign_id = of_attribution.campaign_id
    where of_attribution.campaign_id is null
    group by all
    having sum(valued.media_value order by valued.influencer_id) > 0

),

campaigns as (

    select * from of_attribution
    union all
    select * from of_media_value

),

with_spend as (

    select
        campaigns.campaign_id,
        campaigns.campaign_id = '{{ var("none_member") }}' as is_outside,
        campaigns.factor_of,
        campaigns.factor_base,
        campaigns.orders,
        campaigns.base_until_cooldown / campaigns.factor_base as share_until_cooldown,
        campaigns.squares / campaigns.factor_base ^ 2 as concentration,
        spent.spend,
        coalesce(of_regions.share_of_orders, 1) as share_of_orders
    from campaigns
    left join spent
        on campaigns.campaign_id = spent.campaign_id
    left join of_regions
        on campaigns.campaign_id = of_regions.campaign_id

),

shop as (

    select
        factor_of,
        sum(factor_base order by campaign_id) / nullif(sum(spend order by campaign_id), 0) as per_rupee,
        avg(concentration order by campaign_id) as mean_concentration
    from with_spend
    where not is_outside
    group by all

),

compared as (

    select
        with_spend.campaign_id,
        with_spend.is_outside,
        with_spend.factor_of,
        with_spend.factor_base,
        with_spend.orders,
        with_spend.share_until_cooldown,
        with_spend.concentration,
        with_spend.share_of_orders,
        if(with_spend.factor_of = 'media value', {{ reach_counted("with_spend.share_of_orders") }}, 1) as reach_counted,
        shop.mean_concentration,
        case
            -- Few coded orders for the money: much may hide behind them, or nothing at all.
            when with_spend.spend > 0 and not with_spend.is_outside and with_spend.factor_of = 'attributed revenue'
                then greatest(least(shop.per_rupee * with_spend.spend / with_spend.factor_base, 16), 0.5)
            else 1
        end as relative_variance
    from with_spend
    inner join shop
        on with_spend.factor_of = shop.factor_of

)

select * from compared
