{#- Text without blanks around it; tabs and no-break spaces, which spreadsheets and web pages leave behind, are blanks too. -#}
{% macro trimmed(text) -%}
    {%- set blanks = "\t\u00a0\u200b\ufeff" -%}
    trim(translate({{ text }}, '{{ blanks }}', '{{ " " * (blanks | length) }}'))
{%- endmacro %}
