{#- The body of decisions(): what to do about each row of `figures`, a table, view or CTE with the columns of performance(): raise what is
    profitable, stop what is unprofitable, keep what is more likely profitable than not, test the rest. With it the highest spend that the
    same work is worth, at the incremental revenue that has a probability of 50 and 80 % of being exceeded, and the q-value: among many
    rows some intervals lie off the break-even by chance.

    false_discovery_rate: raise and stop only as many rows that at most this share of them is expected to be wrong (Benjamini and Hochberg
    1995, Journal of the Royal Statistical Society B 57, 289-300); null for each row by itself. A q-value is never below a row's own
    two-sided p-value, so that it takes verdicts back and adds none. -#}
{% macro decisions() -%}
with

rows_with_p as (

    select
        *,
        case when verdict <> 'not measurable' then 2 * least(prob_profitable, 1 - prob_profitable) end as p_value
    from query_table(figures)

),

ranked as (

    select
        *,
        count(p_value) over () as tested,
        rank() over (order by p_value desc nulls last) as from_largest
    from rows_with_p

),

stepped as (

    select
        *,
        -- Of equal p-values the highest rank counts, which is that of the first of them from the largest.
        min(p_value * tested / (tested + 1 - from_largest)) over (
            order by p_value desc nulls last
            range between unbounded preceding and current row
        ) as q_value
    from ranked

),

decided as (

    select
        * exclude (tested, from_largest),
        coalesce(q_value <= cast(false_discovery_rate as double), false_discovery_rate is null) as is_discovery
    from stepped

)

select
    * exclude (q_value, is_discovery),
    case when p_value is not null then least(q_value, 1) end as q_value,
    case
        when verdict = 'profitable' and is_discovery then 'raise'
        when verdict = 'unprofitable' and is_discovery then 'stop'
        when verdict <> 'not measurable' and prob_profitable >= 0.5 then 'keep'
        else 'test'
    end as decision,
    -- Of a decision that rests on a verdict: that the true return lies on the other side of the break-even.
    case decision when 'raise' then 1 - prob_profitable when 'stop' then prob_profitable end as prob_wrong,
    case when verdict <> 'not measurable' then greatest(incremental_revenue / break_even, 0) end as break_even_spend,
    case
        when verdict <> 'not measurable'
            then greatest((incremental_revenue - {{ normal_quantile_at_80_percent() }} * incremental_revenue_se) / break_even, 0)
    end as break_even_spend_80
from decided
{%- endmacro %}
