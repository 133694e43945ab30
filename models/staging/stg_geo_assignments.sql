-- Every readable row of the export of geo tests' geos with its types and what became of it.
with

raw_rows as (select * from {{ ref("raw_geo_assignments") }}),

column_formats as (select * from {{ ref("stg_column_formats") }}),

value_synonyms as (select * from {{ ref("value_synonyms") }}),

experiments as (

    select * from {{ ref("stg_geo_experiments") }}
    where row_status = 'accepted'

),

{{ typed_rows("geo_assignments") }},

found as (

    select
        typed.*,
        experiments.experiment_id as known_experiment_id
    from typed
    left join experiments
        on typed.experiment_id = experiments.experiment_id

),

-- No one can tell which of two assignments is meant, so that rows of a file that contradict each other are all rejected.
with_assignments as (

    select
        *,
        min(assignment) over (
            partition by file, experiment_id, lower(geo)
        ) as first_assignment,
        max(assignment) over (
            partition by file, experiment_id, lower(geo)
        ) as last_assignment
    from found

),

{{ judge_rows(
    "with_assignments",
    ["experiment_id", "lower(geo)"],
    "experiment_id with geo",
    problems=contract_problems("geo_assignments") + [
        is_orphan("experiment_id", "experiment_id", "known_experiment_id", "experiments"),
        is_wrong(
            "assignment", "assignment_text", "first_assignment <> last_assignment",
            "is one of two assignments of the geo in the experiment",
        ),
    ],
    notes=contract_problems("geo_assignments", fatal=false),
) }},

judged_rows as (

    select
        file,
        file_number,
        record_number,
        experiment_id,
        geo,
        assignment,
        pair,
        row_status,
        reject_code,
        reject_column,
        reject_value,
        reject_reason,
        note_code,
        note_column,
        note_value,
        note_reason
    from judged

)

select * from judged_rows
