-- The week of every day from the first order to the last, counted from the first on; the days left over at the end go with
-- the last whole week.

with

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

)

select * from days
