-- Whole months, from that of the first order, post or rupee of spend to that of the last.

with

influencer_days as (select * from {{ ref("fct_influencer_days") }}),

revenue_days as (select * from {{ ref("fct_revenue_days") }}),

calendar as (select * from {{ ref("calendar") }}),

dated as (

    select date_day from influencer_days
    union
    select date_day from revenue_days

),

data as (

    select
        min(date_day) as first_day,
        max(date_day) as last_day
    from dated

),

spine as (

    select {{ days_between("date_trunc('month', first_day)", "last_day(last_day)") }} as date_day
    from data

),

occasions as (

    select
        spine.date_day,
        string_agg(distinct calendar.name, ', ' order by calendar.name) filter (where calendar.kind = 'festival') as festival,
        string_agg(distinct calendar.name, ', ' order by calendar.name) filter (where calendar.kind = 'sale_event') as sale_event
    from spine
    inner join calendar
        on spine.date_day between calendar.first_day and calendar.last_day
    group by all

),

dates as (

    select
        spine.date_day,
        date_trunc('week', spine.date_day)::date as week,
        date_trunc('month', spine.date_day)::date as month,
        date_trunc('quarter', spine.date_day)::date as quarter,
        -- Named by the calendar year in which it ends, as in India: FY2026 is April 2025 to March 2026.
        'FY' || (
            year(spine.date_day)
            + if({{ var("fiscal_year_start_month") }} > 1 and month(spine.date_day) >= {{ var("fiscal_year_start_month") }}, 1, 0)
        ) as fiscal_year,
        isodow(spine.date_day) >= 6 as is_weekend,
        occasions.festival,
        occasions.sale_event,
        spine.date_day between data.first_day and data.last_day as is_in_data,
        week >= data.first_day and week + 6 <= data.last_day as is_whole_week,
        month >= data.first_day and last_day(spine.date_day) <= data.last_day as is_whole_month
    from spine
    cross join data
    left join occasions
        on spine.date_day = occasions.date_day

)

select * from dates
