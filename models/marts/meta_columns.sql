with

declared (mart, column_name, column_number, label, unit, number_format, direction, headline, ranking, description) as (

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
        nullif(headline, '')::integer as headline,
        nullif(ranking, '')::integer as ranking,
        description
    from declared

)

select * from typed
