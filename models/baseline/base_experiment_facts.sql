-- What an experiment is made of, and what is known to be wrong with it.

with

experiments as (select * from {{ ref("panel_experiments") }}),

experiment_days as (select * from {{ ref("panel_experiment_days") }}),

arm_days as (select * from {{ ref("base_experiment_days") }}),

campaign_overlaps as (select * from {{ ref("panel_experiment_overlaps") }}),

dates as (

    select
        experiment_id,
        count(*) filter (where period = 'pretest') as pretest_days,
        count(*) filter (where period = 'test') as test_days,
        count(*) filter (where period = 'cooldown') as cooldown_days,
        max(date_day) as last_day,
        sum(missing_geo_days) as missing_geo_days,
        sum(treated_revenue order by date_day) filter (where period <> 'pretest') as actual_revenue,
        max(abs(treated_revenue)) as largest_treated_day,
        max(abs(control_revenue)) filter (where period = 'pretest') as largest_control_day
    from arm_days
    group by all

),

geos as (

    select distinct
        experiment_id,
        geo,
        assignment,
        pair
    from experiment_days

),

geo_counts as (

    select
        experiment_id,
        count(*) filter (where assignment = 'treatment') as geos_treated,
        count(*) filter (where assignment = 'control') as geos_control
    from geos
    group by all

),

whole_pairs as (

    select
        experiment_id,
        pair
    from geos
    where pair is not null
    group by all
    having count(*) = 2 and count(distinct assignment) = 2

),

pair_counts as (

    select
        experiment_id,
        count(*) as pairs
    from whole_pairs
    group by all

),

-- From the first day of the pretest that is used; a campaign's pretest may have been looked for further back.
overlaps_in_time as (

    select
        campaign_overlaps.experiment_id,
        campaign_overlaps.overlapping_campaign_id,
        campaign_overlaps.consequence,
        greatest(campaign_overlaps.first_day, experiments.pretest_start) as first_day,
        campaign_overlaps.last_day
    from campaign_overlaps
    inner join experiments
        on campaign_overlaps.experiment_id = experiments.experiment_id
        and campaign_overlaps.last_day >= experiments.pretest_start

),

days_of_overlap as (

    select
        experiment_id,
        {{ days_between("first_day", "last_day") }} as date_day
    from overlaps_in_time

),

overlap_days as (

    select
        experiment_id,
        count(distinct date_day) as overlap_days
    from days_of_overlap
    group by all

),

overlapping_campaigns as (

    select
        experiment_id,
        string_agg(distinct overlapping_campaign_id, ', ' order by overlapping_campaign_id) as overlapping_campaigns,
        string_agg(distinct overlapping_campaign_id, ', ' order by overlapping_campaign_id) filter (
            where consequence = 'spoiled'
        ) as spoiling_campaigns,
        bool_or(consequence = 'region left out') as has_regions_left_out
    from overlaps_in_time
    group by all

),

counted as (

    select
        experiments.experiment_id,
        experiments.source,
        experiments.test_end,
        dates.last_day,
        coalesce(dates.pretest_days, 0)::integer as pretest_days,
        coalesce(dates.test_days, 0)::integer as test_days,
        coalesce(dates.cooldown_days, 0)::integer as cooldown_days,
        coalesce(geo_counts.geos_treated, 0)::integer as geos_treated,
        coalesce(geo_counts.geos_control, 0)::integer as geos_control,
        coalesce(pair_counts.pairs, 0)::integer as pairs,
        coalesce(dates.missing_geo_days, 0)::bigint as missing_geo_days,
        dates.actual_revenue,
        dates.largest_treated_day,
        dates.largest_control_day,
        coalesce(overlap_days.overlap_days, 0)::integer as overlap_days,
        overlapping_campaigns.overlapping_campaigns,
        overlapping_campaigns.spoiling_campaigns,
        coalesce(overlapping_campaigns.has_regions_left_out, false) as has_regions_left_out
    from experiments
    left join dates
        on experiments.experiment_id = dates.experiment_id
    left join geo_counts
        on experiments.experiment_id = geo_counts.experiment_id
    left join pair_counts
        on experiments.experiment_id = pair_counts.experiment_id
    left join overlap_days
        on experiments.experiment_id = overlap_days.experiment_id
    left join overlapping_campaigns
        on experiments.experiment_id = overlapping_campaigns.experiment_id

),

judged as (

    select
        *,
        -- What no method can do without; codes of reasons.csv.
        case
            when test_days = 0 then 'test_without_data'
            when source = 'campaign' and last_day < test_end then 'campaign_not_over'
            when geos_treated = 0 then 'no_treated_region'
        end as problem,
        case when spoiling_campaigns is not null then 'treated_regions_overlap' end as overlap_problem,
        case
            when largest_treated_day = 0 then 'no_treated_revenue'
            when pretest_days < 3 then 'short_pretest'
        end as pretest_problem,
        case
            when geos_control = 0 and has_regions_left_out then 'control_regions_overlap'
            when geos_control = 0 then 'no_control_region'
            when largest_control_day = 0 then 'no_control_revenue'
        end as control_problem
    from counted

)

select * from judged
