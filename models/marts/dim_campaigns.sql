with

campaigns as (select * from {{ ref("core_campaigns") }}),

described as (

    select
        campaign_id,
        campaign_name,
        brand,
        start_date,
        end_date,
        cooldown_days::integer as cooldown_days,
        -- Which regions a campaign treats is not told by posts, orders and payouts.
        null::integer as regions_treated,
        null::integer as regions_control
    from campaigns

    union all

    select
        '{{ var("none_member") }}' as campaign_id,
        'No campaign' as campaign_name,
        '{{ var("none_member") }}' as brand,
        null::date as start_date,
        null::date as end_date,
        0 as cooldown_days,
        null::integer as regions_treated,
        null::integer as regions_control

)

select * from described
