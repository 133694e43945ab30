-- Other campaigns of the same brand that treat a region of an experiment while it lasts, pretest and cooldown included. A
-- campaign without regions of its own runs everywhere. A brand (none) may be any.

with

experiments as (select * from {{ ref("core_experiments") }}),

experiment_geos as (select * from {{ ref("core_experiment_geos") }}),

campaigns as (select * from {{ ref("core_campaigns") }}),

campaign_regions as (select * from {{ ref("core_campaign_regions") }}),

treated_regions as (

    select
        campaign_id,
        region
    from campaign_regions
    where role = 'treatment'

),

regional_campaigns as (

    select distinct campaign_id
    from treated_regions

),

running_meanwhile as (

    select
        experiments.experiment_id,
        campaigns.campaign_id as overlapping_campaign_id,
        regional_campaigns.campaign_id is null as is_national,
        greatest(campaigns.start_date, experiments.pretest_start) as first_day,
        least({{ add_days("campaigns.end_date", "campaigns.cooldown_days") }}, experiments.cooldown_end) as last_day
    from experiments
    inner join campaigns
        on experiments.source = 'campaign'
        and experiments.campaign_id <> campaigns.campaign_id
        and (
            experiments.brand = campaigns.brand
            or experiments.brand = '{{ var("none_member") }}'
            or campaigns.brand = '{{ var("none_member") }}'
        )
        and campaigns.start_date <= experiments.cooldown_end
        and {{ add_days("campaigns.end_date", "campaigns.cooldown_days") }} >= experiments.pretest_start
    left join regional_campaigns
        on campaigns.campaign_id = regional_campaigns.campaign_id

),

touched as (

    select
        running_meanwhile.experiment_id,
        running_meanwhile.overlapping_campaign_id,
        running_meanwhile.first_day,
        running_meanwhile.last_day,
        experiment_geos.geo,
        experiment_geos.assignment,
        running_meanwhile.is_national or treated_regions.region is not null as is_touched
    from running_meanwhile
    inner join experiment_geos
        on running_meanwhile.experiment_id = experiment_geos.experiment_id
    left join treated_regions
        on running_meanwhile.overlapping_campaign_id = treated_regions.campaign_id
        and experiment_geos.geo = treated_regions.region

),

-- A campaign that runs in every region of the experiment lifts both arms alike.
weighed as (

    select
        *,
        min(case when is_touched then 1 else 0 end) over (
            partition by experiment_id, overlapping_campaign_id
        ) = 0 as is_partial
    from touched

),

campaign_overlaps as (

    select
        experiment_id,
        overlapping_campaign_id,
        geo,
        assignment,
        first_day,
        last_day,
        is_partial
    from weighed
    where is_touched

)

select * from campaign_overlaps
