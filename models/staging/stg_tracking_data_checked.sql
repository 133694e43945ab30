-- Every readable row of the orders export with its types and what is wrong with it by itself. A row below zero that names an
-- order is money given back of this order, on the order's day. Rows stream by here; none is kept to be compared with another.

with

raw_rows as (select * from {{ ref("raw_tracking_data") }}),

column_formats as (select * from {{ ref("stg_column_formats") }}),

number_cells as (select * from {{ ref("stg_number_cells") }}),

date_cells as (select * from {{ ref("stg_date_cells") }}),

value_synonyms as (select * from {{ ref("value_synonyms") }}),

influencer_names as (select * from {{ ref("stg_influencer_names") }}),

campaign_names as (select * from {{ ref("stg_campaign_names") }}),

brand_names as (select * from {{ ref("stg_brand_names") }}),

product_names as (select * from {{ ref("stg_product_names") }}),

region_names as (select * from {{ ref("stg_region_names") }}),

products as (

    select * from {{ ref("stg_products") }}
    where row_status = 'accepted'

),

refunded_orders as (select * from {{ ref("stg_refunded_orders") }}),

{{ typed_rows("tracking_data", "transaction_id") }},

-- A product that several brands sell does not tell the brand.
product_brands as (

    select
        product,
        min(brand) as brand
    from products
    group by product
    having count(*) = 1

),

with_refunds as (

    select
        typed.file,
        typed.file_number,
        typed.record_number,
        typed.row_hash,
        typed.content_key,
        refunded_orders.transaction_id is not null as is_refund,
        typed.transaction_id as own_transaction_id,
        coalesce(refunded_orders.transaction_id, typed.transaction_id) as transaction_id,
        typed.line_id,
        typed.currency,
        coalesce(typed.source, refunded_orders.source) as source,
        coalesce(typed.medium, refunded_orders.medium) as medium,
        coalesce(typed.campaign, refunded_orders.campaign) as campaign,
        coalesce(typed.influencer_id, refunded_orders.influencer_id) as influencer_id,
        typed.user_id,
        coalesce(typed.product, refunded_orders.product) as product,
        coalesce(typed.brand, refunded_orders.brand) as brand,
        typed.date_text,
        coalesce(refunded_orders.date, typed.date) as date,
        case when refunded_orders.transaction_id is null then typed.orders_text else '0' end as orders_text,
        case when refunded_orders.transaction_id is null then typed.orders else 0 end as orders,
        -- A cancelled order may have no amount.
        coalesce(typed.revenue_text, case when typed.status = 'cancelled' then '0' end) as revenue_text,
        coalesce(
            typed.revenue, case when typed.status = 'cancelled' and typed.revenue_text is null then 0 end
        ) as revenue,
        coalesce(typed.region, refunded_orders.region) as region,
        coalesce(typed.coupon_code, refunded_orders.coupon_code) as coupon_code,
        typed.discount_text,
        -- Some shops write what is taken off as a number below zero.
        abs(typed.discount) as discount,
        typed.refunded_amount_text,
        case
            when refunded_orders.transaction_id is not null
                then least(abs(typed.revenue), refunded_orders.revenue)
            else abs(typed.refunded_amount)
        end as refunded_amount,
        typed.status_text,
        typed.status,
        typed.returned_date_text,
        typed.returned_date,
        typed.is_new_customer_text,
        typed.is_new_customer
    from typed
    left join refunded_orders
        on typed.transaction_id = refunded_orders.refund_id
        and typed.revenue < 0

),

found as (

    select
        with_refunds.*,
        coalesce(with_refunds.transaction_id, concat('order-', with_refunds.content_key)) as known_transaction_id,
        coalesce(product_names.product, with_refunds.product, '{{ var("none_member") }}') as known_product,
        coalesce(brand_names.brand, product_brands.brand) as known_brand,
        coalesce(campaign_names.campaign_id, with_refunds.campaign) as known_campaign,
        influencer_names.influencer_id as known_influencer_id,
        coalesce(region_names.region, with_refunds.region) as known_region
    from with_refunds
    left join product_names
        on with_refunds.product = product_names.written
    left join product_brands
        on product_names.product = product_brands.product
    left join brand_names
        on with_refunds.brand = brand_names.written
    left join campaign_names
        on with_refunds.campaign = campaign_names.written
    left join influencer_names
        on with_refunds.influencer_id = influencer_names.written
    left join region_names
        on with_refunds.region = region_names.written

),

-- What tells the lines of an order apart: their id, else the product.
with_line as (

    select
        *,
        case
            when is_refund
                then concat_ws(' ', 'refund', coalesce(line_id, known_product), own_transaction_id, date_text)
            when line_id is not null then concat('line ', line_id)
            else known_product
        end as line_key
    from found

),

{{ checked_rows(
    "with_line",
    ["known_transaction_id", "line_key"],
    problems=contract_problems("tracking_data") + [
        is_wrong("revenue", "revenue_text", "revenue < 0 and not is_refund", "is negative", code="negative"),
        is_other_currency("currency", "currency"),
    ],
    notes=contract_problems("tracking_data", fatal=false) + [
        is_wrong("influencer_id", "influencer_id", "influencer_id is not null and known_influencer_id is null",
            "is not among the accepted influencers", code="not_found"),
        is_wrong("returned_date", "returned_date_text", "returned_date < date", "is before the order", code="early_return"),
        is_wrong("revenue", "revenue_text", "is_refund", "is money given back of an order", code="refund_row"),
    ],
    has_id="transaction_id is not null",
    together="known_transaction_id",
    cells=cells_of("tracking_data") + ["case when line_id is not null then record_number end"],
    told_apart_by=["case when line_id is null then revenue end", "case when line_id is null then discount end", "case when line_id is null then orders end"],
) }},

renamed as (

    select
        file,
        file_number,
        record_number,
        row_hash,
        has_id,
        identity_key,
        together_key,
        told_apart_key,
        cells_key,
        is_refund,
        known_transaction_id as transaction_id,
        line_key as line_id,
        known_product as product,
        source,
        medium,
        known_campaign as campaign,
        influencer_id as influencer_text,
        known_influencer_id as influencer_id,
        user_id,
        known_brand as brand,
        date as order_date,
        orders,
        revenue,
        known_region as region,
        coupon_code,
        discount,
        refunded_amount,
        status,
        status_text,
        returned_date,
        is_new_customer,
        problem_code,
        problem_column,
        problem_value,
        problem_reason,
        note_code,
        note_column,
        note_value,
        note_reason
    from checked

)

select * from renamed
