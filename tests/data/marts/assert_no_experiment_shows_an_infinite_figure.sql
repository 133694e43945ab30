-- Fails for a row of the marts of experiments with a figure that is infinite or not a number.
{%- set marts = {
    "fct_incremental_roas": [
        "incremental_revenue", "se", "df", "ci_level", "ci_low", "ci_high", "spend", "iroas", "iroas_low", "iroas_high", "break_even",
        "prob_positive", "prob_profitable", "actual_revenue", "baseline_revenue", "lift", "lift_low", "lift_high",
        "minimum_detectable_revenue", "pre_period_r2", "spend_in_control", "trim_rate",
    ],
    "fct_baseline_days": [
        "actual", "baseline", "baseline_low", "baseline_high", "cumulative_incremental", "cumulative_low", "cumulative_high",
    ],
} %}
{%- for mart, figures in marts.items() %}
(
    select
        '{{ mart }}' as mart,
        experiment_id,
        method
    from {{ ref(mart) }}
    where not (
        {%- for figure in figures %}
        {{ "and " if not loop.first }}isfinite(coalesce({{ figure }}, 0))
        {%- endfor %}
    )
)
{{ "union all" if not loop.last }}
{%- endfor %}
