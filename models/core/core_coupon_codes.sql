-- Which influencer a coupon code belongs to. A code that two influencers claim belongs to neither.

with

influencers as (select * from {{ ref("stg_influencers") }}),

orders as (select * from {{ ref("stg_tracking_data") }}),

codes_used as (

    select distinct coupon_code
    from orders
    where coupon_code is not null

),

code_lists as (

    select
        influencer_id,
        concat(' ', translate(upper(coupon_codes), ';,|/', '    '), ' ') as coupon_codes
    from influencers
    where coupon_codes is not null

),

owners as (

    select
        codes_used.coupon_code,
        min(code_lists.influencer_id) as influencer_id
    from codes_used
    inner join code_lists
        -- Not like: a code may hold a % or an underscore.
        on code_lists.coupon_codes <> replace(code_lists.coupon_codes, concat(' ', codes_used.coupon_code, ' '), '')
    group by codes_used.coupon_code
    having count(*) = 1

)

select * from owners
