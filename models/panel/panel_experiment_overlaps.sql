-- What an overlap does to an experiment: pretest days on which a campaign treats some of its regions only are left out, and so
-- are control regions that are treated during test or cooldown. A treated region that another campaign treats too then, and not
-- all others, spoils the experiment.

with

campaign_overlaps as (select * from {{ ref("core_experiment_overlaps") }}),

experiments as (select * from {{ ref("core_experiments") }}),

weighed as (

    select
        campaign_overlaps.experiment_id,
        campaign_overlaps.overlapping_campaign_id,
        campaign_overlaps.geo,
        campaign_overlaps.assignment,
        campaign_overlaps.first_day,
        campaign_overlaps.last_day,
        case
            when not campaign_overlaps.is_partial then 'alike'
            when campaign_overlaps.last_day < experiments.test_start then 'days left out'
            when campaign_overlaps.assignment = 'control' then 'region left out'
            else 'spoiled'
        end as consequence
    from campaign_overlaps
    inner join experiments
        on campaign_overlaps.experiment_id = experiments.experiment_id

)

select * from weighed
