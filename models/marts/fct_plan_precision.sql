with

pairs as (select * from {{ ref("inc_plan_precision") }}),

described as (

    select
        brand,
        region,
        other_region,
        weeks::integer as weeks,
        pair_precision
    from pairs

)

select * from described
