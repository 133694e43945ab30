{#- Variance of a factor that comes of counting: who buys without a code is a count beside that of coded orders, and the values of both
    scatter. Over n coded orders it is 2 f^2 / n, f being the usual factor; counts alone would make about half of it. Media value is
    not counted in orders, which are null: then it is zero. -#}
{% macro count_variance(typical_factor, orders) -%}
    if({{ orders }} is null, 0, 2 * {{ typical_factor }} ^ 2 / greatest({{ orders }}, 1))
{%- endmacro %}
