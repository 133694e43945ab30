{{ config(materialized="view") }}

with

checked as (select * from {{ ref("stg_geo_panel_checked") }}),

accepted as (

    select
        experiment_id,
        geo,
        date_day,
        response,
        cost
    from checked
    where outcome = 'accepted'

)

select * from accepted
