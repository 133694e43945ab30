-- Fails for a model of experiments left of the marts in which the stated grain does not hold.
{%- set grains = {
    "core_experiments": ["experiment_id"],
    "core_experiment_geos": ["experiment_id", "lower(geo)"],
    "panel_experiment_days": ["experiment_id", "geo", "date_day"],
    "panel_experiment_overlaps": ["experiment_id", "overlapping_campaign_id", "geo"],
    "base_experiment_windows": ["experiment_id", "window_id"],
    "base_geo_windows": ["experiment_id", "window_id", "geo"],
    "base_experiment_spend": ["experiment_id"],
    "base_experiment_facts": ["experiment_id"],
    "base_tbr": ["experiment_id", "window_id", "metric"],
    "base_pre_period": ["experiment_id", "window_id", "weekday"],
    "inc_closed_form": ["experiment_id", "window_id", "method"],
} %}
{%- for model, grain in grains.items() %}
(
    select
        '{{ model }}' as model,
        concat_ws(' | ', {{ grain | join(", ") }}) as member
    from {{ ref(model) }}
    group by {{ grain | join(", ") }}
    having count(*) > 1
)
{{ "union all" if not loop.last }}
{%- endfor %}
