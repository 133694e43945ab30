-- Fails for a campaign's experiment that does not cost what all influencers were paid for the campaign.
with

paid as (

    select
        campaign_id,
        sum(spend)::double as spend
    from {{ ref("fct_influencer_days") }}
    group by all

)

select
    figures.experiment_id,
    figures.method,
    figures.spend,
    paid.spend as paid
from {{ ref("fct_incremental_roas") }} as figures
inner join {{ ref("dim_experiments") }} as experiments using (experiment_id)
left join paid using (campaign_id)
where
    experiments.source = 'campaign'
    and (
        figures.spend <> coalesce(paid.spend, 0)
        or (figures.method = 'attributed' and paid.spend > 0 and figures.spend is null)
    )
