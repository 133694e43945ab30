-- What experiments say of attribution: incremental revenue by the default method over attributed revenue, in the same regions and
-- days. The error is that of a normal distribution with the same interval.

with

estimates as (select * from {{ ref("inc_estimates") }}),

default_methods as (select * from {{ ref("inc_default_method") }}),

experiments as (select * from {{ ref("panel_experiments") }}),

attribution as (select * from {{ ref("inc_campaign_attribution") }}),

campaigns as (select * from {{ ref("inc_factor_campaigns") }}),

measured as (

    select
        experiments.campaign_id,
        attribution.attributed_revenue,
        estimates.incremental_revenue,
        (estimates.ci_high - estimates.ci_low) / 2 / {{ normal_quantile("(1 + experiments.ci_level) / 2") }} as incremental_se
    from experiments
    inner join default_methods
        on experiments.experiment_id = default_methods.experiment_id
    inner join estimates
        on default_methods.experiment_id = estimates.experiment_id
        and default_methods.method = estimates.method
    inner join attribution
        on experiments.experiment_id = attribution.experiment_id
    where
        experiments.source = 'campaign'
        and estimates.interval_problem is null
        and attribution.attributed_revenue > 0

),

factors as (

    select
        measured.campaign_id,
        measured.incremental_revenue / measured.attributed_revenue as factor,
        measured.incremental_se / measured.attributed_revenue as factor_se,
        campaigns.relative_variance,
        campaigns.orders
    from measured
    inner join campaigns
        on measured.campaign_id = campaigns.campaign_id

)

select * from factors
