{#- Text to a whole number; 12.0 is 12, null where there is a fraction. -#}
{% macro parse_count(text) -%}
    case
        when {{ parse_number(text) }} = floor({{ parse_number(text) }})
            then cast({{ parse_number(text) }} as bigint)
    end
{%- endmacro %}
