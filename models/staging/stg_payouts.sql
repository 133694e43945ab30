-- Every readable row of the payouts export with its types and what became of it.
with

raw_rows as (select * from {{ ref("raw_payouts") }}),

column_formats as (select * from {{ ref("stg_column_formats") }}),

number_cells as (select * from {{ ref("stg_number_cells") }}),

date_cells as (select * from {{ ref("stg_date_cells") }}),

value_synonyms as (select * from {{ ref("value_synonyms") }}),

influencer_names as (select * from {{ ref("stg_influencer_names") }}),

campaign_names as (select * from {{ ref("stg_campaign_names") }}),

{{ typed_rows("payouts", "payout_id") }},

found as (

    select
        typed.*,
        coalesce(typed.payout_id, concat('payout-', typed.content_key)) as known_payout_id,
        influencer_names.influencer_id as known_influencer_id,
        coalesce(campaign_names.campaign_id, typed.campaign) as known_campaign,
        case
            when typed.rate_unit_text is null and right(typed.rate_text, 1) = '%' then 'percent of revenue'
            else typed.rate_unit
        end as known_rate_unit
    from typed
    left join influencer_names
        on typed.influencer_id = influencer_names.written
    left join campaign_names
        on typed.campaign = campaign_names.written

),

{{ judge_rows(
    "found",
    ["known_payout_id"],
    "payout_id",
    problems=contract_problems("payouts") + [
        is_orphan("influencer_id", "influencer_id", "known_influencer_id"),
        is_other_currency("currency", "currency"),
    ],
    notes=contract_problems("payouts", fatal=false),
    has_id="payout_id is not null",
) }},

judged_rows as (

    select
        file,
        file_number,
        record_number,
        case when has_id or occurrence = 1 then known_payout_id else concat(known_payout_id, '-', occurrence) end as payout_id,
        known_influencer_id as influencer_id,
        known_campaign as campaign,
        basis,
        rate,
        known_rate_unit as rate_unit,
        orders,
        posts,
        total_payout,
        tax_withheld,
        event_date,
        due_date,
        paid_date,
        status,
        status_text,
        product_cost,
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
