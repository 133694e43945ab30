-- On which share of a week's days a campaign works: in test and cooldown, and in the 45 days after them, when what was bought
-- early is missing and what comes late still comes. Weeks are those of base_region_weeks.

with

campaign_regions as (select * from {{ ref("panel_campaign_regions") }}),

orders as (select * from {{ ref("panel_orders") }}),

period as (

    select
        min(date_day) as first_day,
        max(date_day) as last_day,
        greatest((max(date_day) - min(date_day) + 1) // 7, 1) as weeks
    from orders

),

recorded_days as (

    select
        {{ days_between("first_day", "last_day") }} as date_day,
        first_day,
        weeks
    from period

),

days as (

    select
        date_day,
        least((date_day - first_day) // 7, weeks - 1)::integer as week
    from recorded_days

),

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
