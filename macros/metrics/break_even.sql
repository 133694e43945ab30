{#- The iROAS from which influencers are profitable. By margin it is 1 / contribution margin, at most 1000 (also where goods cost more
    than they bring), where the unit cost of enough revenue is known; by revenue it is 1; else it is the number that the variable
    break_even sets. Arguments are SQL expressions of summed money. -#}
{% macro break_even(revenue, revenue_of_known_cost, cost_of_goods) -%}
    {%- set setting = var("break_even") -%}
    {%- if setting == "margin" -%}
    case
        when {{ is_cost_known(revenue, revenue_of_known_cost) }}
            then cast({{ revenue_of_known_cost }} as double) / greatest(
                cast({{ revenue_of_known_cost }} - {{ cost_of_goods }} as double),
                cast({{ revenue_of_known_cost }} as double) / 1000
            )
        else cast(1 as double)
    end
    {%- else -%}
    cast({{ 1 if setting == "revenue" else setting }} as double)
    {%- endif -%}
{%- endmacro %}


{#- What the break-even is made of: margin, revenue (where too few unit costs are known, too) or setting, a number of one's own. -#}
{% macro break_even_basis(revenue, revenue_of_known_cost) -%}
    {%- set setting = var("break_even") -%}
    {%- if setting == "margin" -%}
    case when {{ is_cost_known(revenue, revenue_of_known_cost) }} then 'margin' else 'revenue' end
    {%- else -%}
    '{{ "revenue" if setting == "revenue" or setting == 1 else "setting" }}'
    {%- endif -%}
{%- endmacro %}


{#- Whether the unit cost of so much revenue is known that a margin can stand for all of it. -#}
{% macro is_cost_known(revenue, revenue_of_known_cost) -%}
    coalesce({{ revenue_of_known_cost }} > 0 and {{ revenue_of_known_cost }} >= {{ var("min_cost_known_share") }} * {{ revenue }}, false)
{%- endmacro %}
