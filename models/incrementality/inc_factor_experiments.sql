-- What experiments say: incremental revenue by the default method over attributed revenue, in the same regions and days, and,
-- where a campaign needs it, over media value. The error is that of a normal distribution with the same interval.

with

estimates as (select * from {{ ref("inc_estimates") }}),

default_methods as (select * from {{ ref("inc_default_method") }}),

experiments as (select * from {{ ref("panel_experiments") }}),

attribution as (select * from {{ ref("inc_campaign_attribution") }}),

campaigns as (select * from {{ ref("inc_factor_campaigns") }}),

media_values as (select * from {{ ref("inc_media_value") }}),

spend as (select * from {{ ref("base_experiment_spend") }}),

valued as (

    select
        campaign_id,
        sum(media_value order by influencer_id, date_day, brand) as media_value
    from media_values
    group by all

),

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

),

factors as (

    select
        measured.campaign_id,
        campaigns.factor_of,
        measured.incremental_revenue / measured.attributed_revenue as factor,
        measured.incremental_se / measured.attributed_revenue as factor_se,
        campaigns.relative_variance,
        campaigns.orders,
        campaigns.share_of_orders
    from measured
    inner join campaigns
        on measured.campaign_id = campaigns.campaign_id
    where
        campaigns.factor_of = 'attributed revenue'
        and measured.attributed_revenue > 0

    union all

    -- What is measured of any campaign tells what media value is worth, also of one with codes.
    select
        measured.campaign_id,
        'media value' as factor_of,
        measured.incremental_revenue / (valued.media_value * {{ reach_counted("campaigns.share_of_orders") }}) as factor,
        measured.incremental_se / (valued.media_value * {{ reach_counted("campaigns.share_of_orders") }}) as factor_se,
        1 as relative_variance,
        null::bigint as orders,
        campaigns.share_of_orders
    from measured
    inner join valued
        on measured.campaign_id = valued.campaign_id
    inner join campaigns
        on measured.campaign_id = campaigns.campaign_id
    where
        valued.media_value > 0
        and 'media value' in (select others.factor_of from campaigns as others)

    union all

    -- What a rupee brings, for campaigns that are only planned.
    select
        measured.campaign_id,
        'spend' as factor_of,
        measured.incremental_revenue / spend.spend as factor,
        measured.incremental_se / spend.spend as factor_se,
        1 as relative_variance,
        null::bigint as orders,
        null::double as share_of_orders
    from measured
    inner join spend
        on measured.campaign_id = spend.experiment_id
    where spend.spend > 0

)

select * from factors
