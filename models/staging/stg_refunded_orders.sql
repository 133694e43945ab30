-- The orders that rows below zero take money from: the one of the same id, else that of the id before a suffix, as 1001 of
-- 1001-R, 1001-refund or 1001.1.

with

raw_tracking_data as (select * from {{ ref("raw_tracking_data") }}),

column_formats as (select * from {{ ref("stg_column_formats") }}),

number_cells as (select * from {{ ref("stg_number_cells") }}),

date_cells as (select * from {{ ref("stg_date_cells") }}),

value_synonyms as (select * from {{ ref("value_synonyms") }}),

-- What may be below zero. Not from raw_tracking_data: a CTE that is read twice is kept in memory whole.
cells_below_zero as (

    select
        transaction_id,
        {{ refunded_id("transaction_id") }} as refunded_id
    from {{ ref("raw_tracking_data") }}
    where revenue like '%-%' or revenue like '%−%' or revenue like '%–%' or revenue like '%(%'

),

-- Any id that these may mean: few rows, which alone are read in full.
ids as (

    select transaction_id
    from cells_below_zero

    union

    select refunded_id as transaction_id
    from cells_below_zero

),

raw_rows as (

    select raw_tracking_data.*
    from raw_tracking_data
    inner join ids
        on raw_tracking_data.transaction_id = ids.transaction_id

),

{{ typed_rows("tracking_data") }},

rows_below_zero as (

    select distinct
        transaction_id,
        {{ refunded_id("transaction_id") }} as refunded_id
    from typed
    where revenue < 0 and transaction_id is not null

),

refunded_orders as (

    select
        rows_below_zero.transaction_id as refund_id,
        typed.transaction_id,
        min(typed.date) as date,
        sum(typed.revenue) as revenue,
        min(typed.source) as source,
        min(typed.medium) as medium,
        min(typed.campaign) as campaign,
        min(typed.influencer_id) as influencer_id,
        min(typed.coupon_code) as coupon_code,
        min(typed.region) as region,
        min(typed.brand) as brand,
        min(typed.product) as product
    from typed
    inner join rows_below_zero
        on typed.transaction_id in (rows_below_zero.transaction_id, rows_below_zero.refunded_id)
    where typed.revenue > 0
    group by rows_below_zero.transaction_id, typed.transaction_id
    qualify row_number() over (
        partition by rows_below_zero.transaction_id
        order by case when typed.transaction_id = rows_below_zero.transaction_id then 0 else 1 end
    ) = 1

)

select * from refunded_orders
