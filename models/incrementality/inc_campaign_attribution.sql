-- What attribution says of a campaign during test and cooldown. Attributed revenue is that of treated regions; the legacy method
-- organic_projection takes the campaign's attributed revenue of all regions, less the campaign's share, by spend, of what the
-- brand's other channels earned on the same days.

with

experiments as (select * from {{ ref("panel_experiments") }}),

experiment_days as (select * from {{ ref("panel_experiment_days") }}),

orders as (select * from {{ ref("panel_orders") }}),

payouts as (select * from {{ ref("panel_spend") }}),

organic_days as (select * from {{ ref("base_organic_projection") }}),

treated_days as (

    select distinct
        experiment_id,
        geo,
        date_day
    from experiment_days
    where assignment = 'treatment' and period <> 'pretest'

),

attributed as (

    select
        experiments.experiment_id,
        coalesce(sum(orders.revenue) filter (where treated_days.geo is not null), 0) as attributed_revenue,
        coalesce(sum(orders.revenue), 0) as attributed_revenue_everywhere
    from experiments
    left join orders
        on experiments.campaign_id = orders.campaign_id
        and orders.channel = 'influencer'
        and orders.date_day between experiments.test_start and experiments.cooldown_end
    left join treated_days
        on experiments.experiment_id = treated_days.experiment_id
        and orders.region = treated_days.geo
        and orders.date_day = treated_days.date_day
    where experiments.source = 'campaign'
    group by all

),

organic as (

    select
        experiments.experiment_id,
        coalesce(sum(organic_days.organic_revenue), 0) as organic_revenue
    from experiments
    left join organic_days
        on organic_days.date_day between experiments.test_start and experiments.cooldown_end
        and (experiments.brand = organic_days.brand or experiments.brand = '{{ var("none_member") }}')
    where experiments.source = 'campaign'
    group by all

),

spent as (

    select
        experiments.experiment_id,
        coalesce(sum(payouts.spend) filter (where payouts.campaign_id = experiments.campaign_id), 0) as spend,
        coalesce(sum(payouts.spend), 0) as all_spend
    from experiments
    left join payouts
        on payouts.date_day between experiments.test_start and experiments.cooldown_end
    where experiments.source = 'campaign'
    group by all

),

projected as (

    select
        attributed.experiment_id,
        attributed.attributed_revenue::double as attributed_revenue,
        attributed.attributed_revenue_everywhere::double as attributed_revenue_everywhere,
        {{ organic_projection_baseline("organic.organic_revenue", "spent.spend", "spent.all_spend") }} as projected_baseline
    from attributed
    inner join organic
        on attributed.experiment_id = organic.experiment_id
    inner join spent
        on attributed.experiment_id = spent.experiment_id

)

select * from projected
