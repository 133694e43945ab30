{#- Trimmed id. A whole number written as 12.0, as spreadsheets and pandas do to columns with gaps, is 12. -#}
{% macro clean_id(text) -%}
    case
        when {{ matches(trimmed(text), "^[0-9]+[.]0+$") }} then split_part({{ trimmed(text) }}, '.', 1)
        else {{ clean_text(text) }}
    end
{%- endmacro %}
