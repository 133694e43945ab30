{#- Text to boolean; null where it is neither yes nor no. -#}
{% macro parse_flag(text) -%}
    case
        when lower({{ text }}) in ('true', 't', 'yes', 'y', '1', '1.0') then true
        when lower({{ text }}) in ('false', 'f', 'no', 'n', '0', '0.0') then false
    end
{%- endmacro %}
