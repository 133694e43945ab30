{#- Trimmed id. A whole number written as 12.0, as spreadsheets and pandas do to columns with gaps, is 12. -#}
{% macro clean_id(trimmed_text) -%}
    case
        when {{ trimmed_text }} like '%0' and {{ matches(trimmed_text, "^[0-9]+[.]0+$") }}
            then split_part({{ trimmed_text }}, '.', 1)
        else {{ clean_text(trimmed_text) }}
    end
{%- endmacro %}
