with

rejected as (select * from {{ ref("stg_rejected_rows") }}),

identified as (

    select
        raw_table || ':' || file || ':' || record_number as reject_id,
        raw_table,
        file,
        record_number::bigint as record_number,
        row_status,
        reject_code,
        column_name,
        value,
        reason,
        amount
    from rejected

)

select * from identified
