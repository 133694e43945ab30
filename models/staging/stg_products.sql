-- Every readable row of the products export with its types and what became of it.
with

raw_rows as (select * from {{ ref("raw_products") }}),

column_formats as (select * from {{ ref("stg_column_formats") }}),

number_cells as (select * from {{ ref("stg_number_cells") }}),

brand_names as (select * from {{ ref("stg_brand_names") }}),

product_names as (select * from {{ ref("stg_product_names") }}),

{{ typed_rows("products") }},

named as (

    select
        typed.*,
        coalesce(product_names.product, typed.product) as known_product,
        brand_names.brand as known_brand
    from typed
    left join product_names
        on typed.product = product_names.written
    left join brand_names
        on typed.brand = brand_names.written

),

{{ judge_rows(
    "named",
    ["known_product", "known_brand"],
    "product with brand",
    problems=contract_problems("products"),
    notes=contract_problems("products", fatal=false),
) }},

judged_rows as (

    select
        file,
        file_number,
        record_number,
        known_product as product,
        known_brand as brand,
        list_price,
        unit_cost,
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

select * from judged_rows
