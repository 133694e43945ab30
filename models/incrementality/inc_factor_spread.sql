-- How far campaigns differ in their factor: a grid of standard deviations tau with the weight that the experiments give to each,
-- and, given tau, the mean of all campaigns and its variance. Integrating over tau rather than plugging in one value is what
-- keeps intervals honest with few experiments (Roever 2020). The prior of tau is a Rayleigh distribution with its mode at 0.6 of
-- the mean factor: it keeps away from zero, where estimates of tau end up too often (Chung et al. 2013). The mean has no prior.
-- Fewer than three experiments tell nothing of campaigns in general. Then the mean is that of brand_panel, if it has one, and tau
-- has its prior; else there are no rows. Factors of attributed revenue and of media value are apart.

with

experiments as (select * from {{ ref("inc_factor_experiments") }}),

brand_panel as (select * from {{ ref("inc_brand_panel") }}),

measured as (

    select
        factor_of,
        greatest(
            abs(
                sum(factor / factor_se ^ 2 order by campaign_id) / sum(1 / factor_se ^ 2 order by campaign_id)
            ),
            0.25
        ) as typical_factor,
        null::double as observed_factor,
        null::double as observed_se
    from experiments
    group by all
    having count(*) >= 3

),

observed as (

    select
        brand_panel.factor_of,
        greatest(abs(brand_panel.factor), 0.25) as typical_factor,
        brand_panel.factor as observed_factor,
        brand_panel.factor_se as observed_se
    from brand_panel
    left join measured
        on brand_panel.factor_of = measured.factor_of
    where measured.factor_of is null

),

typical as (

    select
        *,
        0.6 * typical_factor as prior_mode
    from measured

    union all

    -- No experiment tells how far campaigns differ: where they do, it is about a fifth of the mean factor of attributed revenue,
    -- and as much as the mean of media value.
    select
        *,
        if(factor_of = 'media value', 0.6, 0.3) * typical_factor as prior_mode
    from observed

),

steps as (

    select unnest(range(200)) as step

),

grid as (

    select
        typical.factor_of,
        steps.step,
        typical.typical_factor,
        typical.prior_mode,
        typical.observed_factor,
        typical.observed_se,
        -- Beyond four times the mode the prior leaves three in ten thousand.
        4 * typical.prior_mode * (steps.step + 0.5) / 200 as tau
    from steps
    cross join typical

),

with_variance as (

    select
        grid.factor_of,
        grid.step,
        grid.typical_factor,
        grid.prior_mode,
        grid.tau,
        experiments.campaign_id,
        experiments.factor,
        experiments.factor_se ^ 2 + grid.tau ^ 2 * experiments.relative_variance
        + {{ count_variance("grid.typical_factor", "experiments.orders") }} as variance
    from grid
    inner join experiments
        on grid.factor_of = experiments.factor_of
    where grid.observed_factor is null

),

summed as (

    select
        factor_of,
        step,
        typical_factor,
        prior_mode,
        tau,
        1 / sum(1 / variance order by campaign_id) as mean_variance,
        sum(factor / variance order by campaign_id) as weighted_factors,
        sum(factor ^ 2 / variance order by campaign_id) as weighted_squares,
        sum(ln(variance) order by campaign_id) as log_variances
    from with_variance
    group by all

),

likelihoods as (

    select
        factor_of,
        step,
        typical_factor,
        tau,
        false as is_observational,
        mean_variance * weighted_factors as mean_factor,
        mean_variance,
        ln(tau) - tau ^ 2 / (2 * prior_mode ^ 2)
        + (ln(mean_variance) - log_variances - weighted_squares + mean_variance * weighted_factors ^ 2) / 2 as log_weight
    from summed

    union all

    select
        factor_of,
        step,
        typical_factor,
        tau,
        true as is_observational,
        observed_factor as mean_factor,
        observed_se ^ 2 as mean_variance,
        ln(tau) - tau ^ 2 / (2 * prior_mode ^ 2) as log_weight
    from grid
    where observed_factor is not null

),

unscaled as (

    select
        *,
        exp(log_weight - max(log_weight) over (partition by factor_of)) as unscaled_weight
    from likelihoods

),

weights as (

    select
        factor_of,
        step,
        typical_factor,
        tau,
        is_observational,
        mean_factor,
        mean_variance,
        unscaled_weight / sum(unscaled_weight) over (
            partition by factor_of
            order by step
            rows between unbounded preceding and unbounded following
        ) as weight
    from unscaled

)

select * from weights
