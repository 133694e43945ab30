-- Every readable row of the regions export with its types and what became of it.
with

raw_rows as (select * from {{ ref("raw_regions") }}),

column_formats as (select * from {{ ref("stg_column_formats") }}),

number_cells as (select * from {{ ref("stg_number_cells") }}),

region_names as (select * from {{ ref("stg_region_names") }}),

{{ typed_rows("regions") }},

named as (

    select
        typed.*,
        coalesce(region_names.region, typed.region) as known_region
    from typed
    left join region_names
        on typed.region = region_names.written

),

{{ judge_rows(
    "named",
    ["known_region"],
    "region",
    problems=contract_problems("regions"),
    notes=contract_problems("regions", fatal=false),
) }},

judged_rows as (

    select
        file,
        file_number,
        record_number,
        known_region as region,
        population,
        language,
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
