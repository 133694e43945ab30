{#- Work outside campaigns is never measured. In simulated worlds a coded rupee of it is worth about 0.6 of one of campaigns,
    more or less by two thirds of that: prior mean and error, over the mean factor. -#}
{% set outside_mean, outside_error = 0.6, 0.4 %}
{#- What is known of tested regions and days says so much less of the others, and of campaigns of another kind: an error over the
    mean factor. -#}
{% set carried_error = 0.14 %}
-- The calibrated factor of every campaign: its own experiment shrunk towards the others, or what the others lead one to expect.
-- Given tau, theta ~ N(B f + (1 - B) mu, B s^2 + (1 - B)^2 V), where f and s are factor and error of the own experiment, mu and V
-- mean and variance of all, and B = v / (v + s^2) with v = tau^2 r + count variance, zero without an own experiment; over tau it
-- is a mixture. The part of its variance that comes from the mean is common to all campaigns and kept apart.
-- The factor multiplies attributed revenue or, where there is none, media value: each has experiments and spread of its own.
-- Experiments end with the cooldown. So theta counts for revenue attributed until then, and what comes after, or is missing, is a
-- share of that which all campaigns of the shop tell together.

{#- How many followers of a campaign live in its regions is not known: the error of the exponent of their share of orders, 1/2, by
    which campaigns that run elsewhere, or everywhere, are compared. -#}
{% set reach_error = 0.25 %}

with

campaigns as (select * from {{ ref("inc_factor_campaigns") }}),

experiments as (select * from {{ ref("inc_factor_experiments") }}),

spread as (select * from {{ ref("inc_factor_spread") }}),

joint_panel as (select * from {{ ref("inc_joint_panel") }}),

brand_panel as (select * from {{ ref("inc_brand_panel") }}),

-- Without an estimate it is nothing, with the error of the prior.
after_cooldown as (

    select
        coalesce(any_value(after_share), 0) as after_share,
        coalesce(any_value(after_share_se), 0.3) as after_share_se
    from joint_panel
    where after_share is not null

),

-- Where the experiments of media value were: the logarithm of their share of orders, on average.
measured_regions as (

    select
        factor_of,
        avg(ln(share_of_orders) order by campaign_id) as mean_log_share
    from experiments
    where factor_of = 'media value'
    group by all

),

given_tau as (

    select
        campaigns.campaign_id,
        spread.step,
        spread.weight,
        spread.tau,
        spread.typical_factor,
        spread.is_observational,
        spread.mean_factor,
        spread.mean_variance,
        experiments.factor as own_factor,
        coalesce(experiments.factor_se, 0) as own_se,
        spread.tau ^ 2 * campaigns.relative_variance
        + {{ count_variance("spread.typical_factor", "campaigns.orders") }} as campaign_variance,
        if(
            experiments.campaign_id is null,
            0,
            campaign_variance / (campaign_variance + experiments.factor_se ^ 2)
        ) as own_weight
    from campaigns
    inner join spread
        on campaigns.factor_of = spread.factor_of
    left join experiments
        on campaigns.campaign_id = experiments.campaign_id
        and campaigns.factor_of = experiments.factor_of

),

moments as (

    select
        campaign_id,
        step,
        weight,
        tau,
        typical_factor,
        own_factor is not null as is_measured,
        is_observational and own_factor is null as is_observational,
        own_weight * coalesce(own_factor, 0) + (1 - own_weight) * mean_factor as mean,
        (1 - own_weight) ^ 2 * mean_variance as shared_variance,
        if(own_factor is null, campaign_variance, own_weight * own_se ^ 2) as own_variance
    from given_tau

),

mixed as (

    select
        campaign_id,
        any_value(typical_factor) as typical_factor,
        any_value(is_measured) as is_measured,
        any_value(is_observational) as is_observational,
        sum(weight * mean order by step) as mean,
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
        greatest(mean_squares - mean ^ 2, 0) as tau_variance,
        sqrt(shared_variance + if(is_measured, 0, tau_variance)) as shared_se,
        sqrt(
            own_variance + if(is_measured, tau_variance, 0) + ({{ carried_error }} * typical_factor) ^ 2
        ) as campaign_se
    from mixed

),

-- What a rupee of attributed revenue is worth, whenever it was attributed. brand_panel sees all of it.
carried as (

    select
        campaigns.*,
        parted.is_measured,
        coalesce(parted.is_observational, false) as is_observational,
        parted.typical_factor,
        parted.mean,
        parted.shared_se,
        parted.campaign_se,
        parted.mean_tau_squared,
        after_cooldown.after_share,
        after_cooldown.after_share_se,
        campaigns.reach_counted * campaigns.share_until_cooldown as worth_until_cooldown,
        campaigns.is_outside or coalesce(parted.is_observational, false) as has_no_after,
        case
            when campaigns.is_outside then campaigns.reach_counted * {{ outside_mean }}
            when coalesce(parted.is_observational, false) then campaigns.reach_counted
            else worth_until_cooldown * (1 + after_cooldown.after_share)
        end as worth,
        if(
            parted.is_measured,
            0,
            coalesce(abs({{ reach_error }} * (ln(campaigns.share_of_orders) - measured_regions.mean_log_share)), 0)
        ) as regions_error
    from campaigns
    left join parted
        on campaigns.campaign_id = parted.campaign_id
    left join measured_regions
        on campaigns.factor_of = measured_regions.factor_of
    cross join after_cooldown

),

factors as (

    select
        carried.campaign_id,
        carried.factor_of,
        carried.factor_base,
        carried.reach_counted * experiments.factor as experiment_factor,
        carried.reach_counted * experiments.factor_se as experiment_se,
        carried.worth * carried.mean as factor,
        sqrt(
            (carried.worth * carried.shared_se) ^ 2
            + (carried.worth * carried.mean * carried.regions_error) ^ 2
            + if(carried.has_no_after, 0, (carried.worth_until_cooldown * carried.mean * carried.after_share_se) ^ 2)
        ) as factor_se_shared,
        if(
            carried.is_outside,
            {{ outside_error }} * abs(carried.mean),
            carried.worth * carried.campaign_se
        ) as factor_se_campaign,
        sqrt(factor_se_shared ^ 2 + factor_se_campaign ^ 2) as factor_se,
        -- The greater part of what campaigns differ by, 0.6, is laid to their influencers: averaged over a campaign's
        -- influencers, differences of this variance between them would make it.
        carried.worth ^ 2 * 0.6 * carried.mean_tau_squared / carried.mean_concentration as influencer_variance,
        -- Of one coded order; over several it is divided by them.
        carried.worth ^ 2
        * {{ count_variance("carried.typical_factor", "if(carried.orders is null, null, 1)") }} as order_variance,
        carried.concentration,
        carried.share_until_cooldown,
        if(carried.has_no_after, null, carried.after_share) as after_share,
        if(carried.has_no_after, null, carried.after_share_se) as after_share_se,
        carried.is_observational,
        if(carried.is_observational, carried.worth * brand_panel.factor_per_percent, null) as factor_per_percent,
        case
            when carried.mean is null then 'none'
            when carried.is_outside then 'outside campaigns'
            when carried.is_measured then 'own experiment'
            when carried.is_observational then 'observational'
            else 'pooled'
        end as basis
    from carried
    left join experiments
        on carried.campaign_id = experiments.campaign_id
        and carried.factor_of = experiments.factor_of
    left join brand_panel
        on carried.factor_of = brand_panel.factor_of

)

select * from factors
