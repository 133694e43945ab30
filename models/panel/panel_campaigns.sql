-- All campaigns with their dates, wherever they run.

with

campaigns as (select * from {{ ref("core_campaigns") }}),

dated as (

    select
        campaign_id,
        brand,
        start_date,
        end_date,
        {{ add_days("end_date", "cooldown_days") }} as cooldown_end
    from campaigns

)

select * from dated
