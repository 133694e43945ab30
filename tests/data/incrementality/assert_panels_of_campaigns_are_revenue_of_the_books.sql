-- Fails for a region and day of a campaign's panel whose revenue is not that of the brand's revenue days, all channels together.
with

panel as (

    select
        days.experiment_id,
        experiments.brand,
        days.geo,
        days.date_day,
        days.response
    from {{ ref("panel_experiment_days") }} as days
    inner join {{ ref("dim_experiments") }} as experiments
        on days.experiment_id = experiments.experiment_id
        and experiments.source = 'campaign'

),

revenue_days as (

    select
        region,
        date_day,
        coalesce(brand, 'all') as brand,
        sum(revenue) as revenue
    from {{ ref("fct_revenue_days") }}
    group by grouping sets ((region, date_day, brand), (region, date_day))

)

select
    panel.experiment_id,
    panel.geo,
    panel.date_day,
    panel.response,
    revenue_days.revenue
from panel
left join revenue_days
    on panel.geo = revenue_days.region
    and panel.date_day = revenue_days.date_day
    and revenue_days.brand = if(panel.brand = '{{ var("none_member") }}', 'all', panel.brand)
where panel.response <> coalesce(revenue_days.revenue, 0)
