-- Every readable row of the posts export with its types and what became of it.
with

raw_rows as (select * from {{ ref("raw_posts") }}),

column_formats as (select * from {{ ref("stg_column_formats") }}),

number_cells as (select * from {{ ref("stg_number_cells") }}),

date_cells as (select * from {{ ref("stg_date_cells") }}),

value_synonyms as (select * from {{ ref("value_synonyms") }}),

influencers as (

    select * from {{ ref("stg_influencers") }}
    where row_status = 'accepted'

),

influencer_names as (select * from {{ ref("stg_influencer_names") }}),

campaign_names as (select * from {{ ref("stg_campaign_names") }}),

brand_names as (select * from {{ ref("stg_brand_names") }}),

{{ typed_rows("posts", "post_id") }},

-- The platform of an influencer who has only one.
platforms as (

    select
        influencer_id,
        min(platform) as platform
    from influencers
    group by influencer_id
    having count(distinct platform) = 1

),

found as (

    select
        typed.*,
        coalesce(typed.post_id, concat('post-', typed.content_key)) as known_post_id,
        coalesce(typed.influencer_id, typed.handle) as account,
        coalesce(by_id.influencer_id, by_handle.influencer_id) as known_influencer_id,
        coalesce(campaign_names.campaign_id, typed.campaign) as known_campaign,
        brand_names.brand as known_brand
    from typed
    left join influencer_names as by_id
        on typed.influencer_id = by_id.written
    left join influencer_names as by_handle
        on typed.handle = by_handle.written
    left join campaign_names
        on typed.campaign = campaign_names.written
    left join brand_names
        on typed.brand = brand_names.written

),

with_platform as (

    select
        found.*,
        coalesce(found.platform, platforms.platform) as known_platform
    from found
    left join platforms
        on found.known_influencer_id = platforms.influencer_id

),

{{ judge_rows(
    "with_platform",
    ["known_post_id"],
    "post_id",
    problems=contract_problems("posts") + [
        is_empty("influencer_id", "account"),
        is_orphan("influencer_id", "account", "known_influencer_id"),
    ],
    notes=contract_problems("posts", fatal=false),
    has_id="post_id is not null",
) }},

judged_rows as (

    select
        file,
        file_number,
        record_number,
        case when has_id or occurrence = 1 then known_post_id else concat(known_post_id, '-', occurrence) end as post_id,
        known_influencer_id as influencer_id,
        known_platform as platform,
        date as post_date,
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
        known_campaign as campaign,
        known_brand as brand,
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
