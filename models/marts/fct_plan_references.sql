-- What public formulas of other planners say of the same tests, beside Helios' own foresight.

with

designs as (select * from {{ ref("fct_plan_designs") }}),

of_planners as (select * from {{ ref("inc_plan_references") }}),

reasons as (select * from {{ ref("reasons") }}),

-- For one length of a test, as of the other methods.
matched_markets as (

    select
        brand,
        design_id,
        weeks,
        'matched_markets' as reference_method,
        matched_markets_revenue as minimum_detectable_revenue,
        if(matched_markets_revenue is null, 'no_noise', null) as reason_code
    from designs
    where weeks in (select distinct of_planners.weeks from of_planners)

),

every_method as (

    select * from matched_markets
    union all by name
    select * from of_planners

),

beside as (

    select
        every_method.brand,
        every_method.design_id,
        every_method.weeks::integer as weeks,
        every_method.reference_method,
        every_method.minimum_detectable_revenue,
        every_method.minimum_detectable_revenue / designs.baseline_revenue as minimum_detectable_share,
        ({{ normal_quantile("(1 + " ~ var("ci_level") ~ ") / 2") }} + {{ normal_quantile("0.8") }}) * designs.revenue_se
            as foreseen_revenue,
        every_method.reason_code,
        reasons.sentence as reason
    from every_method
    inner join designs
        on every_method.brand = designs.brand
        and every_method.design_id = designs.design_id
        and every_method.weeks = designs.weeks
    left join reasons
        on every_method.reason_code = reasons.code

)

select * from beside
