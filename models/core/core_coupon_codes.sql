-- Whose codes an order's cell holds, and from when to when. A cell may hold several codes, of which those of no influencer do
-- not count; the codes of two influencers are credited to neither. What influencer_keys says of a code wins over the lists of
-- influencers.

with

influencers as (

    select * from {{ ref("stg_influencers") }}
    where row_status in ('accepted', 'superseded')

),

influencer_keys as (

    select * from {{ ref("stg_influencer_keys") }}
    where row_status = 'accepted'

),

orders as (

    select * from {{ ref("stg_tracking_data") }}
    where row_status = 'accepted'

),

cells as (

    select distinct coupon_code
    from orders
    where coupon_code is not null

),

codes_used as (

    select
        coupon_code,
        {{ split_codes("coupon_code") }} as code
    from cells

),

codes_of_keys as (

    select
        influencer_id,
        valid_from,
        valid_to,
        {{ split_codes("key") }} as code
    from influencer_keys
    where kind in ('coupon_code', 'other')

),

codes_of_influencers as (

    select
        influencer_id,
        {{ split_codes("coupon_codes") }} as code
    from influencers
    where coupon_codes is not null

),

-- Without end is the end of all days.
owned_codes as (

    select
        code,
        influencer_id,
        coalesce(valid_from, date '1900-01-01') as first_day,
        coalesce(valid_to, date '2999-12-31') as last_day
    from codes_of_keys

    union

    select
        code,
        influencer_id,
        date '1900-01-01' as first_day,
        date '2999-12-31' as last_day
    from codes_of_influencers
    where code not in (select codes_of_keys.code from codes_of_keys)

),

claims as (

    select
        codes_used.coupon_code,
        owned_codes.influencer_id,
        owned_codes.first_day,
        owned_codes.last_day
    from codes_used
    inner join owned_codes
        on codes_used.code = owned_codes.code
    where lower(codes_used.code) not in ({{ nothing_words() }})

),

-- Days on which an owner of a cell begins or has ended.
turns as (

    select
        coupon_code,
        first_day
    from claims

    union

    select
        coupon_code,
        {{ add_days("last_day", 1) }} as first_day
    from claims
    where last_day < date '2999-12-31'

),

spans as (

    select
        coupon_code,
        first_day,
        coalesce(
            {{ add_days("lead(first_day) over (partition by coupon_code order by first_day)", -1) }}, date '2999-12-31'
        ) as last_day
    from turns

),

owners as (

    select
        spans.coupon_code,
        spans.first_day,
        spans.last_day,
        count(distinct claims.influencer_id) as owners,
        case when count(distinct claims.influencer_id) = 1 then min(claims.influencer_id) end as influencer_id
    from spans
    inner join claims
        on spans.coupon_code = claims.coupon_code
        and spans.first_day between claims.first_day and claims.last_day
    group by spans.coupon_code, spans.first_day, spans.last_day

)

select * from owners
