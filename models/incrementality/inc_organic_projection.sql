-- Legacy method, per influencer over the whole period: attributed revenue less the influencer's share, by spend, of what other
-- channels earned. Figures of a persona, or of all influencers, are sums of these.

with

orders as (select * from {{ ref("panel_orders") }}),

spend as (select * from {{ ref("panel_spend") }}),

organic_days as (select * from {{ ref("base_organic_projection") }}),

totals as (

    select
        (select coalesce(sum(organic_revenue), 0) from organic_days) as organic_revenue,
        (select coalesce(sum(spend), 0) from spend) as all_spend

),

per_influencer as (

    select
        influencer_id,
        sum(attributed_revenue) as attributed_revenue,
        sum(spend) as spend
    from (
        select
            influencer_id,
            revenue as attributed_revenue,
            0 as spend
        from orders
        where channel = 'influencer'

        union all

        select
            influencer_id,
            0 as attributed_revenue,
            spend
        from spend
    ) as stacked
    group by influencer_id

),

projected as (

    select
        per_influencer.influencer_id,
        per_influencer.attributed_revenue,
        {{ organic_projection_baseline("totals.organic_revenue", "per_influencer.spend", "totals.all_spend") }}
            as baseline_revenue
    from per_influencer
    cross join totals

),

incremental as (

    select
        influencer_id,
        baseline_revenue,
        cast(attributed_revenue as double) - baseline_revenue as incremental_revenue
    from projected

)

select * from incremental
