{#- CTEs from a typed CTE to `judged`: what becomes of every row, in row_status.

      accepted     it is in the books
      rejected     a cell without which it cannot be is empty, unreadable or wrong, or it contradicts an earlier row of its file
      superseded   a newer file has an acceptable row of the same identity
      duplicate    a copy of the whole record, of its own file or of the newer row

    Within a file, records are what happened; across files, the newest file's record of an identity wins. A row without an id of its
    own (has_id false) is what its cells are: equal rows of one file are as many.

    rows: the CTE, with the columns of typed_rows() · identity: columns that name a row; the first is the one at fault where it
    repeats · identity_words: what a person calls them · told_apart_by: columns in which rows of one identity and file may differ and
    be two all the same · cells: where rows of one identity have all of these alike, and their records differ, they are two as well:
    they differ in a column that the contract does not know, such as a variant · together: the column that rows share that belong together; the first of identity unless told otherwise
    · problems, notes: what costs a row, and what only empties a cell

    `judged` has occurrence as well, the number of an accepted row among those of its identity, and is_together, which is false where
    no other row shares what rows share that belong together. -#}
{% macro judge_rows(rows, identity, identity_words, problems, notes=[], has_id="true", told_apart_by=[], cells=[], together=none) %}
    {%- set column_at_fault = identity_words.split(" ") | first %}
    {%- set alike = (["identity_key", "standing"] + told_apart_by) | join(",\n                ") %}
problems_found as (

    select
        *,
        {{ has_id }} as has_id,
        {{ copy_key(identity) }} as identity_key,
        {{ copy_key([together]) if together else copy_key(identity) }} as together_key,
        {{ first_problem(problems) }} as first_problem,
        {{ first_problem(notes) }} as first_note
    from {{ rows }}

),

-- Few rows share their identity with others, so that only these few have to be put in order.
shared_keys as (

    select together_key
    from problems_found
    group by together_key
    having count(*) > 1

),

copies_counted as (

    select
        problems_found.*,
        max(case when problems_found.first_problem is null then problems_found.file_number end) over (
            partition by problems_found.identity_key
        ) as newest_file,
        row_number() over (
            partition by problems_found.identity_key, problems_found.file_number, problems_found.row_hash
            order by problems_found.record_number
        ) as copy_number
    from problems_found
    inner join shared_keys
        on problems_found.together_key = shared_keys.together_key

),

-- Whether the newest file has the very same record.
copies_of_newer as (

    select
        *,
        max(case when file_number = newest_file and first_problem is null then 1 else 0 end) over (
            partition by identity_key, row_hash
        ) as copies_newer
    from copies_counted

),

standings as (

    select
        *,
        case
            when first_problem is null and file_number < newest_file and copies_newer = 1 then 'copy'
            when first_problem is null and file_number < newest_file then 'superseded'
            when copy_number > 1 and has_id then 'copy'
            when first_problem is not null then 'problem'
            else 'newest'
        end as standing
    from copies_of_newer

),

repeats_counted as (

    select
        *,
        row_number() over (
            partition by
                {{ alike }}
            order by record_number
        ) as repeat_number,
        {%- if cells %}
        {{ copy_key(cells) }} <> first_value({{ copy_key(cells) }}) over (
            partition by
                {{ alike }}
            order by record_number
        ) as is_other
        {%- else %}
        true as is_other
        {%- endif %}
    from standings

),

statuses as (

    select
        *,
        case
            when standing = 'copy' then 'duplicate'
            when standing = 'superseded' then 'superseded'
            when standing = 'problem' then 'rejected'
            when has_id and repeat_number > 1 and is_other then 'rejected'
            else 'accepted'
        end as row_status
    from repeats_counted

),

every_row as (

    select
        *,
        row_number() over (
            partition by identity_key, row_status
            order by record_number
        ) as occurrence,
        true as is_together
    from statuses

    union all

    select
        problems_found.*,
        problems_found.file_number as newest_file,
        1 as copy_number,
        0 as copies_newer,
        case when problems_found.first_problem is null then 'newest' else 'problem' end as standing,
        1 as repeat_number,
        false as is_other,
        case when problems_found.first_problem is null then 'accepted' else 'rejected' end as row_status,
        1 as occurrence,
        false as is_together
    from problems_found
    left join shared_keys
        on problems_found.together_key = shared_keys.together_key
    where shared_keys.together_key is null

),

explained as (

    select
        *,
        {{ explained(problems, "first_problem", "problem") }},
        {{ explained(notes, "first_note", "note") }}
    from every_row

),

judged as (

    select
        *,
        case
            when row_status = 'duplicate' then 'copy'
            when row_status = 'superseded' then 'superseded'
            when row_status = 'rejected' then coalesce(problem_code, 'repeats')
        end as reject_code,
        case
            when row_status = 'rejected' then coalesce(problem_column, '{{ column_at_fault }}')
        end as reject_column,
        case
            when row_status = 'rejected' and problem_code is null then {{ column_at_fault }}
            when row_status = 'rejected' then problem_value
        end as reject_value,
        case
            when row_status = 'duplicate' and file_number < newest_file then 'exact copy of a row of a newer file'
            when row_status = 'duplicate' then 'exact copy of an earlier row'
            when row_status = 'superseded' then 'a newer file has this row anew'
            when row_status = 'rejected'
                then coalesce(problem_reason, '{{ identity_words }} repeats an earlier row with other values')
        end as reject_reason
    from explained

)
{%- endmacro %}
