with

rejected as (select * from {{ ref("stg_rejected_rows") }}),

identified as (

    select
        raw_table || ':' || file || ':' || row_number() over (
            partition by raw_table, file
            order by record_number, reason
        ) as reject_id,
        raw_table,
        file,
        record_number::bigint as record_number,
        column_name,
        value,
        reason,
        is_duplicate,
        amount
    from rejected

)

select * from identified
