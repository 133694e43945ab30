-- Fails for a row whose iROAS, or a bound of it where spend is no forecast, is not revenue per rupee of spend.
with

figures as (

    select
        figures.*,
        spend.is_fixed and figures.method <> 'trimmed_match' as has_fixed_spend
    from {{ ref("fct_incremental_roas") }} as figures
    inner join {{ ref("base_experiment_spend") }} as spend using (experiment_id)

)

select *
from figures
where
    abs(iroas * spend - incremental_revenue) > 1e-9 * abs(incremental_revenue)
    or (has_fixed_spend and abs(iroas_low * spend - ci_low) > 1e-9 * abs(ci_low))
    or (has_fixed_spend and abs(iroas_high * spend - ci_high) > 1e-9 * abs(ci_high))
