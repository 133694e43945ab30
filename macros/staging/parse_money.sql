{#- Text to booked money: rupees and paise. -#}
{% macro parse_money(text) -%}
    {{ parse_number(text, "decimal(18, 2)") }}
{%- endmacro %}
