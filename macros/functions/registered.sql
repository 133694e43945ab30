{#- The body of registered(): plans of tests with plan_text, their text in one spelling, and text_hash, its SHA-256: what a plan is known by
    that was settled before its campaign began.

    plans: rows with the columns of the raw table test_plans, but for campaign_written, which is its campaign_id. The text has a line for
    each of these columns in their order, name=value, without a new line at the end: days as 2025-04-30, money with two decimals, the
    break-even and probabilities with four, nothing where a cell is empty. -#}
{% macro registered() -%}
    {%- set money, share = "decimal(18, 2)", "decimal(18, 4)" -%}
    {%- set columns = {
        "campaign_id": "campaign_written", "brand": "brand", "start_date": "start_date", "end_date": "end_date", "stop_date": "stop_date",
        "treated_regions": "treated_regions", "control_regions": "control_regions", "method": "method",
        "break_even_roas": "cast(break_even_roas as " ~ share ~ ")", "budget": "cast(budget as " ~ money ~ ")",
        "revenue_se": "cast(revenue_se as " ~ money ~ ")",
        "minimum_detectable_revenue": "cast(minimum_detectable_revenue as " ~ money ~ ")",
        "prob_found_profitable": "cast(prob_found_profitable as " ~ share ~ ")",
        "prob_found_unprofitable": "cast(prob_found_unprofitable as " ~ share ~ ")",
        "data_until": "data_until",
    } -%}
with

written as (

    select
        *,
        concat_ws(
            chr(10)
            {%- for name, value in columns.items() %},
            '{{ name }}=' || coalesce(cast({{ value }} as varchar), '')
            {%- endfor %}
        ) as plan_text
    from query_table(plans)

)

select
    *,
    sha256(plan_text) as text_hash
from written
{%- endmacro %}
