-- Every readable row of the influencers export with its types and what became of it. An influencer may have a row for each
-- platform; the first is the main one.
with

raw_rows as (select * from {{ ref("raw_influencers") }}),

column_formats as (select * from {{ ref("stg_column_formats") }}),

number_cells as (select * from {{ ref("stg_number_cells") }}),

date_cells as (select * from {{ ref("stg_date_cells") }}),

value_synonyms as (select * from {{ ref("value_synonyms") }}),

region_names as (select * from {{ ref("stg_region_names") }}),

{{ typed_rows("influencers") }},

named as (

    select
        typed.*,
        -- Ids are compared in any case, and shown in one.
        min(typed.influencer_id) over (
            partition by lower(typed.influencer_id)
        ) as known_influencer_id,
        coalesce(typed.name, typed.influencer_id) as influencer_name,
        coalesce(typed.platform, 'Unknown') as known_platform,
        coalesce(region_names.region, typed.home_region) as known_region
    from typed
    left join region_names
        on typed.home_region = region_names.written

),

{{ judge_rows(
    "named",
    ["known_influencer_id", "lower(known_platform)"],
    "influencer_id with platform",
    problems=contract_problems("influencers"),
    notes=contract_problems("influencers", fatal=false),
) }},

judged_rows as (

    select
        file,
        file_number,
        record_number,
        known_influencer_id as influencer_id,
        influencer_name,
        known_platform as platform,
        category,
        gender,
        follower_count,
        persona,
        language,
        known_region as home_region,
        handle,
        coupon_codes,
        joined_date,
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
