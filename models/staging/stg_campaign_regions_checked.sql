-- Every readable row of the export of campaigns' regions with its types and what became of it.

with

raw_campaign_regions as (select * from {{ ref("raw_campaign_regions") }}),

value_synonyms as (select * from {{ ref("value_synonyms") }}),

campaign_spellings as (select * from {{ ref("stg_campaign_spellings") }}),

{{ trimmed_rows("raw_campaign_regions", ["campaign_id", "region", "role", "pair"]) }},

cleaned as (

    select
        file,
        record_number,
        copy_key,
        {{ clean_id("campaign_id") }} as campaign_id,
        {{ clean_text("region") }} as region,
        {{ clean_text("role") }} as role_text,
        {{ clean_id("pair") }} as pair
    from trimmed

),

typed as (

    select
        cleaned.file,
        cleaned.record_number,
        cleaned.copy_key,
        coalesce(campaign_spellings.campaign_id, cleaned.campaign_id) as campaign_id,
        cleaned.region,
        cleaned.role_text,
        roles.value as role,
        cleaned.pair
    from cleaned
    left join campaign_spellings
        on lower(cleaned.campaign_id) = campaign_spellings.spelling
    {{ join_value_synonyms("roles", "region_role", "cleaned.role_text") }}

),

-- Nobody can tell which of two roles is meant, so that rows that contradict each other are all rejected.
with_roles as (

    select
        *,
        min(role) over (
            partition by campaign_id, lower(region)
        ) as first_role,
        max(role) over (
            partition by campaign_id, lower(region)
        ) as last_role
    from typed

),

problems_found as (

    select
        *,
        {{ reject_columns([
            is_empty("campaign_id", "campaign_id"),
            is_empty("region", "region"),
            is_empty("role", "role_text"),
            is_unreadable("role", "role_text", "role", "a region_role of value_synonyms.csv"),
            is_wrong("role", "role_text", "first_role <> last_role", "is one of two roles of the region in the campaign"),
        ]) }}
    from with_roles

),

{{ judge_rows(["campaign_id", "lower(region)"], "campaign_id with region") }},

checked as (

    select
        file,
        record_number,
        campaign_id,
        region,
        role,
        pair,
        outcome,
        outcome_column,
        outcome_value,
        outcome_reason
    from judged

)

select * from checked
