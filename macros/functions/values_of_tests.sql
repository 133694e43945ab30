{#- The body of values_of_tests(): what the next test of each member is worth, in incremental profit.

      rows          member, iroas and incremental_revenue_se, what is known of its return; spend, what was spent on it and will be again, kept
                    or stopped by what the test shows; test_se, the error with which a test would measure its iROAS; and budget, what the test
                    would cost
      break_even    iROAS from which spend is profitable; a rupee at iROAS r earns r / break_even - 1

    With the test the return will be believed to be normal around iroas with the standard deviation s = iroas_se^2 / sqrt(iroas_se^2 +
    test_se^2), and spend is kept where it is above break-even. That is worth more than the better of keeping and stopping now by
    spend x s / break_even x L(|iroas - break_even| / s), with the unit normal loss L(d) = phi(d) - d x Phi(-d) (Raiffa and Schlaifer 1961,
    Applied statistical decision theory, section 5.4). Certainty would be worth the same with s = iroas_se. A test costs what its budget is
    expected to lose. -#}
{% macro values_of_tests() -%}
    {%- set root_of_two_pi = "2.5066282746310002" -%}
    {%- set kinds = ["test", "certainty"] -%}
with

settings as (select cast(break_even as double) as threshold),

returns as (

    select
        known_rows.member,
        known_rows.iroas,
        known_rows.incremental_revenue_se / nullif(cast(known_rows.spend as double), 0) as iroas_se,
        cast(known_rows.spend as double) as spend,
        known_rows.test_se,
        known_rows.budget,
        settings.threshold
    from query_table(rows) as known_rows
    cross join settings

),

known as (

    select
        *,
        iroas_se ^ 2 / sqrt(iroas_se ^ 2 + test_se ^ 2) as shift_by_test,
        iroas_se as shift_by_certainty
    from returns
    where iroas_se > 0

),

distances as (

    select
        *,
        {%- for kind in kinds %}
        -abs(iroas - threshold) / shift_by_{{ kind }} as away_{{ kind }}{{ "," if not loop.last }}
        {%- endfor %}
    from known

),

arguments as (

    select
        *,
        {%- for kind in kinds %}
        {{ normal_cdf_argument("away_" ~ kind) }} as tail_{{ kind }}{{ "," if not loop.last }}
        {%- endfor %}
    from distances

),

probabilities as (

    select
        *,
        {%- for kind in kinds %}
        {{ powers("tail_" ~ kind, 8) }} as powers_{{ kind }}{{ "," if not loop.last }}
        {%- endfor %}
    from arguments

),

worth as (

    select
        *,
        {%- for kind in kinds %}
        spend * shift_by_{{ kind }} / threshold * greatest(
            exp(-(away_{{ kind }} ^ 2) / 2) / {{ root_of_two_pi }}
            + away_{{ kind }} * {{ normal_cdf_of("away_" ~ kind, "powers_" ~ kind) }}, 0
        ) as value_of_{{ kind }},
        {%- endfor %}
        greatest(budget * (1 - iroas / threshold), 0) as test_cost
    from probabilities

)

select
    member,
    iroas,
    iroas_se,
    spend,
    value_of_certainty,
    value_of_test,
    test_cost,
    value_of_test - test_cost as net_value
from worth
{%- endmacro %}
