-- Every readable row of the orders export with its types and what became of it.

with

raw_tracking_data as (select * from {{ ref("raw_tracking_data") }}),

value_synonyms as (select * from {{ ref("value_synonyms") }}),

influencers as (select * from {{ ref("stg_influencers") }}),

campaign_spellings as (select * from {{ ref("stg_campaign_spellings") }}),

products as (select * from {{ ref("stg_products") }}),

-- A product that several brands sell does not tell the brand.
product_brands as (

    select
        lower(product) as product_key,
        min(brand) as brand
    from products
    group by lower(product)
    having count(*) = 1

),

{{ trimmed_rows("raw_tracking_data", [
    "transaction_id", "source", "campaign", "influencer_id", "user_id", "product", "brand", "date", "orders",
    "revenue", "region", "coupon_code", "discount", "status", "returned_date", "is_new_customer",
], "transaction_id") }},

cleaned as (

    select
        file,
        record_number,
        copy_key,
        content_key,
        {{ clean_id("transaction_id") }} as transaction_id,
        {{ clean_text("source") }} as source,
        {{ clean_id("campaign") }} as campaign,
        {{ clean_id("influencer_id") }} as influencer_id,
        {{ clean_id("user_id") }} as user_id,
        {{ clean_id("product") }} as product,
        {{ clean_text("brand") }} as brand,
        {{ clean_text("date") }} as date_text,
        {{ clean_text("orders") }} as orders_text,
        {{ clean_text("revenue") }} as revenue_text,
        {{ clean_text("region") }} as region,
        {{ clean_text("coupon_code") }} as coupon_code,
        {{ clean_text("discount") }} as discount_text,
        {{ clean_text("status") }} as status_text,
        {{ clean_text("returned_date") }} as returned_date_text,
        {{ clean_text("is_new_customer") }} as is_new_customer_text
    from trimmed

),

typed as (

    select
        cleaned.file,
        cleaned.record_number,
        cleaned.copy_key,
        coalesce(cleaned.transaction_id, concat('order-', cleaned.content_key)) as transaction_id,
        cleaned.source,
        coalesce(campaign_spellings.campaign_id, cleaned.campaign) as campaign,
        cleaned.influencer_id,
        influencers.influencer_id as known_influencer_id,
        cleaned.user_id,
        coalesce(cleaned.product, '{{ var("none_member") }}') as product,
        coalesce(cleaned.brand, product_brands.brand) as brand,
        cleaned.date_text,
        {{ parse_date("cleaned.date_text") }} as order_date,
        cleaned.orders_text,
        {{ parse_count("cleaned.orders_text") }} as orders,
        cleaned.revenue_text,
        {{ parse_money("cleaned.revenue_text") }} as revenue,
        cleaned.region,
        upper(cleaned.coupon_code) as coupon_code,
        cleaned.discount_text,
        {{ parse_money("cleaned.discount_text") }} as discount,
        cleaned.status_text,
        statuses.value as status,
        cleaned.returned_date_text,
        {{ parse_date("cleaned.returned_date_text") }} as returned_date,
        cleaned.is_new_customer_text,
        {{ parse_flag("cleaned.is_new_customer_text") }} as is_new_customer
    from cleaned
    left join influencers
        on cleaned.influencer_id = influencers.influencer_id
    left join campaign_spellings
        on lower(cleaned.campaign) = campaign_spellings.spelling
    left join product_brands
        on lower(cleaned.product) = product_brands.product_key
    {{ join_value_synonyms("statuses", "order_status", "cleaned.status_text") }}

),

problems_found as (

    select
        *,
        {{ reject_columns([
            is_empty("source", "source"),
            is_orphan("influencer_id", "influencer_id", "known_influencer_id"),
            is_empty("date", "date_text"),
            is_unreadable("date", "date_text", "order_date", "a date"),
            is_unlikely_date("date", "date_text", "order_date"),
            is_empty("orders", "orders_text"),
            is_unreadable("orders", "orders_text", "orders", "a whole number"),
            is_negative("orders", "orders_text", "orders"),
            is_empty("revenue", "revenue_text"),
            is_unreadable("revenue", "revenue_text", "revenue", "an amount"),
            is_negative("revenue", "revenue_text", "revenue"),
            is_unreadable("discount", "discount_text", "discount", "an amount"),
            is_negative("discount", "discount_text", "discount"),
            is_unreadable("status", "status_text", "status", "an order_status of value_synonyms.csv"),
            is_unreadable("returned_date", "returned_date_text", "returned_date", "a date"),
            is_unreadable("is_new_customer", "is_new_customer_text", "is_new_customer", "yes or no"),
        ]) }}
    from typed

),

{{ judge_rows(["transaction_id", "product"], "transaction_id with product") }},

checked as (

    select
        file,
        record_number,
        transaction_id,
        product,
        source,
        campaign,
        influencer_id,
        user_id,
        brand,
        order_date,
        orders,
        revenue,
        region,
        coupon_code,
        discount,
        status,
        returned_date,
        is_new_customer,
        outcome,
        outcome_column,
        outcome_value,
        outcome_reason
    from judged

)

select * from checked
