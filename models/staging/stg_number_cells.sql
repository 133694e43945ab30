-- Numbers as people write them, wherever an engine does not read them by itself: ₹1,23,456.78, Rs. 500/-, (500.00), 1.2L, 2 Cr,
-- 52.4K followers, 12%, 1.234,50. What is none has no number. Each different cell is read once.

with

column_formats as (select * from {{ ref("stg_column_formats") }}),

cells as (select * from {{ ref("stg_cells") }}),

odd_cells as (

    select distinct
        cells.cell,
        coalesce(column_formats.decimal_mark, 'point') as decimal_mark
    from cells
    left join column_formats
        on cells.raw_table = column_formats.raw_table
        and cells.file = column_formats.file
        and column_formats.kind = 'number'
    where
        cells.kind <> 'date'
        and (
            column_formats.decimal_mark = 'comma'
            or (cells.kind = 'amount' and try_cast(cells.cell as decimal(18, 2)) is null)
            or (cells.kind in ('figure', 'share') and try_cast(cells.cell as decimal(18, 12)) is null)
            or (cells.kind not in ('amount', 'figure', 'share') and try_cast(cells.cell as decimal(18, 6)) is null)
        )

),

-- As typed_rows() has them, without a spreadsheet's apostrophe.
written as (

    select distinct
        {{ clean_cell("cell") }} as written,
        decimal_mark
    from odd_cells

),

-- No blanks, no signs of the currency, and every kind of minus and apostrophe as one.
bare as (

    select
        written,
        decimal_mark,
        regexp_replace(
            regexp_replace(
                translate(lower(written), '−–’‘`₹_ {{ "\u00a0\u202f" }}', '--'''''''),
                '^([(]?[-+]?)(rs[.]?|{{ currency_signs() }})', '{{ "$1" if var("dialect") == "spark" else "\\1" }}'
            ),
            '(/-|/=|rs[.]?|rupees?|{{ currency_signs() }}|followers?|subscribers?|views|likes)$', ''
        ) as bare
    from written
    where written is not null

),

-- (500.00) and 500.00- are -500.00. A sign between digits is none: 2025-05-01 is no number. 1e-05 is one.
signed as (

    select
        written,
        decimal_mark,
        case when bare like '(%)' or bare like '-%' or bare like '%-' then -1 else 1 end as direction,
        case
            when {{ matches("bare", "^[-+]?[0-9.]+e[-+]?[0-9]+$") }} then regexp_replace(bare, '^[-+]', '')
            when not {{ matches("bare", "[0-9].*[-+(].*[0-9]") }} then translate(bare, '()+-''', '')
        end as bare
    from bare

),

with_unit as (

    select
        written,
        decimal_mark,
        direction,
        regexp_replace(bare, '(%|k|m|mn|million|b|bn|billion|l|lac|lacs|lakh|lakhs|cr|crore|crores)$', '') as digits,
        case
            when right(bare, 1) = '%' then 'percent'
            when {{ matches("bare", "[0-9]k$") }} then 'thousand'
            when {{ matches("bare", "[0-9](l|lac|lacs|lakh|lakhs)$") }} then 'lakh'
            when {{ matches("bare", "[0-9](cr|crore|crores)$") }} then 'crore'
            when {{ matches("bare", "[0-9](m|mn|million)$") }} then 'million'
            when {{ matches("bare", "[0-9](b|bn|billion)$") }} then 'billion'
            else 'one'
        end as unit
    from signed

),

-- A mark of thousands stands before three digits, or before two in India; anywhere else nobody can tell what is meant.
in_digits as (

    select
        written,
        decimal_mark,
        direction,
        unit,
        case
            when decimal_mark = 'comma' and {{ matches("digits", "^[0-9]{1,3}([.][0-9]{3})*(,[0-9]*)?$|^[0-9]+(,[0-9]*)?$") }}
                then replace(replace(digits, '.', ''), ',', '.')
            when
                decimal_mark = 'point'
                and {{ matches("digits", "^[0-9]*([.][0-9]*)?$|^[0-9]{1,3}(,[0-9]{2,3})*,[0-9]{3}([.][0-9]*)?$") }}
                then replace(digits, ',', '')
            when decimal_mark = 'point' and {{ matches("digits", "^[0-9.]+e[-+]?[0-9]+$") }} then digits
        end as digits
    from with_unit

),

numbers as (

    select
        written,
        decimal_mark,
        unit,
        direction * coalesce(
            cast(try_cast(digits as decimal(18, 12)) as decimal(30, 12)),
            try_cast(digits as decimal(30, 12))
        ) as number
    from in_digits

),

in_units as (

    select
        written,
        decimal_mark,
        case when unit = 'one' then number end as plain,
        cast(
            number * case unit
                when 'one' then 1
                when 'thousand' then 1000
                when 'lakh' then 100000
                when 'crore' then 10000000
            end as decimal(30, 12)
        ) as amount,
        cast(
            number * case unit
                when 'one' then 1
                when 'thousand' then 1000
                when 'lakh' then 100000
                when 'crore' then 10000000
                when 'million' then 1000000
                when 'billion' then 1000000000
            end as decimal(30, 12)
        ) as audience,
        case when unit in ('one', 'percent') then number end as rate,
        case unit
            when 'one' then number
            when 'percent' then cast(number * cast(0.01 as decimal(3, 2)) as decimal(30, 12))
        end as share
    from numbers

)

select * from in_units
