-- Every readable row of the regions export with its types and what became of it.

with

raw_regions as (select * from {{ ref("raw_regions") }}),

{{ trimmed_rows("raw_regions", ["region", "population", "language"]) }},

cleaned as (

    select
        file,
        record_number,
        copy_key,
        {{ clean_text("region") }} as region,
        {{ clean_text("population") }} as population_text,
        {{ clean_text("language") }} as language
    from trimmed

),

typed as (

    select
        file,
        record_number,
        copy_key,
        region,
        population_text,
        {{ parse_count("population_text") }} as population,
        language
    from cleaned

),

problems_found as (

    select
        *,
        {{ reject_columns([is_empty("region", "region")] + are_not_counts(["population"])) }}
    from typed

),

{{ judge_rows(["lower(region)"], "region") }},

checked as (

    select
        file,
        record_number,
        region,
        population,
        language,
        outcome,
        outcome_column,
        outcome_value,
        outcome_reason
    from judged

)

select * from checked
