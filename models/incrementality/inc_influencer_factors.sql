-- What each influencer's attributed revenue in a campaign is worth: the campaign's factor, and how uncertain it is for this
-- influencer. Influencers of a campaign differ; one with share w of its attributed revenue differs from the campaign, of which it
-- is a part, by variance * (1 - 2 w + sum of all w^2). Few coded orders tell little of how many came without a code. Without
-- attributed revenue there is nothing to calibrate: who buys without code or link is not seen, which is not the same as no
-- effect.

with

orders as (select * from {{ ref("panel_orders") }}),

factors as (select * from {{ ref("inc_incrementality_factors") }}),

attributed as (

    select
        influencer_id,
        campaign_id,
        sum(revenue)::double as attributed_revenue,
        sum(orders) as orders
    from orders
    where channel = 'influencer'
    group by all
    having sum(revenue) > 0

),

influencer_factors as (

    select
        attributed.influencer_id,
        attributed.campaign_id,
        factors.factor,
        factors.factor_se_shared,
        factors.factor_se_campaign,
        factors.basis = 'own experiment' as has_own_experiment,
        sqrt(
            factors.influencer_variance * greatest(
                1 - 2 * attributed.attributed_revenue / factors.attributed_revenue::double + factors.concentration, 0
            ) + factors.order_variance / greatest(attributed.orders, 1)
        ) as factor_se_influencer
    from attributed
    inner join factors
        on attributed.campaign_id = factors.campaign_id

)

select * from influencer_factors
