-- Fails where the cost of goods gets lost on the way from orders to reports, or a contribution is not what goods and commission
-- leave of the revenue whose cost is known.
with

orders as (

    select
        sum(cost_of_goods) as cost_of_goods,
        sum(revenue_of_known_cost) as revenue_of_known_cost
    from {{ ref("core_orders") }}
    where channel = 'influencer'

),

days as (

    select
        sum(cost_of_goods) as cost_of_goods,
        sum(revenue_of_known_cost) as revenue_of_known_cost,
        sum(spend_commission) as spend_commission,
        sum(attributed_revenue) as attributed_revenue,
        count_if(
            (cost_of_goods is null) <> (revenue_of_known_cost is null)
            or cost_of_goods < 0
            or revenue_of_known_cost > attributed_revenue
        ) as contradictions
    from {{ ref("fct_influencer_days") }}

),

influencers as (select sum(cost_of_goods) as cost_of_goods from {{ ref("rpt_influencer_performance") }}),

personas as (

    select
        sum(cost_of_goods) as cost_of_goods,
        sum(contribution) as contribution,
        sum(contribution_margin * cost_known_share * attributed_revenue::double) as margin,
        bool_and(contribution is not null) as is_known
    from {{ ref("rpt_persona_performance") }}

)

select *
from orders, days, influencers, personas
where
    orders.cost_of_goods is distinct from days.cost_of_goods
    or orders.revenue_of_known_cost is distinct from days.revenue_of_known_cost
    or influencers.cost_of_goods is distinct from days.cost_of_goods
    or personas.cost_of_goods is distinct from days.cost_of_goods
    or days.contradictions > 0
    or (personas.is_known and personas.contribution <> days.revenue_of_known_cost - days.cost_of_goods - days.spend_commission)
    or abs(personas.margin - (days.revenue_of_known_cost - days.cost_of_goods)::double) > 1e-9 * days.attributed_revenue::double
