-- Every readable row of the export of influencers' keys with its types and what became of it.
with

raw_rows as (select * from {{ ref("raw_influencer_keys") }}),

column_formats as (select * from {{ ref("stg_column_formats") }}),

date_cells as (select * from {{ ref("stg_date_cells") }}),

value_synonyms as (select * from {{ ref("value_synonyms") }}),

influencers as (

    select * from {{ ref("stg_influencers") }}
    where row_status = 'accepted'

),

{{ typed_rows("influencer_keys") }},

influencer_ids as (

    select
        upper(influencer_id) as influencer_key,
        min(influencer_id) as influencer_id
    from influencers
    group by upper(influencer_id)

),

found as (

    select
        typed.*,
        influencer_ids.influencer_id as known_influencer_id
    from typed
    left join influencer_ids
        on upper(typed.influencer_id) = influencer_ids.influencer_key

),

{{ judge_rows(
    "found",
    ["upper(influencer_id)", "coalesce(kind, 'other')", "upper(key)", "valid_from"],
    "influencer_id with kind, key and valid_from",
    problems=contract_problems("influencer_keys") + [
        is_orphan("influencer_id", "influencer_id", "known_influencer_id"),
        is_wrong("valid_to", "valid_to_text", "valid_to < valid_from", "is before valid_from"),
    ],
    notes=contract_problems("influencer_keys", fatal=false),
) }},

judged_rows as (

    select
        file,
        file_number,
        record_number,
        known_influencer_id as influencer_id,
        coalesce(kind, 'other') as kind,
        key,
        valid_from,
        valid_to,
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
