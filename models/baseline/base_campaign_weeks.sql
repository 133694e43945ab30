-- On which share of a week's days a campaign works: in test and cooldown, and in the 45 days after them, when what was bought
-- early is missing and what comes late still comes.

with

campaign_regions as (select * from {{ ref("panel_campaign_regions") }}),

days as (select * from {{ ref("base_weeks") }}),

week_lengths as (

    select
        week,
        count(*) as days
    from days
    group by week

),

campaigns as (

    select distinct
        campaign_id,
        brand,
        start_date,
        cooldown_end
    from campaign_regions

),

phases as (

    select
        campaign_id,
        brand,
        'campaign' as phase,
        start_date as first_day,
        cooldown_end as last_day
    from campaigns

    union all

    select
        campaign_id,
        brand,
        'after' as phase,
        (cooldown_end + 1)::date as first_day,
        (cooldown_end + 45)::date as last_day
    from campaigns

),

shares as (

    select
        phases.campaign_id,
        phases.brand,
        phases.phase,
        days.week,
        count(*) / week_lengths.days as share
    from phases
    inner join days
        on days.date_day between phases.first_day and phases.last_day
    inner join week_lengths
        on days.week = week_lengths.week
    group by phases.campaign_id, phases.brand, phases.phase, days.week, week_lengths.days

)

select * from shares
