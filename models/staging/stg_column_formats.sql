-- How each file writes days and numbers, by evidence: 31/12 can only be day first, 12/31 only month first, 1.234,50 only a
-- number with a decimal comma. A column without evidence of its own is read as the others of its file, else as the variable
-- dates_day_first says and with a decimal point (a comma in a file that separates its cells by semicolon, as spreadsheets do
-- where the comma is the decimal mark), and the assumption is kept. What an adapter declares needs no evidence.
{{ config(post_hook="{{ stop_at_contradictions(this) }}") }}

with

raw_files as (select * from {{ ref("raw_files") }}),

cells as (select * from {{ ref("stg_cells") }}),

-- Days that are written with the month as a number and no year in front.
numeric_dates as (

    select
        raw_table,
        file,
        column_name,
        try_cast(split_part(translate(trim(cell), '/-.', '   '), ' ', 1) as integer) as first_number,
        try_cast(split_part(translate(trim(cell), '/-.', '   '), ' ', 2) as integer) as second_number,
        cell
    from cells
    where
        kind = 'date'
        and cell not like '____-__-__%'
        and {{ matches("cell", "^ *[0-9]{1,2}[-/.][0-9]{1,2}[-/.]([0-9]{4}|[0-9]{2})($|[ T,])") }}

),

date_evidence as (

    select
        raw_table,
        file,
        column_name,
        count(*) as cells,
        count(case when first_number between 13 and 31 and second_number between 1 and 12 then 1 end) as day_first,
        count(case when second_number between 13 and 31 and first_number between 1 and 12 then 1 end) as month_first,
        min(case when first_number between 13 and 31 and second_number between 1 and 12 then cell end) as day_first_example,
        min(case when second_number between 13 and 31 and first_number between 1 and 12 then cell end) as month_first_example
    from numeric_dates
    group by raw_table, file, column_name

),

number_evidence as (

    select
        raw_table,
        file,
        count(case when cell like '%.%' then 1 end) as cells,
        -- 1.234,50 and 99,5; 1.234.567
        count(
            case
                when cell like '%,%' and {{ matches("cell", "^[^,]*[0-9],([0-9]{1,2}|[0-9]{4,})[^0-9,.]*$") }} then 1
                when cell like '%.%.%' and {{ matches("cell", "^[^0-9,]*[0-9]{1,3}([.][0-9]{3}){2,}[^0-9,.]*$") }} then 1
            end
        ) as comma,
        min(
            case
                when cell like '%,%' and {{ matches("cell", "^[^,]*[0-9],([0-9]{1,2}|[0-9]{4,})[^0-9,.]*$") }} then cell
                when cell like '%.%.%' and {{ matches("cell", "^[^0-9,]*[0-9]{1,3}([.][0-9]{3}){2,}[^0-9,.]*$") }} then cell
            end
        ) as comma_example,
        -- 99.5 and 1,234.50; 1,23,456
        count(
            case
                when (cell like '%._' or cell like '%.__') and right(cell, 1) between '0' and '9' then 1
                when cell like '%.%' and {{ matches("cell", "^[^.]*[0-9][.][0-9]{1,2}[^0-9,.]*$") }} then 1
                when cell like '%.____%' and {{ matches("cell", "^[^.,]*[.][0-9]{4,}[^0-9.,]*$") }} then 1
                when cell like '%,%' and {{ matches("cell", "[0-9],[0-9]{2,3},[0-9]{3}|[0-9],[0-9]{3}[.][0-9]") }} then 1
            end
        ) as point,
        min(
            case
                when cell like '%,%' and {{ matches("cell", "[0-9],[0-9]{2,3},[0-9]{3}|[0-9],[0-9]{3}[.][0-9]") }} then cell
                when (cell like '%._' or cell like '%.__') and right(cell, 1) between '0' and '9' then cell
                when cell like '%.%' and {{ matches("cell", "^[^.]*[0-9][.][0-9]{1,2}[^0-9,.]*$") }} then cell
            end
        ) as point_example
    from cells
    where kind <> 'date' and (cell like '%.%' or cell like '%,%')
    group by raw_table, file

),

file_dates as (

    select
        raw_table,
        file,
        sum(day_first) as day_first,
        sum(month_first) as month_first
    from date_evidence
    group by raw_table, file

),

date_columns as (

    select
        raw_files.raw_table,
        raw_files.file,
        raw_files.time_zone,
        date_evidence.column_name,
        'date' as kind,
        case
            when raw_files.date_order in ('day first', 'month first') then raw_files.date_order
            when date_evidence.day_first > 0 and date_evidence.month_first > 0 then 'both'
            when date_evidence.day_first > 0 then 'day first'
            when date_evidence.month_first > 0 then 'month first'
            when file_dates.day_first > 0 and file_dates.month_first = 0 then 'day first'
            when file_dates.month_first > 0 and file_dates.day_first = 0 then 'month first'
            else '{{ "day first" if var("dates_day_first") else "month first" }}'
        end as date_order,
        cast(null as string) as decimal_mark,
        coalesce(raw_files.date_order not in ('day first', 'month first'), true)
        and file_dates.day_first + file_dates.month_first = 0 as is_assumed,
        date_evidence.cells,
        date_evidence.day_first_example as first_example,
        date_evidence.month_first_example as second_example
    from raw_files
    inner join date_evidence
        on raw_files.raw_table = date_evidence.raw_table and raw_files.file = date_evidence.file
    inner join file_dates
        on raw_files.raw_table = file_dates.raw_table and raw_files.file = file_dates.file

),

number_files as (

    select
        raw_files.raw_table,
        raw_files.file,
        raw_files.time_zone,
        cast(null as string) as column_name,
        'number' as kind,
        cast(null as string) as date_order,
        case
            when raw_files.decimal_mark is not null then raw_files.decimal_mark
            when number_evidence.comma > 0 and number_evidence.point > 0 then 'both'
            when number_evidence.comma > 0 then 'comma'
            when number_evidence.point > 0 then 'point'
            when raw_files.delimiter = ';' and number_evidence.cells > 0 then 'comma'
            else 'point'
        end as decimal_mark,
        coalesce(
            raw_files.decimal_mark is null
            and number_evidence.comma + number_evidence.point = 0
            and number_evidence.cells > 0,
            false
        ) as is_assumed,
        coalesce(number_evidence.cells, 0) as cells,
        number_evidence.comma_example as first_example,
        number_evidence.point_example as second_example
    from raw_files
    left join number_evidence
        on raw_files.raw_table = number_evidence.raw_table and raw_files.file = number_evidence.file
    where raw_files.is_read

),

formats as (

    select
        raw_table,
        file,
        column_name,
        kind,
        date_order,
        decimal_mark,
        time_zone,
        is_assumed,
        cells,
        first_example,
        second_example
    from date_columns

    union all

    select
        raw_table,
        file,
        column_name,
        kind,
        date_order,
        decimal_mark,
        time_zone,
        is_assumed,
        cells,
        first_example,
        second_example
    from number_files

)

select * from formats
