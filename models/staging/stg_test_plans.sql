-- Every readable row of the export of plans of tests with its types and what became of it. Of two plans of one campaign in a file
-- the first counts.
with

raw_rows as (select * from {{ ref("raw_test_plans") }}),

column_formats as (select * from {{ ref("stg_column_formats") }}),

number_cells as (select * from {{ ref("stg_number_cells") }}),

date_cells as (select * from {{ ref("stg_date_cells") }}),

campaign_names as (select * from {{ ref("stg_campaign_names") }}),

{{ typed_rows("test_plans") }},

named as (

    select
        typed.*,
        coalesce(campaign_names.campaign_id, typed.campaign_id) as known_campaign_id
    from typed
    left join campaign_names
        on typed.campaign_id = campaign_names.written

),

{{ judge_rows(
    "named",
    ["known_campaign_id"],
    "campaign_id",
    problems=contract_problems("test_plans") + [
        is_wrong("end_date", "end_date_text", "end_date < start_date", "is before start_date"),
        is_wrong("stop_date", "stop_date_text", "stop_date < end_date", "is before end_date"),
        is_wrong(
            "prob_found_profitable", "prob_found_profitable_text", "prob_found_profitable > 1", "is more than 1", code="out_of_range"
        ),
        is_wrong(
            "prob_found_unprofitable", "prob_found_unprofitable_text", "prob_found_unprofitable > 1", "is more than 1",
            code="out_of_range"
        ),
    ],
    notes=contract_problems("test_plans", fatal=false),
) }},

-- campaign_written is what the text of the plan has, whatever campaign that is.
judged_rows as (

    select
        file,
        file_number,
        record_number,
        known_campaign_id as campaign_id,
        campaign_id as campaign_written,
        brand,
        start_date,
        end_date,
        stop_date,
        treated_regions,
        control_regions,
        method,
        break_even_roas,
        budget,
        revenue_se,
        minimum_detectable_revenue,
        prob_found_profitable,
        prob_found_unprofitable,
        data_until,
        plan_hash,
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
