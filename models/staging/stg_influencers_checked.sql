-- Every readable row of the influencers export with its types and what became of it.

with

raw_influencers as (select * from {{ ref("raw_influencers") }}),

value_synonyms as (select * from {{ ref("value_synonyms") }}),

{{ trimmed_rows("raw_influencers", [
    "influencer_id", "name", "platform", "category", "gender", "follower_count", "persona", "language",
    "home_region", "handle", "coupon_codes", "joined_date",
]) }},

cleaned as (

    select
        file,
        record_number,
        copy_key,
        {{ clean_id("influencer_id") }} as influencer_id,
        {{ clean_text("name") }} as name,
        {{ clean_text("platform") }} as platform,
        {{ clean_text("category") }} as category,
        {{ clean_text("gender") }} as gender,
        {{ clean_text("follower_count") }} as follower_count,
        {{ clean_text("persona") }} as persona,
        {{ clean_text("language") }} as language,
        {{ clean_text("home_region") }} as home_region,
        {{ clean_text("handle") }} as handle,
        {{ clean_text("coupon_codes") }} as coupon_codes,
        {{ clean_text("joined_date") }} as joined_date
    from trimmed

),

typed as (

    select
        cleaned.file,
        cleaned.record_number,
        cleaned.copy_key,
        cleaned.influencer_id,
        cleaned.name as influencer_name,
        cleaned.platform as platform_text,
        coalesce(platforms.value, cleaned.platform) as platform,
        cleaned.category,
        coalesce(genders.value, cleaned.gender) as gender,
        cleaned.follower_count as follower_count_text,
        {{ parse_count("cleaned.follower_count") }} as follower_count,
        cleaned.persona,
        cleaned.language,
        cleaned.home_region,
        cleaned.handle,
        cleaned.coupon_codes,
        cleaned.joined_date as joined_date_text,
        {{ parse_date("cleaned.joined_date") }} as joined_date
    from cleaned
    {{ join_value_synonyms("platforms", "platform", "cleaned.platform") }}
    {{ join_value_synonyms("genders", "gender", "cleaned.gender") }}

),

problems_found as (

    select
        *,
        {{ reject_columns([
            is_empty("influencer_id", "influencer_id"),
            is_empty("name", "influencer_name"),
            is_empty("platform", "platform_text"),
            is_unreadable("follower_count", "follower_count_text", "follower_count", "a whole number"),
            is_negative("follower_count", "follower_count_text", "follower_count"),
            is_unreadable("joined_date", "joined_date_text", "joined_date", "a date"),
        ]) }}
    from typed

),

{{ judge_rows(["influencer_id"], "influencer_id") }},

checked as (

    select
        file,
        record_number,
        influencer_id,
        influencer_name,
        platform,
        category,
        gender,
        follower_count,
        persona,
        language,
        home_region,
        handle,
        coupon_codes,
        joined_date,
        outcome,
        outcome_column,
        outcome_value,
        outcome_reason
    from judged

)

select * from checked
