-- Products as any export writes them, each in one spelling: that of the table products, else the one that most orders use.

with

raw_products as (select * from {{ ref("raw_products") }}),

raw_tracking_data as (select * from {{ ref("raw_tracking_data") }}),

mentions as (

    select
        product as cell,
        1 as precedence,
        count(*) as times
    from raw_products
    group by product

    union all

    select
        product as cell,
        2 as precedence,
        count(*) as times
    from raw_tracking_data
    group by product

),

{{ names_shown("id") }},

product_names as (

    select
        written,
        name as product,
        precedence = 1 as is_known
    from names

)

select * from product_names
