-- Fails where influencers, personas or campaigns do not add up to the portfolio: money, incremental revenue, legacy baseline.
with

portfolio as (

    select
        sum(attributed_revenue) as attributed_revenue,
        sum(spend) as spend,
        sum(orders) as orders,
        coalesce(sum(incremental_revenue), 0) as incremental
    from {{ ref("fct_influencer_days") }}

),

campaigns as (

    select
        sum(days.attributed_revenue) as attributed_revenue,
        sum(days.spend) as spend,
        sum(days.orders) as orders,
        coalesce(sum(days.incremental_revenue), 0) as incremental
    from {{ ref("dim_campaigns") }}
    inner join {{ ref("fct_influencer_days") }} as days using (campaign_id)

),

influencers as (

    select
        sum(attributed_revenue) as attributed_revenue,
        sum(spend) as spend,
        sum(orders) as orders,
        coalesce(sum(incremental_revenue), 0) as incremental,
        sum(organic_projection_baseline_revenue) as baseline
    from {{ ref("rpt_influencer_performance") }}

),

personas as (

    select
        sum(attributed_revenue) as attributed_revenue,
        sum(spend) as spend,
        sum(orders) as orders,
        coalesce(sum(incremental_revenue), 0) as incremental,
        sum(organic_projection_baseline_revenue) as baseline
    from {{ ref("rpt_persona_performance") }}

),

organic as (

    select coalesce(sum(revenue), 0)::double as revenue
    from {{ ref("fct_revenue_days") }}
    where channel <> 'influencer'

)

select *
from portfolio, campaigns, influencers, personas, organic
where
    (campaigns.attributed_revenue, campaigns.spend, campaigns.orders)
    is distinct from (portfolio.attributed_revenue, portfolio.spend, portfolio.orders)
    or (coalesce(influencers.attributed_revenue, 0), coalesce(influencers.spend, 0), coalesce(influencers.orders, 0))
    <> (coalesce(portfolio.attributed_revenue, 0), coalesce(portfolio.spend, 0), coalesce(portfolio.orders, 0))
    or (influencers.attributed_revenue, influencers.spend, influencers.orders)
    is distinct from (personas.attributed_revenue, personas.spend, personas.orders)
    or greatest(
        abs(influencers.incremental - portfolio.incremental),
        abs(personas.incremental - portfolio.incremental),
        abs(campaigns.incremental - portfolio.incremental)
    ) > 1e-9 * (1 + abs(portfolio.incremental))
    or abs(influencers.baseline - personas.baseline) > 1e-9 * abs(personas.baseline)
    -- With all spend chosen, the legacy baseline is all revenue of other channels.
    or abs(influencers.baseline - organic.revenue) > 1e-9 * organic.revenue
