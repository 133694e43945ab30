-- Every readable row of the export of geo tests' geos with its types and what became of it.

with

raw_geo_assignments as (select * from {{ ref("raw_geo_assignments") }}),

value_synonyms as (select * from {{ ref("value_synonyms") }}),

experiments as (select * from {{ ref("stg_geo_experiments") }}),

{{ trimmed_rows("raw_geo_assignments", ["experiment_id", "geo", "assignment", "pair"]) }},

cleaned as (

    select
        file,
        record_number,
        copy_key,
        {{ clean_id("experiment_id") }} as experiment_id,
        {{ clean_id("geo") }} as geo,
        {{ clean_text("assignment") }} as assignment_text,
        {{ clean_id("pair") }} as pair
    from trimmed

),

typed as (

    select
        cleaned.file,
        cleaned.record_number,
        cleaned.copy_key,
        cleaned.experiment_id,
        experiments.experiment_id as known_experiment_id,
        cleaned.geo,
        cleaned.assignment_text,
        assignments.value as assignment,
        cleaned.pair
    from cleaned
    left join experiments
        on cleaned.experiment_id = experiments.experiment_id
    {{ join_value_synonyms("assignments", "assignment", "cleaned.assignment_text") }}

),

-- Nobody can tell which of two assignments is meant, so that rows that contradict each other are all rejected.
with_assignments as (

    select
        *,
        min(assignment) over (
            partition by experiment_id, lower(geo)
        ) as first_assignment,
        max(assignment) over (
            partition by experiment_id, lower(geo)
        ) as last_assignment
    from typed

),

problems_found as (

    select
        *,
        {{ reject_columns([
            is_empty("experiment_id", "experiment_id"),
            is_orphan("experiment_id", "experiment_id", "known_experiment_id", "experiments"),
            is_empty("geo", "geo"),
            is_empty("assignment", "assignment_text"),
            is_unreadable("assignment", "assignment_text", "assignment", "an assignment of value_synonyms.csv"),
            is_wrong(
                "assignment", "assignment_text", "first_assignment <> last_assignment",
                "is one of two assignments of the geo in the experiment",
            ),
        ]) }}
    from with_assignments

),

{{ judge_rows(["experiment_id", "lower(geo)"], "experiment_id with geo") }},

checked as (

    select
        file,
        record_number,
        experiment_id,
        geo,
        assignment,
        pair,
        outcome,
        outcome_column,
        outcome_value,
        outcome_reason
    from judged

)

select * from checked
