with

rejected as (select * from {{ ref("stg_rejected_rows") }}),

unreadable as (select * from {{ ref("raw_unreadable_rows") }}),

-- Readable records are numbered among themselves. To find a row in its file, the unreadable ones before it count too.
unreadable_places as (

    select
        raw_table,
        file,
        record_number - row_number() over (
            partition by raw_table, file
            order by record_number
        ) as readable_before
    from unreadable

),

numbered as (

    select
        rejected.raw_table,
        rejected.file,
        rejected.record_number + if(rejected.is_unreadable, 0, count(unreadable_places.readable_before)) as record_number,
        rejected.column_name,
        rejected.value,
        rejected.reason,
        rejected.is_duplicate,
        rejected.amount
    from rejected
    left join unreadable_places
        on rejected.raw_table = unreadable_places.raw_table
        and rejected.file = unreadable_places.file
        and rejected.record_number > unreadable_places.readable_before
    group by
        rejected.raw_table,
        rejected.file,
        rejected.record_number,
        rejected.column_name,
        rejected.value,
        rejected.reason,
        rejected.is_unreadable,
        rejected.is_duplicate,
        rejected.amount

),

identified as (

    select
        raw_table || ':' || file || ':' || record_number as reject_id,
        raw_table,
        file,
        record_number::bigint as record_number,
        column_name,
        value,
        reason,
        is_duplicate,
        amount
    from numbered

)

select * from identified
