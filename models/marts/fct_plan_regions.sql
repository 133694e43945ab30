with

regions as (select * from {{ ref("base_plan_regions") }}),

joint_panel as (select * from {{ ref("inc_joint_panel") }}),

-- Where no campaign tells, it is what the prior of joint_panel has, and nothing is known to spill over.
campaigns as (

    select
        coalesce(avg(value_change ^ 2 + value_change_se ^ 2 order by experiment_id), 0.05 ^ 2) as value_change_variance,
        coalesce(any_value(spill_over), 0) as spill_over,
        coalesce(any_value(spill_over_se), 0) as spill_over_se
    from joint_panel
    where problem is null

),

described as (

    select
        regions.brand,
        regions.region,
        regions.is_choosable,
        regions.language,
        regions.population,
        regions.weekly_orders,
        regions.weekly_revenue,
        regions.order_value_variance,
        campaigns.value_change_variance,
        campaigns.spill_over,
        campaigns.spill_over_se,
        regions.history_weeks::integer as history_weeks
    from regions
    cross join campaigns

)

select * from described
