{#- Trimmed text; null for the words that exports write for "nothing". -#}
{% macro clean_text(text) -%}
    case
        when lower(trim({{ text }})) not in ('', 'null', 'none', 'nan', 'nat', 'n/a', '#n/a')
            then trim({{ text }})
    end
{%- endmacro %}
