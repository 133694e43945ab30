-- What is known of regions.

with

regions as (select * from {{ ref("core_regions") }}),

described as (

    select
        region,
        population,
        language
    from regions

)

select * from described
