-- Every readable row of the payouts export with its types and what became of it.

with

raw_payouts as (select * from {{ ref("raw_payouts") }}),

value_synonyms as (select * from {{ ref("value_synonyms") }}),

influencers as (select * from {{ ref("stg_influencers") }}),

campaign_spellings as (select * from {{ ref("stg_campaign_spellings") }}),

{{ trimmed_rows("raw_payouts", [
    "payout_id", "influencer_id", "campaign", "basis", "rate", "rate_unit", "orders", "posts", "total_payout",
    "event_date", "due_date", "paid_date", "status", "product_cost",
], "payout_id") }},

cleaned as (

    select
        file,
        record_number,
        copy_key,
        content_key,
        {{ clean_id("payout_id") }} as payout_id,
        {{ clean_id("influencer_id") }} as influencer_id,
        {{ clean_id("campaign") }} as campaign,
        {{ clean_text("basis") }} as basis_text,
        {{ clean_text("rate") }} as rate_text,
        {{ clean_text("rate_unit") }} as rate_unit_text,
        {{ clean_text("orders") }} as orders_text,
        {{ clean_text("posts") }} as posts_text,
        {{ clean_text("total_payout") }} as total_payout_text,
        {{ clean_text("event_date") }} as event_date_text,
        {{ clean_text("due_date") }} as due_date_text,
        {{ clean_text("paid_date") }} as paid_date_text,
        {{ clean_text("status") }} as status_text,
        {{ clean_text("product_cost") }} as product_cost_text
    from trimmed

),

typed as (

    select
        cleaned.file,
        cleaned.record_number,
        cleaned.copy_key,
        coalesce(cleaned.payout_id, concat('payout-', cleaned.content_key)) as payout_id,
        cleaned.influencer_id,
        influencers.influencer_id as known_influencer_id,
        coalesce(campaign_spellings.campaign_id, cleaned.campaign) as campaign,
        cleaned.basis_text,
        bases.value as basis,
        cleaned.rate_text,
        {{ parse_number("replace(cleaned.rate_text, '%', '')") }} as rate,
        cleaned.rate_unit_text,
        case
            when cleaned.rate_unit_text is null and right(cleaned.rate_text, 1) = '%' then 'percent of revenue'
            else units.value
        end as rate_unit,
        cleaned.orders_text,
        {{ parse_count("cleaned.orders_text") }} as orders,
        cleaned.posts_text,
        {{ parse_count("cleaned.posts_text") }} as posts,
        cleaned.total_payout_text,
        {{ parse_money("cleaned.total_payout_text") }} as total_payout,
        cleaned.event_date_text,
        {{ parse_date("cleaned.event_date_text") }} as event_date,
        cleaned.due_date_text,
        {{ parse_date("cleaned.due_date_text") }} as due_date,
        cleaned.paid_date_text,
        {{ parse_date("cleaned.paid_date_text") }} as paid_date,
        cleaned.status_text,
        statuses.value as status,
        cleaned.product_cost_text,
        {{ parse_money("cleaned.product_cost_text") }} as product_cost
    from cleaned
    left join influencers
        on cleaned.influencer_id = influencers.influencer_id
    left join campaign_spellings
        on lower(cleaned.campaign) = campaign_spellings.spelling
    {{ join_value_synonyms("bases", "payout_basis", "cleaned.basis_text") }}
    {{ join_value_synonyms("units", "rate_unit", "cleaned.rate_unit_text") }}
    {{ join_value_synonyms("statuses", "payout_status", "cleaned.status_text") }}

),

problems_found as (

    select
        *,
        {{ reject_columns([
            is_empty("influencer_id", "influencer_id"),
            is_orphan("influencer_id", "influencer_id", "known_influencer_id"),
            is_empty("basis", "basis_text"),
            is_unreadable("basis", "basis_text", "basis", "a payout_basis of value_synonyms.csv"),
            is_unreadable("rate", "rate_text", "rate", "a number"),
            is_negative("rate", "rate_text", "rate"),
            is_unreadable("rate_unit", "rate_unit_text", "rate_unit", "a rate_unit of value_synonyms.csv"),
            is_unreadable("orders", "orders_text", "orders", "a whole number"),
            is_negative("orders", "orders_text", "orders"),
            is_unreadable("posts", "posts_text", "posts", "a whole number"),
            is_negative("posts", "posts_text", "posts"),
            is_empty("total_payout", "total_payout_text"),
            is_unreadable("total_payout", "total_payout_text", "total_payout", "an amount"),
            is_negative("total_payout", "total_payout_text", "total_payout"),
            is_unreadable("event_date", "event_date_text", "event_date", "a date"),
            is_unlikely_date("event_date", "event_date_text", "event_date"),
            is_unreadable("due_date", "due_date_text", "due_date", "a date"),
            is_unreadable("paid_date", "paid_date_text", "paid_date", "a date"),
            is_unreadable("status", "status_text", "status", "a payout_status of value_synonyms.csv"),
            is_unreadable("product_cost", "product_cost_text", "product_cost", "an amount"),
            is_negative("product_cost", "product_cost_text", "product_cost"),
        ]) }}
    from typed

),

{{ judge_rows(["payout_id"], "payout_id") }},

checked as (

    select
        file,
        record_number,
        payout_id,
        influencer_id,
        campaign,
        basis,
        rate,
        rate_unit,
        orders,
        posts,
        total_payout,
        event_date,
        due_date,
        paid_date,
        status,
        product_cost,
        outcome,
        outcome_column,
        outcome_value,
        outcome_reason
    from judged

)

select * from checked
