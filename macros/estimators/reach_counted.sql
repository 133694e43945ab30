{#- How much of a campaign's reach counts that runs where this share of its brand's orders is. Posts cannot be kept to regions: between all of
    it, if only people of these regions follow, and the share, if followers live where customers do. The middle of the two, as logarithms. -#}
{% macro reach_counted(share_of_orders) -%}
    sqrt({{ share_of_orders }})
{%- endmacro %}
