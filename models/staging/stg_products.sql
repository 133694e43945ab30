{{ config(materialized="view") }}

with

checked as (select * from {{ ref("stg_products_checked") }}),

accepted as (

    select
        product,
        brand,
        list_price,
        unit_cost
    from checked
    where outcome = 'accepted'

)

select * from accepted
