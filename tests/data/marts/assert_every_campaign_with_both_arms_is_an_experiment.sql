-- Fails for a campaign with treated and control regions and a first day that is no experiment, and for an experiment that is
-- no such campaign.
with

compared_campaigns as (

    select campaign_id
    from {{ ref("dim_campaigns") }}
    where regions_treated > 0 and regions_control > 0 and start_date is not null

),

experiments as (

    select campaign_id
    from {{ ref("dim_experiments") }}
    where source = 'campaign'

)

select *
from compared_campaigns
full join experiments on compared_campaigns.campaign_id = experiments.campaign_id
where compared_campaigns.campaign_id is null or experiments.campaign_id is null
