{#- Standard error of the sum of effects over `dates` test dates, in units of the residual standard deviation: noise of the new days, plus
    what is not known about the line, which all days share (Kerman, Wang and Vaver 2017, equation for the posterior of the cumulative
    effect). For one date it is the pointwise error. -#}
{% macro tbr_cumulative_spread(dates, x_test_mean, pretest_dates, x_mean, sxx, has_slope) -%}
    sqrt({{ dates }} + {{ dates }} ^ 2 * (
        1 / {{ pretest_dates }} + if({{ has_slope }}, ({{ x_test_mean }} - {{ x_mean }}) ^ 2 / {{ sxx }}, 0)
    ))
{%- endmacro %}
