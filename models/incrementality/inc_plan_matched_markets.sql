-- What the formula of matched_markets says of each design, a public one beside the error that is foreseen: from the daily revenue
-- of treated regions and all others over the last eight weeks.
{%- set power, distance_level = 0.8, 0.9 %}

with

orders as (select * from {{ ref("panel_orders") }}),

base_days as (select * from {{ ref("base_weeks") }}),

designs as (select * from {{ ref("inc_plan_designs") }}),

precisions as (select * from {{ ref("inc_plan_precision") }}),

last_days as (

    select date_day
    from base_days
    qualify row_number() over (order by date_day desc) <= 56

),

daily as (

    select
        orders.brand,
        orders.region,
        orders.date_day,
        sum(orders.revenue)::double as revenue
    from orders
    inner join last_days
        on orders.date_day = last_days.date_day
    where orders.region <> '{{ var("none_member") }}'
    group by all

),

whole as (

    select
        brand,
        date_day,
        sum(revenue order by region) as revenue
    from daily
    group by all

),

treated as (

    select
        designs.brand,
        designs.design_id,
        daily.date_day,
        sum(daily.revenue order by designs.region) as revenue
    from designs
    inner join daily
        on designs.brand = daily.brand
        and designs.region = daily.region
    group by all

),

each_design as (

    select distinct
        brand,
        design_id
    from designs

),

arms as (

    select
        each_design.brand,
        each_design.design_id,
        last_days.date_day,
        coalesce(treated.revenue, 0) as treated_revenue,
        coalesce(whole.revenue, 0) - coalesce(treated.revenue, 0) as control_revenue
    from each_design
    cross join last_days
    left join treated
        on each_design.brand = treated.brand
        and each_design.design_id = treated.design_id
        and last_days.date_day = treated.date_day
    left join whole
        on each_design.brand = whole.brand
        and last_days.date_day = whole.date_day

),

correlated as (

    select
        brand,
        design_id,
        count(*) as days,
        stddev_samp(treated_revenue order by date_day) * sqrt((count(*) - 1) / (count(*) - 2)) as treated_sd,
        corr(treated_revenue, control_revenue order by date_day) as correlation
    from arms
    group by all
    having
        count(*) > 3
        and stddev_samp(treated_revenue order by date_day) > 0
        and stddev_samp(control_revenue order by date_day) > 0

),

lengths as (

    select distinct days
    from correlated

),

quantiles as (

    select
        days,
        {{ student_t_quantile("(1 + " ~ var("ci_level") ~ ") / 2", "days - 2") }} as t_sig,
        {{ student_t_quantile(power, "days - 2") }} as t_power,
        {{ student_t_quantile((1 + distance_level) / 2, "days - 1") }} as t_distance
    from lengths

),

weeks as (

    select distinct
        brand,
        weeks
    from precisions

),

required as (

    select
        correlated.brand,
        correlated.design_id,
        weeks.weeks,
        {{ matched_markets_impact(
            "correlated.days", "(7 * weeks.weeks)", "correlated.treated_sd", "correlated.correlation",
            "quantiles.t_sig", "quantiles.t_power", "quantiles.t_distance"
        ) }} as required_revenue
    from correlated
    inner join quantiles
        on correlated.days = quantiles.days
    inner join weeks
        on correlated.brand = weeks.brand

)

select * from required
