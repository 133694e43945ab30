-- Every readable row of the export of geo tests' figures with its types and what became of it. Geos without assignment are left
-- out on purpose, so that their rows are as good as others.
with

raw_rows as (select * from {{ ref("raw_geo_panel") }}),

column_formats as (select * from {{ ref("stg_column_formats") }}),

number_cells as (select * from {{ ref("stg_number_cells") }}),

date_cells as (select * from {{ ref("stg_date_cells") }}),

experiments as (

    select * from {{ ref("stg_geo_experiments") }}
    where row_status = 'accepted'

),

{{ typed_rows("geo_panel") }},

found as (

    select
        typed.*,
        experiments.experiment_id as known_experiment_id
    from typed
    left join experiments
        on typed.experiment_id = experiments.experiment_id

),

{{ judge_rows(
    "found",
    ["experiment_id", "lower(geo)", "date"],
    "experiment_id with geo and date",
    problems=contract_problems("geo_panel") + [is_orphan("experiment_id", "experiment_id", "known_experiment_id", "experiments")],
    notes=contract_problems("geo_panel", fatal=false),
) }},

judged_rows as (

    select
        file,
        file_number,
        record_number,
        experiment_id,
        geo,
        date as date_day,
        response,
        cost,
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
