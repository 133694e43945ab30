-- Days as people write them, wherever a cell is no ISO date and no time without zone: 31/07/2025, 07/31/25 6:08 PM, 20250731,
-- 31-Jul-2025, July 31, 2025, a spreadsheet's 45869, and times with a zone, whose day is that of the variable time_zone. What is
-- none has no day. Each different cell is read once.

with

column_formats as (select * from {{ ref("stg_column_formats") }}),

cells as (select * from {{ ref("stg_cells") }}),

file_zones as (

    select
        raw_table,
        file,
        max(time_zone) as time_zone
    from column_formats
    group by raw_table, file

),

odd_cells as (

    select distinct
        cells.cell,
        coalesce(column_formats.date_order, '') as date_order,
        coalesce(file_zones.time_zone, '') as time_zone
    from cells
    left join column_formats
        on cells.raw_table = column_formats.raw_table
        and cells.file = column_formats.file
        and cells.column_name = column_formats.column_name
    left join file_zones
        on cells.raw_table = file_zones.raw_table
        and cells.file = file_zones.file
    where
        cells.kind = 'date'
        and (file_zones.time_zone is not null or {{ iso_date("cells.cell") }} is null)

),

-- As typed_rows() has them, without a spreadsheet's apostrophe.
written as (

    select distinct
        {{ clean_cell("cell") }} as written,
        date_order,
        time_zone
    from odd_cells

),

-- No name of a day, no comma, no 31st; zones as numbers.
bare as (

    select
        written,
        date_order,
        time_zone,
        trim(
            regexp_replace(
                regexp_replace(
                    regexp_replace(
                        regexp_replace(upper(translate(written, ',', ' ')), '^(MON|TUE|WED|THU|FRI|SAT|SUN)[A-Z]* +', ''),
                        '^([A-Z]* *[0-9]{1,2})(ST|ND|RD|TH) ', '{{ "$1 " if var("dialect") == "spark" else "\\1 " }}'
                    ),
                    ' *(Z|UTC|GMT)$', '+00:00'
                ),
                ' *IST$', '+05:30'
            )
        ) as bare
    from written
    where written is not null

),

-- The zone at the end of a time, as +05:30.
zoned as (

    select
        written,
        date_order,
        time_zone,
        bare,
        case
            when not {{ matches("bare", ":[0-9]{2}([.][0-9]+)? *[+-][0-9]{2}(:?[0-9]{2})?$") }} then null
            when {{ matches("bare", "[+-][0-9]{2}:[0-9]{2}$") }} then right(bare, 6)
            when {{ matches("bare", "[+-][0-9]{4}$") }} then concat(left(right(bare, 5), 3), ':', right(bare, 2))
            else concat(right(bare, 3), ':00')
        end as offset_text
    from bare

),

timed as (

    select
        written,
        date_order,
        time_zone,
        {{ local_time("bare", "date_order") }} as local_time,
        bare like '%:%' as has_time,
        case when left(offset_text, 1) = '-' then -1 else 1 end
        * (
            60 * try_cast(substring(offset_text, 2, 2) as integer) + try_cast(substring(offset_text, 5, 2) as integer)
        ) as offset_minutes
    from zoned

),

days as (

    select
        written,
        date_order,
        time_zone,
        cast(
            case
                when offset_minutes is not null
                    then {{ moved_time(minutes_earlier("local_time", "offset_minutes"), "'UTC'", "'" ~ var("time_zone") ~ "'") }}
                when has_time and time_zone not in ('', '{{ var("time_zone") }}')
                    then {{ moved_time("local_time", "time_zone", "'" ~ var("time_zone") ~ "'") }}
                else local_time
            end as date
        ) as date_day
    from timed

)

select * from days
