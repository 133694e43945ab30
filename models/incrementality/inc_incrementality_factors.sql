-- The calibrated factor of every campaign: its own experiment shrunk towards the others, or what the others lead one to expect.
-- Given tau, theta ~ N(B f + (1 - B) mu, B s^2 + (1 - B)^2 V), where f and s are factor and error of the own experiment, mu and V
-- mean and variance of all, and B = tau^2 r / (tau^2 r + s^2), zero without an own experiment; over tau it is a mixture. The
-- part of its variance that comes from the mean is common to all campaigns and kept apart.

with

campaigns as (select * from {{ ref("inc_factor_campaigns") }}),

experiments as (select * from {{ ref("inc_factor_experiments") }}),

spread as (select * from {{ ref("inc_factor_spread") }}),

given_tau as (

    select
        campaigns.campaign_id,
        spread.step,
        spread.weight,
        spread.tau,
        spread.mean_factor,
        spread.mean_variance,
        experiments.factor as own_factor,
        coalesce(experiments.factor_se, 0) as own_se,
        spread.tau ^ 2 * campaigns.relative_variance as campaign_variance,
        if(
            experiments.campaign_id is null,
            0,
            campaign_variance / (campaign_variance + experiments.factor_se ^ 2)
        ) as own_weight
    from campaigns
    cross join spread
    left join experiments
        on campaigns.campaign_id = experiments.campaign_id

),

moments as (

    select
        campaign_id,
        step,
        weight,
        tau,
        own_factor is not null as is_measured,
        own_weight * coalesce(own_factor, 0) + (1 - own_weight) * mean_factor as mean,
        (1 - own_weight) ^ 2 * mean_variance as shared_variance,
        if(own_factor is null, campaign_variance, own_weight * own_se ^ 2) as own_variance
    from given_tau

),

mixed as (

    select
        campaign_id,
        any_value(is_measured) as is_measured,
        sum(weight * mean order by step) as factor,
        sum(weight * mean ^ 2 order by step) as mean_squares,
        sum(weight * shared_variance order by step) as shared_variance,
        sum(weight * own_variance order by step) as own_variance,
        sum(weight * tau ^ 2 order by step) as mean_tau_squared
    from moments
    group by all

),

-- That tau is not known moves an unmeasured campaign with the mean of all, a measured one by itself.
parted as (

    select
        *,
        greatest(mean_squares - factor ^ 2, 0) as tau_variance,
        sqrt(shared_variance + if(is_measured, 0, tau_variance)) as factor_se_shared,
        sqrt(own_variance + if(is_measured, tau_variance, 0)) as factor_se_campaign
    from mixed

),

factors as (

    select
        campaigns.campaign_id,
        campaigns.attributed_revenue,
        experiments.factor as experiment_factor,
        experiments.factor_se as experiment_se,
        parted.factor,
        sqrt(parted.factor_se_shared ^ 2 + parted.factor_se_campaign ^ 2) as factor_se,
        parted.factor_se_shared,
        parted.factor_se_campaign,
        -- The greater part of what campaigns differ by, 0.6, is laid to their influencers: averaged over a campaign's
        -- influencers, differences of this variance between them would make it.
        0.6 * parted.mean_tau_squared / campaigns.mean_concentration as influencer_variance,
        campaigns.concentration,
        case
            when parted.campaign_id is null then 'none'
            when parted.is_measured then 'own experiment'
            else 'pooled'
        end as basis
    from campaigns
    left join experiments
        on campaigns.campaign_id = experiments.campaign_id
    left join parted
        on campaigns.campaign_id = parted.campaign_id

)

select * from factors
