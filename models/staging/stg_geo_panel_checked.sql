-- Every readable row of the export of geo tests' figures with its types and what became of it. Geos without assignment are left
-- out on purpose, so that their rows are as good as others.

with

raw_geo_panel as (select * from {{ ref("raw_geo_panel") }}),

experiments as (select * from {{ ref("stg_geo_experiments") }}),

{{ trimmed_rows("raw_geo_panel", ["experiment_id", "geo", "date", "response", "cost"]) }},

cleaned as (

    select
        file,
        record_number,
        copy_key,
        {{ clean_id("experiment_id") }} as experiment_id,
        {{ clean_id("geo") }} as geo,
        {{ clean_text("date") }} as date_text,
        {{ clean_text("response") }} as response_text,
        {{ clean_text("cost") }} as cost_text
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
        cleaned.date_text,
        {{ parse_date("cleaned.date_text") }} as date_day,
        cleaned.response_text,
        {{ parse_figure("cleaned.response_text") }} as response,
        cleaned.cost_text,
        {{ parse_figure("cleaned.cost_text") }} as cost
    from cleaned
    left join experiments
        on cleaned.experiment_id = experiments.experiment_id

),

problems_found as (

    select
        *,
        {{ reject_columns([
            is_empty("experiment_id", "experiment_id"),
            is_orphan("experiment_id", "experiment_id", "known_experiment_id", "experiments"),
            is_empty("geo", "geo"),
            is_empty("date", "date_text"),
            is_unreadable("date", "date_text", "date_day", "a date"),
            is_unlikely_date("date", "date_text", "date_day"),
            is_empty("response", "response_text"),
            is_unreadable("response", "response_text", "response", "a number"),
            is_unreadable("cost", "cost_text", "cost", "a number"),
        ]) }}
    from typed

),

{{ judge_rows(["experiment_id", "lower(geo)", "date_day"], "experiment_id with geo and date") }},

checked as (

    select
        file,
        record_number,
        experiment_id,
        geo,
        date_day,
        response,
        cost,
        outcome,
        outcome_column,
        outcome_value,
        outcome_reason
    from judged

)

select * from checked
