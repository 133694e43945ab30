with

fits as (select * from {{ ref("base_synthetic_control_fit") }}),

weights as (

    select
        experiment_id,
        unnest(geos) as geo,
        unnest(weights) as weight
    from fits

)

select * from weights
