{#- The one way to make a ratio: the sum of one column over the sum of another, over the rows in which both are known. Null where
    the denominator is zero or nothing is known. Never a mean of ratios.

    known_if: what has to be known, where it is less than both; none of it for columns that are never null -#}
{% macro ratio_of_sums(numerator, denominator, known_if=none) -%}
    {%- set columns = [numerator, denominator] if known_if is none else known_if -%}
    {%- set over = " filter (where " ~ columns | join(" is not null and ") ~ " is not null)" if columns else "" -%}
    cast(sum({{ numerator }}){{ over }} as double) / nullif(cast(sum({{ denominator }}){{ over }} as double), 0)
{%- endmacro %}
