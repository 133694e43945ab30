-- Every readable row of the campaigns export with its types and what became of it.
with

raw_rows as (select * from {{ ref("raw_campaigns") }}),

column_formats as (select * from {{ ref("stg_column_formats") }}),

number_cells as (select * from {{ ref("stg_number_cells") }}),

date_cells as (select * from {{ ref("stg_date_cells") }}),

brand_names as (select * from {{ ref("stg_brand_names") }}),

{{ typed_rows("campaigns") }},

named as (

    select
        typed.*,
        coalesce(typed.name, typed.campaign_id) as campaign_name,
        brand_names.brand as known_brand
    from typed
    left join brand_names
        on typed.brand = brand_names.written

),

{{ judge_rows(
    "named",
    ["lower(campaign_id)"],
    "campaign_id",
    problems=contract_problems("campaigns") + [
        is_wrong("end_date", "end_date_text", "end_date < start_date", "is before start_date"),
        is_wrong("cooldown_days", "cooldown_days_text", "cooldown_days > 366", "is more than 366", code="out_of_range"),
    ],
    notes=contract_problems("campaigns", fatal=false),
) }},

judged_rows as (

    select
        file,
        file_number,
        record_number,
        campaign_id,
        campaign_name,
        known_brand as brand,
        start_date,
        end_date,
        cooldown_days,
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
