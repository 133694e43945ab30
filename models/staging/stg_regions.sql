{{ config(materialized="view") }}

with

checked as (select * from {{ ref("stg_regions_checked") }}),

accepted as (

    select
        region,
        population,
        language
    from checked
    where outcome = 'accepted'

)

select * from accepted
