-- Legacy method. Per day and brand, the revenue of all channels but influencers: what organic_projection calls the baseline
-- before it is shared out by spend.

with

orders as (select * from {{ ref("panel_orders") }}),

organic_days as (

    select
        date_day,
        brand,
        cast(coalesce(sum(revenue) filter (where channel <> 'influencer'), 0) as decimal(18, 2)) as organic_revenue
    from orders
    group by date_day, brand

)

select * from organic_days
