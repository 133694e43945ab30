-- Every readable row of the export of campaigns' regions with its types and what became of it.
with

raw_rows as (select * from {{ ref("raw_campaign_regions") }}),

column_formats as (select * from {{ ref("stg_column_formats") }}),

value_synonyms as (select * from {{ ref("value_synonyms") }}),

campaign_names as (select * from {{ ref("stg_campaign_names") }}),

region_names as (select * from {{ ref("stg_region_names") }}),

{{ typed_rows("campaign_regions") }},

named as (

    select
        typed.*,
        coalesce(campaign_names.campaign_id, typed.campaign_id) as known_campaign_id,
        coalesce(region_names.region, typed.region) as known_region
    from typed
    left join campaign_names
        on typed.campaign_id = campaign_names.written
    left join region_names
        on typed.region = region_names.written

),

-- No one can tell which of two roles is meant, so that rows of a file that contradict each other are all rejected.
with_roles as (

    select
        *,
        min(role) over (
            partition by file, known_campaign_id, known_region
        ) as first_role,
        max(role) over (
            partition by file, known_campaign_id, known_region
        ) as last_role
    from named

),

{{ judge_rows(
    "with_roles",
    ["known_campaign_id", "known_region"],
    "campaign_id with region",
    problems=contract_problems("campaign_regions") + [
        is_wrong("role", "role_text", "first_role <> last_role", "is one of two roles of the region in the campaign"),
    ],
    notes=contract_problems("campaign_regions", fatal=false),
) }},

judged_rows as (

    select
        file,
        file_number,
        record_number,
        known_campaign_id as campaign_id,
        known_region as region,
        role,
        pair,
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
