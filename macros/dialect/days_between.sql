{#- One row per day from first_day to last_day, both included, as column date_day. -#}
{% macro days_between(first_day, last_day) -%}
    {%- set written = default__days_between if var("dialect") == "spark" else adapter.dispatch("days_between") -%}
    {{ written(first_day, last_day) }}
{%- endmacro %}

{% macro default__days_between(first_day, last_day) -%}
    explode(sequence({{ first_day }}, {{ last_day }}, interval 1 day))
{%- endmacro %}

{% macro duckdb__days_between(first_day, last_day) -%}
    cast(unnest(generate_series({{ first_day }}, {{ last_day }}, interval 1 day)) as date)
{%- endmacro %}
