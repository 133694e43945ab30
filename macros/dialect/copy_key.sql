{#- What exact copies of a row have in common: the engine's own hash of its text cells, which takes a fraction of the time of md5.
    It stays within a build; engines and their versions differ in it. -#}
{% macro copy_key(columns) -%}
    {%- set written = default__copy_key if var("dialect") == "spark" else adapter.dispatch("copy_key") -%}
    {{ written(columns) }}
{%- endmacro %}

{#- Not xxhash64: it passes over empty cells, so that (a, empty) would be a copy of (empty, a). -#}
{% macro default__copy_key(columns) -%}
    md5(concat_ws('|'
        {%- for column in columns %}, coalesce(replace(cast({{ column }} as string), '|', '||'), '(empty)'){% endfor -%}
    ))
{%- endmacro %}

{% macro duckdb__copy_key(columns) -%}
    hash({{ columns | join(", ") }})
{%- endmacro %}
