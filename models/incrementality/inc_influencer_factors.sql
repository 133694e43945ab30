-- What each influencer's attributed revenue or media value in a campaign is worth: the campaign's factor, and how uncertain it is
-- for this influencer. Influencers of a campaign differ; one with share w of it differs from the campaign, of which it is a part,
-- by variance * (1 - 2 w + sum of all w^2). Few coded orders tell little of how many came without a code. In a campaign with
-- coded orders an influencer without any has nothing to calibrate: who buys without code or link is not seen, which is not the
-- same as no effect.

with

orders as (select * from {{ ref("panel_orders") }}),

media_values as (select * from {{ ref("inc_media_value") }}),

factors as (select * from {{ ref("inc_incrementality_factors") }}),

shares as (

    select
        influencer_id,
        campaign_id,
        'attributed revenue' as factor_of,
        sum(revenue)::double as factor_base,
        sum(orders) as orders
    from orders
    where channel = 'influencer'
    group by all
    having sum(revenue) > 0

    union all

    select
        influencer_id,
        campaign_id,
        'media value' as factor_of,
        sum(media_value order by date_day, brand) as factor_base,
        null as orders
    from media_values
    group by all
    having sum(media_value order by date_day, brand) > 0

),

influencer_factors as (

    select
        shares.influencer_id,
        shares.campaign_id,
        factors.factor_of,
        factors.factor,
        factors.factor_se_shared,
        factors.factor_se_campaign,
        factors.factor_per_percent,
        factors.basis = 'own experiment' as has_own_experiment,
        factors.is_observational,
        sqrt(
            factors.influencer_variance
            * greatest(1 - 2 * shares.factor_base / factors.factor_base + factors.concentration, 0)
            + factors.order_variance / greatest(shares.orders, 1)
        ) as factor_se_influencer
    from shares
    inner join factors
        on shares.campaign_id = factors.campaign_id
        and shares.factor_of = factors.factor_of

)

select * from influencer_factors
