{#- CTEs that ask performance() for the figures of `rows`, a CTE with the columns of fct_influencer_days and a column member, at the dbt
    variable ci_level and against the break-even of the whole shop, so that members can be compared; the last one is `performance`.

    rows: the CTE, which is read by its name · brands: a CTE with the columns of dim_brands, for the break-even · reasons: a CTE
    with the columns of reasons.csv, for verdict_reason -#}
{% macro performance_of(rows, brands, reasons) %}
shop_costs as (

    select
        sum(revenue) as revenue,
        sum(revenue_of_known_cost) as revenue_of_known_cost,
        sum(cost_of_goods) as cost_of_goods
    from {{ brands }}

),

shop as (

    select
        {{ break_even("revenue", "revenue_of_known_cost", "cost_of_goods") }} as break_even,
        {{ break_even_basis("revenue", "revenue_of_known_cost") }} as break_even_basis
    from shop_costs

),

figures as (

    select *
    from marts.performance(
        '{{ rows }}', ci_level := {{ var("ci_level") }}, break_even := (select shop.break_even from shop)
    )

),

decided as (

    select * from marts.decisions('figures')

),

performance as (

    select
        decided.* exclude (p_value, prob_wrong),
        shop.break_even_basis,
        {{ reason_in_words(
            reasons ~ ".sentence", interval_arguments(var("ci_level"), "decided.break_even", "shop.break_even_basis")
        ) }} as verdict_reason
    from decided
    cross join shop
    left join {{ reasons }}
        on decided.reason_code = {{ reasons }}.code

)
{%- endmacro %}
