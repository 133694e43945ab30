{#- The incremental revenue that time-based regression finds, by the formula of Google's package matched_markets (Au 2018, A time-based
    regression matched markets approach for designing geo experiments): days are taken to be independent, so that it is too small where
    they go together. Arguments are SQL expressions.

    days: n of the pretest · test_days: T · sd: standard deviation of the treated group's days, n - 2 in the denominator · correlation: of both
    groups · t_sig, t_power: quantiles of Student's t with n - 2 degrees of freedom at the one-sided level and the power · t_distance: that at
    which the squared t is the F quantile which stands for the unknown distance of the test from the pretest -#}
{% macro matched_markets_impact(days, test_days, sd, correlation, t_sig, t_power, t_distance) -%}
    (({{ t_sig }}) + ({{ t_power }})) * ({{ test_days }}) * sqrt(
        ({{ t_distance }}) ^ 2 * (({{ days }}) + 1) / (({{ days }}) * ({{ test_days }}) * (({{ days }}) - 1))
        + 1 / ({{ days }}) + 1 / ({{ test_days }})
    ) * ({{ sd }}) * sqrt(1 - ({{ correlation }}) ^ 2)
{%- endmacro %}
