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
    no other row shares what rows share that belong together.

    A large table takes the three steps in models of their own, so that its rows stream by: checked_rows() sees a row by itself,
    repeated_rows() only the keys of all and the few rows that share theirs, judged_rows() puts both together. -#}
{% macro judge_rows(rows, identity, identity_words, problems, notes=[], has_id="true", told_apart_by=[], cells=[], together=none) %}
    {%- set column_at_fault = identity_words.split(" ") | first -%}
{{ checked_rows(rows, identity, problems, notes, has_id, told_apart_by, cells, together) }},

{{ repeated_rows("checked") }},

{{ judged_rows("checked", "repeated", identity_words, column_at_fault) }}
{%- endmacro %}

{#- The CTE `checked`: what is wrong with each row by itself, and keys by which it is compared with others. -#}
{% macro checked_rows(rows, identity, problems, notes=[], has_id="true", told_apart_by=[], cells=[], together=none) %}
problems_found as (

    select
        *,
        {{ has_id }} as has_id,
        {{ copy_key(identity) }} as identity_key,
        {{ copy_key([together]) if together else copy_key(identity) }} as together_key,
        {{ copy_key(told_apart_by or ["'alike'"]) }} as told_apart_key,
        {{ copy_key(cells) if cells else "row_hash" }} as cells_key,
        {{ first_problem(problems) }} as first_problem,
        {{ first_problem(notes) }} as first_note
    from {{ rows }}

),

checked as (

    select
        *,
        {{ explained(problems, "first_problem", "problem") }},
        {{ explained(notes, "first_note", "note") }}
    from problems_found

)
{%- endmacro %}

{#- The CTE `repeated`, from a relation with the columns of `checked`: rows that share with others what belongs together, with
    row_status and occurrence. Few do, so that only these few have to be put in order. -#}
{% macro repeated_rows(checked) %}
shared_keys as (

    select together_key
    from {{ checked }}
    group by together_key
    having count(*) > 1

),

sharing as (

    select
        checked.file_number,
        checked.record_number,
        checked.row_hash,
        checked.has_id,
        checked.identity_key,
        checked.told_apart_key,
        checked.cells_key,
        checked.problem_code is null as is_fine
    from {{ checked }} as checked
    inner join shared_keys
        on checked.together_key = shared_keys.together_key

),

copies_counted as (

    select
        *,
        max(case when is_fine then file_number end) over (partition by identity_key) as newest_file,
        row_number() over (
            partition by identity_key, file_number, row_hash
            order by record_number
        ) as copy_number
    from sharing

),

-- Whether the newest file has the very same record.
copies_of_newer as (

    select
        *,
        max(case when file_number = newest_file and is_fine then 1 else 0 end) over (
            partition by identity_key, row_hash
        ) as copies_newer
    from copies_counted

),

standings as (

    select
        *,
        case
            when is_fine and file_number < newest_file and copies_newer = 1 then 'copy'
            when is_fine and file_number < newest_file then 'superseded'
            when copy_number > 1 and has_id then 'copy'
            when not is_fine then 'problem'
            else 'newest'
        end as standing
    from copies_of_newer

),

repeats_counted as (

    select
        *,
        row_number() over (
            partition by identity_key, standing, told_apart_key
            order by record_number
        ) as repeat_number,
        cells_key <> first_value(cells_key) over (
            partition by identity_key, standing, told_apart_key
            order by record_number
        ) as is_other
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

repeated as (

    select
        file_number,
        record_number,
        newest_file,
        row_status,
        row_number() over (
            partition by identity_key, row_status
            order by record_number
        ) as occurrence
    from statuses

)
{%- endmacro %}

{#- The CTE `judged`, from relations with the columns of `checked` and `repeated`.

    value_at_fault: column with what a person would look for where a row repeats an earlier one -#}
{% macro judged_rows(checked, repeated, identity_words, value_at_fault) %}
    {%- set column_at_fault = identity_words.split(" ") | first %}
put_together as (

    select
        checked.*,
        repeated.newest_file,
        repeated.record_number is not null as is_together,
        coalesce(repeated.occurrence, 1) as occurrence,
        coalesce(
            repeated.row_status, case when checked.problem_code is null then 'accepted' else 'rejected' end
        ) as row_status
    from {{ checked }} as checked
    left join {{ repeated }} as repeated
        on checked.file_number = repeated.file_number
        and checked.record_number = repeated.record_number

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
            when row_status = 'rejected' and problem_code is null then {{ value_at_fault }}
            when row_status = 'rejected' then problem_value
        end as reject_value,
        case
            when row_status = 'duplicate' and file_number < newest_file then 'exact copy of a row of a newer file'
            when row_status = 'duplicate' then 'exact copy of an earlier row'
            when row_status = 'superseded' then 'a newer file has this row anew'
            when row_status = 'rejected'
                then coalesce(problem_reason, '{{ identity_words }} repeats an earlier row with other values')
        end as reject_reason
    from put_together

)
{%- endmacro %}
