-- Fails for a series of baseline days whose last day does not carry the incremental revenue and the interval of its method, or
-- whose days do not add up to the actual revenue of test and cooldown. Rounding is judged by the size of the days.
with

last_days as (

    select
        experiment_id,
        method,
        max_by(cumulative_incremental, date_day) as incremental_revenue,
        max_by(cumulative_low, date_day) as ci_low,
        max_by(cumulative_high, date_day) as ci_high,
        sum(actual order by date_day) filter (where cumulative_incremental is not null) as actual_revenue,
        sum(abs(actual) + abs(baseline)) as size
    from {{ ref("fct_baseline_days") }}
    group by all

)

select *
from last_days
inner join {{ ref("fct_incremental_roas") }} as figures using (experiment_id, method)
where
    figures.incremental_revenue is null
    {%- for figure in ["incremental_revenue", "ci_low", "ci_high", "actual_revenue"] %}
    or (last_days.{{ figure }} is null) <> (figures.{{ figure }} is null)
    or abs(last_days.{{ figure }} - figures.{{ figure }}) > 1e-9 * last_days.size
    {%- endfor %}
