{#- Trimmed text; null for the words that exports write for "nothing", and for Helios' own. -#}
{% macro clean_text(trimmed_text) -%}
    case
        when lower({{ trimmed_text }}) not in ('', 'null', 'none', 'nan', 'nat', 'n/a', '#n/a', '{{ var("none_member") }}')
            then {{ trimmed_text }}
    end
{%- endmacro %}
