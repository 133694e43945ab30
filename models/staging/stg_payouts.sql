{{ config(materialized="view") }}

with

checked as (select * from {{ ref("stg_payouts_checked") }}),

accepted as (

    select
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
        product_cost
    from checked
    where outcome = 'accepted'

)

select * from accepted
