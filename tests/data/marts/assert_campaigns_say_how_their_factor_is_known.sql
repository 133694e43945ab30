-- Fails for a campaign without the basis of its factor, or that denies or claims an experiment of its own.
with

campaigns as (select * from {{ ref("dim_campaigns") }}),

experiments as (

    select distinct campaign_id
    from {{ ref("dim_experiments") }}
    where source = 'campaign'

),

factors as (select * from {{ ref("fct_incrementality_factors") }})

select
    campaigns.campaign_id,
    campaigns.has_experiment,
    campaigns.factor_basis,
    factors.basis
from campaigns
left join experiments
    on campaigns.campaign_id = experiments.campaign_id
left join factors
    on campaigns.campaign_id = factors.campaign_id
where
    campaigns.has_experiment <> (experiments.campaign_id is not null)
    or campaigns.factor_basis <> coalesce(factors.basis, 'no factor')
    or (campaigns.factor_basis = 'own experiment' and not campaigns.has_experiment)
