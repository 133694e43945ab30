{#- CTEs that turn `problems_found` into `judged`: each row is accepted, rejected or duplicate.

    A copy of an earlier row (same copy_key) is a duplicate. A row that repeats the identity of an earlier acceptable
    row with other values is rejected. `identity` is a list of columns; `identity_words` names it for the reader and begins with the
    column at fault. -#}
{% macro judge_rows(identity, identity_words) %}
    {%- set column_at_fault = identity_words.split(" ") | first %}
keyed as (
    select
        *,
        {{ copy_key(identity) }} as identity_key
    from problems_found
),

-- Few rows share their identity with others, and copies always do, so that only these few have to be put in order.
shared_identities as (
    select identity_key
    from keyed
    group by identity_key
    having count(*) > 1
),

copies_counted as (
    select
        keyed.*,
        row_number() over (
            partition by keyed.copy_key
            order by keyed.file, keyed.record_number
        ) as copy_number
    from keyed
    inner join shared_identities
        on keyed.identity_key = shared_identities.identity_key
),

repeats_counted as (
    select
        *,
        row_number() over (
            partition by {{ identity | join(", ") }}
            order by
                case when copy_number = 1 and reject_reason is null then 0 else 1 end,
                file,
                record_number
        ) as repeat_number
    from copies_counted
),

counted as (
    select * from repeats_counted

    union all

    select
        keyed.*,
        1 as copy_number,
        1 as repeat_number
    from keyed
    left join shared_identities
        on keyed.identity_key = shared_identities.identity_key
    where shared_identities.identity_key is null
),

judged as (
    select
        *,
        case
            when copy_number > 1 then 'duplicate'
            when reject_reason is not null or repeat_number > 1 then 'rejected'
            else 'accepted'
        end as outcome,
        case
            when copy_number > 1 then 'exact copy of an earlier row'
            else coalesce(
                reject_reason,
                case when repeat_number > 1 then '{{ identity_words }} repeats an earlier row with other values' end
            )
        end as outcome_reason,
        case
            when copy_number = 1 and reject_reason is null and repeat_number > 1 then '{{ column_at_fault }}'
            when copy_number = 1 then rejected_column
        end as outcome_column,
        case
            when copy_number = 1 and reject_reason is null and repeat_number > 1 then {{ column_at_fault }}
            when copy_number = 1 then rejected_value
        end as outcome_value
    from counted
)
{%- endmacro %}
