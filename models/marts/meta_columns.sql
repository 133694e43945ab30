with

declared (mart, column_name, column_number, label, unit, number_format, direction, description) as (

    {{ column_rows() }}

),

typed as (

    select
        mart,
        column_name,
        column_number::integer as column_number,
        label,
        unit,
        nullif(number_format, '') as number_format,
        direction,
        description
    from declared

)

select * from typed
