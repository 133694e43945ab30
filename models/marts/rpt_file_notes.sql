-- What was assumed or mended in files that are read, and why others are not.

with

raw_files as (select * from {{ ref("raw_files") }}),

column_formats as (select * from {{ ref("stg_column_formats") }}),

reasons as (select * from {{ ref("reasons") }}),

of_formats as (

    select
        column_formats.*,
        reasons.code,
        reasons.sentence
    from column_formats
    inner join reasons
        on reasons.code = if(column_formats.kind = 'date', 'date_order_assumed', 'decimal_mark_assumed')
    where column_formats.is_assumed

),

notes as (

    select
        if(is_read, raw_table, '{{ var("none_member") }}') as raw_table,
        file,
        if(is_read, 'file_note', 'file_not_read') as reason_code,
        coalesce(note, 'not read') as note
    from raw_files
    where not is_read or note is not null

    union all

    select
        raw_table,
        file,
        code as reason_code,
        {{ reason_in_words("sentence", {
            "column_name": "column_name", "date_order": "date_order", "decimal_mark": "decimal_mark",
        }) }} as note
    from of_formats

),

numbered as (

    select
        raw_table,
        file,
        row_number() over (
            partition by file
            order by note, reason_code
        )::integer as note_number,
        reason_code,
        note
    from notes

)

select * from numbered
