-- Fails for a week that is called whole without seven days of the data, or the other way round; likewise for months.
with

dates as (select * from {{ ref("dim_dates") }}),

weeks as (

    select
        'week' as period,
        week as first_day,
        count(*) filter (where is_in_data) = 7 as is_whole,
        bool_and(is_whole_week) as is_said,
        bool_or(is_whole_week) as is_said_of_any
    from dates
    group by week

),

months as (

    select
        'month' as period,
        month as first_day,
        bool_and(is_in_data) as is_whole,
        bool_and(is_whole_month) as is_said,
        bool_or(is_whole_month) as is_said_of_any
    from dates
    group by month

),

periods as (

    select * from weeks
    union all
    select * from months

)

select * from periods
where is_whole <> is_said or is_whole <> is_said_of_any
