-- Every readable row of the campaigns export with its types and what became of it.

with

raw_campaigns as (select * from {{ ref("raw_campaigns") }}),

{{ trimmed_rows("raw_campaigns", ["campaign_id", "name", "brand", "start_date", "end_date", "cooldown_days"]) }},

cleaned as (

    select
        file,
        record_number,
        copy_key,
        {{ clean_id("campaign_id") }} as campaign_id,
        {{ clean_text("name") }} as name,
        {{ clean_text("brand") }} as brand,
        {{ clean_text("start_date") }} as start_date_text,
        {{ clean_text("end_date") }} as end_date_text,
        {{ clean_text("cooldown_days") }} as cooldown_days_text
    from trimmed

),

typed as (

    select
        file,
        record_number,
        copy_key,
        campaign_id,
        coalesce(name, campaign_id) as campaign_name,
        brand,
        start_date_text,
        {{ parse_date("start_date_text") }} as start_date,
        end_date_text,
        {{ parse_date("end_date_text") }} as end_date,
        cooldown_days_text,
        {{ parse_count("cooldown_days_text") }} as cooldown_days
    from cleaned

),

problems_found as (

    select
        *,
        {{ reject_columns([is_empty("campaign_id", "campaign_id")] + are_not_dates(["start_date", "end_date"]) + [
            is_wrong("end_date", "end_date_text", "end_date < start_date", "is before start_date"),
        ] + are_not_counts(["cooldown_days"]) + [
            is_wrong("cooldown_days", "cooldown_days_text", "cooldown_days > 366", "is more than 366"),
        ]) }}
    from typed

),

-- Campaigns are named in any case, so that ids that differ only in case would be one.
{{ judge_rows(["lower(campaign_id)"], "campaign_id") }},

checked as (

    select
        file,
        record_number,
        campaign_id,
        campaign_name,
        brand,
        start_date,
        end_date,
        cooldown_days,
        outcome,
        outcome_column,
        outcome_value,
        outcome_reason
    from judged

)

select * from checked
