{{ config(meta={"always_rebuilt": true}) }}
-- Built after everything else, so that the number of rows is that of this build. The compiled SQL of a model is known only once
-- it has run: record_compiled_sql() fills it in when the build is over.
{%- for mart in [
    "dim_brands", "dim_campaigns", "dim_channels", "dim_dates", "dim_experiment_regions", "dim_experiments", "dim_influencers",
    "dim_personas", "dim_reasons", "dim_regions", "fct_baseline_days", "fct_experiment_truth", "fct_incremental_roas",
    "fct_incrementality_factors", "fct_influencer_days", "fct_payout_lines", "fct_plan_designs", "fct_plan_precision",
    "fct_plan_references", "fct_plan_regions", "fct_plan_returns", "fct_posts", "fct_rejected_rows", "fct_response",
    "fct_revenue_days", "fct_test_plans", "meta_columns", "meta_settings", "rpt_data_health", "rpt_file_notes",
    "rpt_influencer_payouts", "rpt_influencer_performance", "rpt_method_calibration", "rpt_not_found", "rpt_payout_checks",
    "rpt_persona_performance",
] %}
-- depends_on: {{ ref(mart) }}
{%- endfor %}

with

models as ({{ model_rows() }}),

described as (

    select
        models.model,
        models.layer,
        models.description,
        models.formula,
        null::varchar as compiled_sql,
        models.parents,
        models.rows
    from models

)

select * from described
