with

-- Read by their names in marts.planned().
designs as (select * from {{ ref("inc_plan_designs") }}),  -- noqa: ST03

levels as (select * from {{ ref("fct_plan_regions") }}),  -- noqa: ST03

pairs as (select * from {{ ref("inc_plan_precision") }}),  -- noqa: ST03

matched_markets as (select * from {{ ref("inc_plan_matched_markets") }}),

kinds as (

    select distinct
        brand,
        design_id,
        kind
    from designs

),

planned as (

    select * from marts.planned('designs', 'levels', 'pairs')

),

described as (

    select
        planned.brand,
        planned.design_id,
        planned.weeks::integer as weeks,
        kinds.kind,
        planned.regions::integer as regions,
        planned.control_regions::integer as control_regions,
        planned.region_list,
        planned.share_of_revenue,
        planned.baseline_revenue,
        planned.lift_se,
        planned.relative_se,
        planned.revenue_se,
        planned.spill_over_error,
        matched_markets.required_revenue as matched_markets_revenue
    from planned
    inner join kinds
        on planned.brand = kinds.brand
        and planned.design_id = kinds.design_id
    left join matched_markets
        on planned.brand = matched_markets.brand
        and planned.design_id = matched_markets.design_id
        and planned.weeks = matched_markets.weeks

)

select * from described
