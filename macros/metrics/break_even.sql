{#- The iROAS from which influencers are profitable: the number of the variable break_even or, where that says margin, 1 / contribution margin.
    1 where no unit cost is known, and at most 1000, also where goods cost more than they bring. Arguments are SQL expressions of
    summed money. -#}
{% macro break_even(revenue_of_known_cost, cost_of_goods) -%}
    {%- set setting = var("break_even") -%}
    {%- if setting is number -%}
    cast({{ setting }} as double)
    {%- elif setting == "margin" or not execute -%}
    case
        when {{ revenue_of_known_cost }} > 0
            then cast({{ revenue_of_known_cost }} as double) / greatest(
                cast({{ revenue_of_known_cost }} - {{ cost_of_goods }} as double),
                cast({{ revenue_of_known_cost }} as double) / 1000
            )
        else cast(1 as double)
    end
    {%- else -%}
    {{ exceptions.raise_compiler_error("break_even is a number or margin; it is set to " ~ setting) }}
    {%- endif -%}
{%- endmacro %}
