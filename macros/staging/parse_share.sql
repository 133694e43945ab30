{#- Text to a share: 0.9 and 90% are the same. -#}
{% macro parse_share(text) -%}
    case
        when right({{ text }}, 1) = '%' then cast({{ parse_figure("replace(" ~ text ~ ", '%', '')") }} as double) / 100
        else cast({{ parse_figure(text) }} as double)
    end
{%- endmacro %}
