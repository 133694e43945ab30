-- Every readable row of the posts export with its types and what became of it.
{%- set metrics = ["reach", "impressions", "likes", "comments", "shares", "saves", "clicks"] %}

with

raw_posts as (select * from {{ ref("raw_posts") }}),

value_synonyms as (select * from {{ ref("value_synonyms") }}),

influencers as (select * from {{ ref("stg_influencers") }}),

campaign_spellings as (select * from {{ ref("stg_campaign_spellings") }}),

{{ trimmed_rows("raw_posts", [
    "post_id", "influencer_id", "platform", "date", "url", "caption", "reach", "impressions", "likes", "comments",
    "shares", "saves", "clicks", "post_type", "campaign", "brand",
], "post_id") }},

cleaned as (

    select
        file,
        record_number,
        copy_key,
        content_key,
        {{ clean_id("post_id") }} as post_id,
        {{ clean_id("influencer_id") }} as influencer_id,
        {{ clean_text("platform") }} as platform,
        {{ clean_text("date") }} as date_text,
        {{ clean_text("url") }} as url,
        {{ clean_text("caption") }} as caption,
        {{ clean_text("reach") }} as reach_text,
        {{ clean_text("impressions") }} as impressions_text,
        {{ clean_text("likes") }} as likes_text,
        {{ clean_text("comments") }} as comments_text,
        {{ clean_text("shares") }} as shares_text,
        {{ clean_text("saves") }} as saves_text,
        {{ clean_text("clicks") }} as clicks_text,
        {{ clean_text("post_type") }} as post_type,
        {{ clean_id("campaign") }} as campaign,
        {{ clean_text("brand") }} as brand
    from trimmed

),

typed as (

    select
        cleaned.file,
        cleaned.record_number,
        cleaned.copy_key,
        coalesce(cleaned.post_id, concat('post-', cleaned.content_key)) as post_id,
        cleaned.influencer_id,
        influencers.influencer_id as known_influencer_id,
        coalesce(platforms.value, cleaned.platform, influencers.platform) as platform,
        cleaned.date_text,
        {{ parse_date("cleaned.date_text") }} as post_date,
        cleaned.url,
        cleaned.caption,
        {%- for metric in metrics %}
        cleaned.{{ metric }}_text,
        {{ parse_count("cleaned." ~ metric ~ "_text") }} as {{ metric }},
        {%- endfor %}
        cleaned.post_type,
        coalesce(campaign_spellings.campaign_id, cleaned.campaign) as campaign,
        cleaned.brand
    from cleaned
    left join influencers
        on cleaned.influencer_id = influencers.influencer_id
    left join campaign_spellings
        on lower(cleaned.campaign) = campaign_spellings.spelling
    {{ join_value_synonyms("platforms", "platform", "cleaned.platform") }}

),

problems_found as (

    select
        *,
        {{ reject_columns([
            is_empty("influencer_id", "influencer_id"),
            is_orphan("influencer_id", "influencer_id", "known_influencer_id"),
            is_empty("date", "date_text"),
            is_unreadable("date", "date_text", "post_date", "a date"),
            is_unlikely_date("date", "date_text", "post_date"),
        ] + are_not_counts(metrics)) }}
    from typed

),

{{ judge_rows(["post_id"], "post_id") }},

checked as (

    select
        file,
        record_number,
        post_id,
        influencer_id,
        platform,
        post_date,
        url,
        caption,
        reach,
        impressions,
        likes,
        comments,
        shares,
        saves,
        clicks,
        post_type,
        campaign,
        brand,
        outcome,
        outcome_column,
        outcome_value,
        outcome_reason
    from judged

)

select * from checked
