{#- A value as the inside of a quoted SQL text. -#}
{% macro sql_text(value) %}
    {{ return((value | string).replace("'", "''")) }}
{% endmacro %}
