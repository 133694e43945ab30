{#- The body of plan_outcomes(): what a campaign of a given budget would show, by each way to treat regions.

      rows        designs as planned() gives them
      returns     expected_iroas and iroas_sd: what a rupee is expected to bring, and how far campaigns and that mean may differ, a row
                  for each expectation to try; fct_plan_returns has what the shop's experiments say, and iroas_sd = 0 is a return that is
                  taken as known
      budget      what the campaign would cost
      break_even  iROAS from which it is profitable

    The measured iROAS is normal around the true one with the error iroas_se; the true one is normal around expected_iroas. A campaign is
    found profitable where its interval lies above break_even, unprofitable where it lies below. -#}
{% macro plan_outcomes() -%}
with

settings as (

    select
        cast(budget as double) as spend,
        cast(break_even as double) as threshold,
        (1 + cast(ci_level as double)) / 2 as p

),

{{ normal_quantile_ctes() }},

expected as (

    select
        planned_rows.*,
        known.expected_iroas,
        known.iroas_sd,
        quantiles.spend,
        quantiles.threshold,
        quantiles.z,
        sqrt(
            (planned_rows.revenue_se / quantiles.spend) ^ 2
            + (coalesce(known.expected_iroas, 0) * planned_rows.spill_over_error) ^ 2
        ) as iroas_se
    from query_table(rows) as planned_rows
    cross join query_table(returns) as known
    cross join quantiles

),

distances as (

    select
        *,
        (expected_iroas - threshold - z * iroas_se) / sqrt(iroas_sd ^ 2 + iroas_se ^ 2) as profitable_by,
        (threshold - z * iroas_se - expected_iroas) / sqrt(iroas_sd ^ 2 + iroas_se ^ 2) as unprofitable_by
    from expected

),

arguments as (

    select
        *,
        {{ normal_cdf_argument("profitable_by") }} as profitable_tail,
        {{ normal_cdf_argument("unprofitable_by") }} as unprofitable_tail
    from distances

),

probabilities as (

    select
        *,
        {{ powers("profitable_tail", 8) }} as profitable_powers,
        {{ powers("unprofitable_tail", 8) }} as unprofitable_powers
    from arguments

),

verdicts as (

    select
        *,
        {{ normal_cdf_of("profitable_by", "profitable_powers") }} as prob_found_profitable,
        {{ normal_cdf_of("unprofitable_by", "unprofitable_powers") }} as prob_found_unprofitable
    from probabilities

)

select
    * exclude (
        spend, threshold, z, profitable_by, unprofitable_by, profitable_tail, unprofitable_tail, profitable_powers, unprofitable_powers
    ),
    1 - prob_found_profitable - prob_found_unprofitable as prob_inconclusive,
    (z + {{ normal_quantile_at_80_percent() }}) * revenue_se as minimum_detectable_revenue,
    (z + {{ normal_quantile_at_80_percent() }}) * revenue_se / spend as minimum_detectable_iroas,
    threshold + (z + {{ normal_quantile_at_80_percent() }}) * iroas_se as profitable_iroas,
    spend / baseline_revenue as spend_per_revenue
from verdicts
{%- endmacro %}
