-- Every readable row of the products export with its types and what became of it.

with

raw_products as (select * from {{ ref("raw_products") }}),

{{ trimmed_rows("raw_products", ["product", "brand", "list_price", "unit_cost"]) }},

cleaned as (

    select
        file,
        record_number,
        copy_key,
        {{ clean_id("product") }} as product,
        {{ clean_text("brand") }} as brand,
        {{ clean_text("list_price") }} as list_price_text,
        {{ clean_text("unit_cost") }} as unit_cost_text
    from trimmed

),

typed as (

    select
        file,
        record_number,
        copy_key,
        product,
        brand,
        list_price_text,
        {{ parse_money("list_price_text") }} as list_price,
        unit_cost_text,
        {{ parse_money("unit_cost_text") }} as unit_cost
    from cleaned

),

problems_found as (

    select
        *,
        {{ reject_columns([
            is_empty("product", "product"),
            is_empty("brand", "brand"),
            is_unreadable("list_price", "list_price_text", "list_price", "an amount"),
            is_negative("list_price", "list_price_text", "list_price"),
            is_unreadable("unit_cost", "unit_cost_text", "unit_cost", "an amount"),
            is_negative("unit_cost", "unit_cost_text", "unit_cost"),
        ]) }}
    from typed

),

{{ judge_rows(["lower(product)", "lower(brand)"], "product with brand") }},

checked as (

    select
        file,
        record_number,
        product,
        brand,
        list_price,
        unit_cost,
        outcome,
        outcome_column,
        outcome_value,
        outcome_reason
    from judged

)

select * from checked
