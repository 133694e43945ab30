{{ config(materialized="view") }}
-- Every readable row of the orders export with its types and what became of it.

with

checked as (select * from {{ ref("stg_tracking_data_checked") }}),

repeated as (select * from {{ ref("stg_tracking_data_repeated") }}),

{{ judged_rows("checked", "repeated", "transaction_id with line_id or product", "transaction_id") }},

numbered as (

    select
        file,
        file_number,
        record_number,
        is_refund,
        is_together,
        case when has_id or occurrence = 1 then transaction_id else concat(transaction_id, '-', occurrence) end as transaction_id,
        case when occurrence = 1 then line_id else concat(line_id, ' (', occurrence, ')') end as line_id,
        product,
        source,
        medium,
        campaign,
        influencer_text,
        influencer_id,
        user_id,
        brand,
        order_date,
        orders,
        revenue,
        region,
        coupon_code,
        discount,
        refunded_amount,
        status,
        status_text,
        returned_date,
        is_new_customer,
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

select * from numbered
