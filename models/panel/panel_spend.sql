with

spend as (select * from {{ ref("core_spend") }}),

daily as (

    select
        date_day,
        influencer_id,
        campaign_id,
        brand,
        {%- for spend_type in ["fixed", "commission", "product"] %}
        cast(coalesce(sum(amount) filter (where spend_type = '{{ spend_type }}'), 0) as decimal(18, 2))
            as spend_{{ spend_type }},
        {%- endfor %}
        cast(sum(amount) as decimal(18, 2)) as spend
    from spend
    group by
        date_day,
        influencer_id,
        campaign_id,
        brand

)

select * from daily
