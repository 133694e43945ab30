{#- The legacy baseline of a selection: what non-influencer channels earned over the same dates, times the selection's share of
    all spend of those dates. Null without spend. It is other customers' revenue, not a counterfactual: always label it.
    Arguments are SQL expressions of summed money. -#}
{% macro organic_projection_baseline(organic_revenue, spend, all_spend) -%}
    case
        when {{ spend }} <> 0 and {{ all_spend }} <> 0
            then cast({{ organic_revenue }} as double) * cast({{ spend }} as double) / cast({{ all_spend }} as double)
    end
{%- endmacro %}
