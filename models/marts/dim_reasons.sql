-- Every reason that a mart gives with a code, in words, and what to do about it.

with

reasons as (select * from {{ ref("reasons") }}),

described as (

    select
        code as reason_code,
        subject,
        row_status,
        severity,
        sentence,
        remedy
    from reasons

)

select * from described
