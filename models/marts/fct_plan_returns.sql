with

spread as (select * from {{ ref("inc_factor_spread") }}),

experiments as (select * from {{ ref("inc_factor_experiments") }}),

facts as (select * from {{ ref("base_experiment_facts") }}),

spend as (select * from {{ ref("base_experiment_spend") }}),

measured as (

    select
        experiments.campaign_id,
        spend.spend / nullif(facts.actual_revenue - experiments.factor * spend.spend, 0) as spend_per_revenue
    from experiments
    inner join facts
        on experiments.campaign_id = facts.experiment_id
    inner join spend
        on experiments.campaign_id = spend.experiment_id
    where experiments.factor_of = 'spend'

),

seen as (

    select
        count(*) as experiments,
        quantile_cont(spend_per_revenue, 0.1) as low_spend_per_revenue,
        quantile_cont(spend_per_revenue, 0.9) as high_spend_per_revenue
    from measured
    where spend_per_revenue > 0

),

mixed as (

    select
        sum(weight * mean_factor order by step) as expected_iroas,
        sum(weight * (mean_factor ^ 2 + mean_variance + tau ^ 2) order by step) as mean_square
    from spread
    where factor_of = 'spend'

),

described as (

    select
        'all brands' as scope,
        mixed.expected_iroas,
        sqrt(greatest(mixed.mean_square - mixed.expected_iroas ^ 2, 0)) as iroas_sd,
        seen.experiments,
        seen.low_spend_per_revenue,
        seen.high_spend_per_revenue
    from mixed
    cross join seen
    where mixed.expected_iroas is not null

)

select * from described
