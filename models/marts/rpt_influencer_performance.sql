with

influencers as (select * from {{ ref("dim_influencers") }}),

influencer_days as (select * from {{ ref("fct_influencer_days") }}),

orders as (select * from {{ ref("panel_orders") }}),

organic_projection as (select * from {{ ref("inc_organic_projection") }}),

shop_costs as (

    select
        sum(revenue_of_known_cost) as revenue_of_known_cost,
        sum(cost_of_goods) as cost_of_goods
    from orders

),

shop as (

    select {{ break_even("revenue_of_known_cost", "cost_of_goods") }} as break_even
    from shop_costs

),

-- Read by its name in marts.performance().
member_days as (  -- noqa: ST03

    select
        influencer_days.* exclude (influencer_id),
        influencers.influencer_id,
        influencers.influencer_id as member
    from influencers
    left join influencer_days
        on influencers.influencer_id = influencer_days.influencer_id

),

performance as (

    select *
    from marts.performance(
        'member_days', ci_level := {{ var("ci_level") }}, break_even := (select shop.break_even from shop)
    )

),

described as (

    select
        influencers.influencer_id,
        influencers.influencer_name,
        influencers.platform,
        influencers.persona,
        performance.* exclude (member, influencer_days, influencers, influencers_with_spend, measured_spend),
        organic_projection.baseline_revenue as organic_projection_baseline_revenue,
        organic_projection.incremental_revenue as organic_projection_incremental_revenue,
        organic_projection.incremental_revenue / nullif(performance.spend::double, 0) as organic_projection_iroas
    from performance
    inner join influencers
        on performance.member = influencers.influencer_id
    left join organic_projection
        on performance.member = organic_projection.influencer_id

)

select * from described
