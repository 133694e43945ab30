-- Every reason why a row is not in the books, or is there without a cell, with what to do about it.

with

reasons as (select * from {{ ref("reasons") }}),

described as (

    select
        code as reject_code,
        row_status,
        sentence,
        remedy
    from reasons

)

select * from described
