{{ config(materialized="view") }}

with

checked as (select * from {{ ref("stg_tracking_data_checked") }}),

accepted as (

    select
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
        is_new_customer
    from checked
    where outcome = 'accepted'

)

select * from accepted
