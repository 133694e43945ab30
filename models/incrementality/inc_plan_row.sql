-- Regions of a brand in a row by language, and within it by size: neighbours are alike.

with

regions as (select * from {{ ref("base_plan_regions") }}),

languages as (

    select
        brand,
        language,
        sum(weekly_orders order by region) as language_orders
    from regions
    where is_choosable
    group by all

),

in_a_row as (

    select
        regions.brand,
        regions.region,
        regions.language,
        row_number() over (
            partition by regions.brand
            order by
                languages.language_orders desc,
                regions.language asc nulls last,
                regions.weekly_orders desc,
                regions.region asc
        ) - 1 as place,
        count(*) over (partition by regions.brand) as regions
    from regions
    inner join languages
        on regions.brand = languages.brand
        and regions.language is not distinct from languages.language
    where regions.is_choosable

)

select * from in_a_row
