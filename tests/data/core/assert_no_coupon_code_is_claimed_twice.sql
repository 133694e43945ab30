{{ config(severity="warn") }}
-- Warns of a coupon code, used in orders, that two influencers claim: it is credited to neither.
with

claims as (

    select
        influencer_id,
        unnest(string_split(translate(upper(coupon_codes), ';,|/', '    '), ' ')) as coupon_code
    from {{ ref("stg_influencers") }}

)

select
    claims.coupon_code,
    count(distinct claims.influencer_id) as influencers
from claims
where claims.coupon_code in (select orders.coupon_code from {{ ref("stg_tracking_data") }} as orders)
group by all
having count(distinct claims.influencer_id) > 1
