-- Fails for a row whose interval does not hold its estimate, or whose interval, probability and verdict contradict each other: at
-- a level of 90 % the lower bound lies above zero, or break-even, just where a gain, or profit, is more than 95 % probable.
{%- set rounding = "1e-9" %}

with

figures as (

    select
        *,
        (1 + ci_level) / 2 as sure,
        (1 - ci_level) / 2 as unlikely
    from {{ ref("fct_incremental_roas") }}

)

select *
from figures
where
    incremental_revenue not between ci_low and ci_high
    or iroas not between iroas_low and iroas_high
    or lift not between lift_low and lift_high
    or prob_positive not between 0 and 1
    or prob_profitable not between 0 and 1
    {%- for low, high, mark, probability in [
        ("ci_low", "ci_high", "0", "prob_positive"),
        ("iroas_low", "iroas_high", "break_even", "prob_profitable"),
    ] %}
    or ({{ low }} > {{ mark }} and {{ probability }} < sure - {{ rounding }})
    or ({{ high }} < {{ mark }} and {{ probability }} > unlikely + {{ rounding }})
    or ({{ low }} < {{ mark }} and {{ probability }} > sure + {{ rounding }})
    or ({{ high }} > {{ mark }} and {{ probability }} < unlikely - {{ rounding }})
    {%- endfor %}
    or (verdict = 'profitable') is distinct from coalesce(iroas_low > break_even, false)
    or (verdict = 'unprofitable') is distinct from coalesce(iroas_high < break_even, false)
    or (verdict = 'inconclusive') is distinct from coalesce(break_even between iroas_low and iroas_high, false)
