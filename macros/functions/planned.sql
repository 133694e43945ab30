{#- The body of planned(): how exactly a campaign would be measured that has not run yet, by the regions that it would treat.

      designs   brand, design_id and region, a row for each region that a design treats
      levels    what brands sell by region in a usual week, as in fct_plan_regions
      pairs     precisions of pairs of regions, as in fct_plan_precision

    A row for each design and each number of weeks in `pairs`. The lift has the variance 1 / sum of the precisions of all pairs of treated
    regions; the mean value of an order one of its own, which is shrunk by how far campaigns differ in it; revenue has both, and is raised
    by what is expected to land in other regions. -#}
{% macro planned() -%}
with

chosen as (

    select distinct
        treated.design_id,
        sold.*
    from query_table(designs) as treated
    inner join query_table(levels) as sold
        on treated.brand = sold.brand
        and treated.region = sold.region

),

brands as (

    select
        brand,
        count(*) as regions,
        {{ exact_sum("weekly_orders") }} as weekly_orders,
        {{ exact_sum("weekly_revenue") }} as weekly_revenue
    from query_table(levels)
    group by all

),

totals as (

    select
        brand,
        design_id,
        count(*) as regions,
        {{ exact_sum("weekly_orders") }} as weekly_orders,
        {{ exact_sum("weekly_revenue") }} as weekly_revenue,
        string_agg(region, '; ' order by region) as region_list,
        any_value(order_value_variance) as order_value_variance,
        any_value(value_change_variance) as value_change_variance,
        any_value(history_weeks) as history_weeks,
        any_value(spill_over) as spill_over,
        any_value(spill_over_se) as spill_over_se
    from chosen
    group by all

),

lifts as (

    select
        one.brand,
        one.design_id,
        known.weeks,
        {{ exact_sum("known.pair_precision") }} as lift_precision
    from query_table(pairs) as known
    inner join chosen as one
        on known.brand = one.brand
        and known.region = one.region
    inner join chosen as other
        on known.brand = other.brand
        and known.other_region = other.region
        and one.design_id = other.design_id
    group by all

),

parts as (

    select
        totals.brand,
        totals.design_id,
        lifts.weeks,
        totals.regions,
        brands.regions - totals.regions as control_regions,
        totals.region_list,
        totals.weekly_revenue / brands.weekly_revenue as share_of_revenue,
        totals.weekly_revenue * lifts.weeks as baseline_revenue,
        1 / sqrt(lifts.lift_precision) as lift_se,
        totals.order_value_variance / (totals.weekly_orders * lifts.weeks)
        / (1 - totals.regions / brands.regions)
        / greatest(1 - lifts.weeks / totals.history_weeks, 0.5) as own_value_variance,
        totals.value_change_variance,
        totals.weekly_orders / (brands.weekly_orders - totals.weekly_orders) as beside,
        totals.spill_over,
        totals.spill_over_se
    from totals
    inner join lifts
        on totals.brand = lifts.brand
        and totals.design_id = lifts.design_id
    inner join brands
        on totals.brand = brands.brand
    -- Where all regions are treated, nothing is left to compare with.
    where
        totals.regions < brands.regions
        and lifts.lift_precision > 0

)

select
    brand,
    design_id,
    weeks,
    regions,
    control_regions,
    region_list,
    share_of_revenue,
    baseline_revenue,
    lift_se,
    sqrt(
        lift_se ^ 2
        + own_value_variance * value_change_variance / nullif(own_value_variance + value_change_variance, 0)
    ) as relative_se,
    baseline_revenue * relative_se * (1 + spill_over * beside) as revenue_se,
    -- Of what it brings, by how uncertain it is what lands in other regions.
    beside * spill_over_se / (1 + spill_over * beside) as spill_over_error
from parts
{%- endmacro %}
