{% macro add_days(day, days) -%}
    {%- set written = default__add_days if var("dialect") == "spark" else adapter.dispatch("add_days") -%}
    {{ written(day, days) }}
{%- endmacro %}

{% macro default__add_days(day, days) -%}
    date_add({{ day }}, {{ days }})
{%- endmacro %}

{% macro duckdb__add_days(day, days) -%}
    ({{ day }} + cast({{ days }} as integer))
{%- endmacro %}
