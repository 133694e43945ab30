{#- True where the text matches the regular expression. Write [0-9] and [.]: Spark reads a backslash twice. -#}
{% macro matches(text, pattern) -%}
    {%- set written = default__matches if var("dialect") == "spark" else adapter.dispatch("matches") -%}
    {{ written(text, pattern) }}
{%- endmacro %}

{% macro default__matches(text, pattern) -%}
    {{ text }} rlike '{{ pattern }}'
{%- endmacro %}

{% macro duckdb__matches(text, pattern) -%}
    regexp_matches({{ text }}, '{{ pattern }}')
{%- endmacro %}
