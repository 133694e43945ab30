{#- Degrees of freedom of a difference of two independent means by Welch and Satterthwaite. The variances are those of the means. -#}
{% macro welch_df(variance_a, n_a, variance_b, n_b) -%}
    ({{ variance_a }} + {{ variance_b }}) ^ 2
    / nullif({{ variance_a }} ^ 2 / nullif({{ n_a }} - 1, 0) + {{ variance_b }} ^ 2 / nullif({{ n_b }} - 1, 0), 0)
{%- endmacro %}
