-- The small panel that every estimator reads: what each geo of an experiment earned and cost on each date that counts. Of a
-- campaign these are all days between the first order and the last; of a geo test the dates on which anything at all was
-- recorded, so that weekly panels stay weekly. A geo without a row on such a date earned nothing.

with

experiments as (select * from {{ ref("core_experiments") }}),

experiment_geos as (select * from {{ ref("core_experiment_geos") }}),

campaign_overlaps as (select * from {{ ref("panel_experiment_overlaps") }}),

orders as (select * from {{ ref("panel_orders") }}),

geo_days as (select * from {{ ref("core_geo_days") }}),

region_days as (

    select
        region,
        brand,
        date_day,
        sum(revenue) as revenue
    from orders
    group by region, brand, date_day

),

campaign_days as (

    select
        experiments.experiment_id,
        region_days.region as geo,
        region_days.date_day,
        cast(sum(region_days.revenue) as decimal(30, 12)) as response,
        cast(null as decimal(30, 12)) as cost
    from experiments
    inner join experiment_geos
        on experiments.experiment_id = experiment_geos.experiment_id
    inner join region_days
        on experiment_geos.geo = region_days.region
        and (experiments.brand = region_days.brand or experiments.brand = '{{ var("none_member") }}')
        and region_days.date_day between experiments.pretest_start and experiments.cooldown_end
    where experiments.source = 'campaign'
    group by experiments.experiment_id, region_days.region, region_days.date_day

),

recorded_period as (

    select
        min(date_day) as first_day,
        max(date_day) as last_day
    from orders

),

-- Also days on which nobody ordered.
recorded_days as (

    select {{ days_between("first_day", "last_day") }} as date_day
    from recorded_period

),

recorded_dates as (

    select
        experiments.experiment_id,
        recorded_days.date_day
    from experiments
    inner join recorded_days
        on recorded_days.date_day between experiments.pretest_start and experiments.cooldown_end
    where experiments.source = 'campaign'

    union

    select
        experiment_id,
        date_day
    from geo_days

),

left_out_days as (

    select distinct
        campaign_overlaps.experiment_id,
        recorded_days.date_day
    from campaign_overlaps
    inner join recorded_days
        on recorded_days.date_day between campaign_overlaps.first_day and campaign_overlaps.last_day
    where campaign_overlaps.consequence = 'days left out'

),

dates as (

    select
        recorded_dates.experiment_id,
        recorded_dates.date_day,
        experiments.source,
        case
            when recorded_dates.date_day <= experiments.pretest_end then 'pretest'
            when recorded_dates.date_day between experiments.test_start and experiments.test_end then 'test'
            when recorded_dates.date_day > experiments.test_end then 'cooldown'
        end as period
    from recorded_dates
    inner join experiments
        on recorded_dates.experiment_id = experiments.experiment_id

),

-- Of a campaign's days within reach the latest that no other campaign disturbs; of a geo test every day of its periods.
dates_that_count as (

    select
        dates.experiment_id,
        dates.date_day,
        dates.period,
        dates.source
    from dates
    left join left_out_days
        on dates.experiment_id = left_out_days.experiment_id
        and dates.date_day = left_out_days.date_day
        and dates.period = 'pretest'
    where
        dates.period is not null
        and left_out_days.date_day is null
    qualify dates.period <> 'pretest' or dates.source <> 'campaign' or row_number() over (
        partition by dates.experiment_id, dates.period
        order by dates.date_day desc
    ) <= {{ var("pretest_days") }}

),

left_out_geos as (

    select distinct
        experiment_id,
        geo
    from campaign_overlaps
    where consequence = 'region left out'

),

geos_that_count as (

    select
        experiment_geos.experiment_id,
        experiment_geos.geo,
        experiment_geos.assignment,
        experiment_geos.pair
    from experiment_geos
    left join left_out_geos
        on experiment_geos.experiment_id = left_out_geos.experiment_id
        and experiment_geos.geo = left_out_geos.geo
    where left_out_geos.geo is null

),

recorded as (

    select * from campaign_days

    union all

    select
        experiment_id,
        geo,
        date_day,
        response,
        cost
    from geo_days

),

recorded_in_time as (

    select
        recorded.experiment_id,
        recorded.geo,
        recorded.date_day,
        dates_that_count.period,
        geos_that_count.assignment,
        geos_that_count.pair,
        recorded.response,
        -- What a campaign costs is not known by region.
        case when dates_that_count.source = 'geo test' then coalesce(recorded.cost, 0) end as cost
    from recorded
    inner join dates_that_count
        on recorded.experiment_id = dates_that_count.experiment_id
        and recorded.date_day = dates_that_count.date_day
    inner join geos_that_count
        on recorded.experiment_id = geos_that_count.experiment_id
        and recorded.geo = geos_that_count.geo

),

complete_geos as (

    select
        experiment_id,
        geo,
        count(*) as dates
    from recorded_in_time
    group by experiment_id, geo

),

numbers_of_dates as (

    select
        experiment_id,
        count(*) as dates
    from dates_that_count
    group by experiment_id

),

-- Only these few need to be searched for gaps.
geos_with_gaps as (

    select
        geos_that_count.experiment_id,
        geos_that_count.geo,
        geos_that_count.assignment,
        geos_that_count.pair
    from geos_that_count
    inner join numbers_of_dates
        on geos_that_count.experiment_id = numbers_of_dates.experiment_id
    left join complete_geos
        on geos_that_count.experiment_id = complete_geos.experiment_id
        and geos_that_count.geo = complete_geos.geo
        and numbers_of_dates.dates = complete_geos.dates
    where complete_geos.geo is null

),

gaps as (

    select
        geos_with_gaps.experiment_id,
        geos_with_gaps.geo,
        dates_that_count.date_day,
        dates_that_count.period,
        geos_with_gaps.assignment,
        geos_with_gaps.pair,
        dates_that_count.source
    from geos_with_gaps
    inner join dates_that_count
        on geos_with_gaps.experiment_id = dates_that_count.experiment_id
    left join recorded_in_time
        on geos_with_gaps.experiment_id = recorded_in_time.experiment_id
        and geos_with_gaps.geo = recorded_in_time.geo
        and dates_that_count.date_day = recorded_in_time.date_day
    where recorded_in_time.geo is null

),

without_gaps as (

    select
        experiment_id,
        geo,
        date_day,
        period,
        assignment,
        pair,
        response,
        cost,
        false as is_missing
    from recorded_in_time

    union all

    select
        experiment_id,
        geo,
        date_day,
        period,
        assignment,
        pair,
        cast(0 as decimal(30, 12)) as response,
        cast(case when source = 'geo test' then 0 end as decimal(30, 12)) as cost,
        source = 'geo test' as is_missing
    from gaps

)

select * from without_gaps
