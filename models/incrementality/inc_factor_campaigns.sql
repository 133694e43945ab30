-- Every campaign with what attribution says of it and what it cost, and how alike its attributed revenue is to that of others.

with

orders as (select * from {{ ref("panel_orders") }}),

payouts as (select * from {{ ref("panel_spend") }}),

attributed as (

    select
        campaign_id,
        influencer_id,
        sum(revenue)::double as attributed_revenue
    from orders
    where channel = 'influencer'
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
        sum(attributed_revenue ^ 2 order by influencer_id) as squared_revenue
    from attributed
    group by all
    having sum(attributed_revenue order by influencer_id) > 0

),

with_spend as (

    select
        campaigns.campaign_id,
        campaigns.attributed_revenue,
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
    where campaign_id <> '{{ var("none_member") }}'

),

compared as (

    select
        with_spend.campaign_id,
        with_spend.attributed_revenue,
        with_spend.concentration,
        shop.mean_concentration,
        case
            -- Work outside campaigns is never measured, and of another kind than that of experiments: twice the variance.
            when with_spend.campaign_id = '{{ var("none_member") }}' then 2
            -- Few coded orders for the money: much may hide behind them, or nothing at all.
            when with_spend.spend > 0
                then greatest(least(shop.roas * with_spend.spend / with_spend.attributed_revenue, 16), 0.25)
            else 1
        end as relative_variance
    from with_spend
    cross join shop

)

select * from compared
