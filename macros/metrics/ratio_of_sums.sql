{#- The one way to make a ratio: the sum of one column over the sum of another, over the rows in which both are known. Null where
    the denominator is zero or nothing is known. Never a mean of ratios. -#}
{% macro ratio_of_sums(numerator, denominator) -%}
    cast(sum({{ numerator }}) filter (where {{ numerator }} is not null and {{ denominator }} is not null) as double)
    / nullif(
        cast(sum({{ denominator }}) filter (where {{ numerator }} is not null and {{ denominator }} is not null) as double),
        0
    )
{%- endmacro %}
