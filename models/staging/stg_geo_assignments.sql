{{ config(materialized="view") }}

with

checked as (select * from {{ ref("stg_geo_assignments_checked") }}),

accepted as (

    select
        experiment_id,
        geo,
        assignment,
        pair
    from checked
    where outcome = 'accepted'

)

select * from accepted
