-- Fails for a campaign's experiment whose treated or control regions are not as many as dim_campaigns counts, and for one of its
-- regions that dim_regions does not have. Regions of geo tests may be of the user's own making, and so are no foreign key.
with

experiments as (

    select
        experiments.experiment_id,
        campaigns.regions_treated,
        campaigns.regions_control
    from {{ ref("dim_experiments") }} as experiments
    inner join {{ ref("dim_campaigns") }} as campaigns
        on experiments.campaign_id = campaigns.campaign_id
    where experiments.source = 'campaign'

)

select
    experiments.experiment_id,
    experiments.regions_treated,
    experiments.regions_control,
    count(*) filter (where assigned.assignment = 'treatment') as treated,
    count(*) filter (where assigned.assignment = 'control') as control,
    count(*) filter (where regions.region is null) as unknown_regions
from experiments
left join {{ ref("dim_experiment_regions") }} as assigned
    on experiments.experiment_id = assigned.experiment_id
left join {{ ref("dim_regions") }} as regions
    on assigned.region = regions.region
group by all
having
    treated is distinct from experiments.regions_treated
    or control is distinct from experiments.regions_control
    or unknown_regions > 0
