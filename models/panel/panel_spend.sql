with

spend as (select * from {{ ref("core_spend") }}),

daily as (

    select
        date_day,
        influencer_id,
        campaign_id,
        brand,
        cast(sum(amount) as decimal(18, 2)) as spend,
        {%- for spend_type in ["fixed", "commission", "product"] %}
        cast(coalesce(sum(amount) filter (where spend_type = '{{ spend_type }}'), 0) as decimal(18, 2))
            as spend_{{ spend_type }}{{ "," if not loop.last }}
        {%- endfor %}
    from spend
    group by
        date_day,
        influencer_id,
        campaign_id,
        brand

)

select * from daily
