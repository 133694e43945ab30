-- Fails for a row that is measured and lacks a figure, for one that is not and has some, and for one that does not say why.
-- Attribution, and a synthetic control over too few dates, have an estimate without interval; a method that measured where
-- nothing was spent has no iROAS.
{%- set figures = [
    "incremental_revenue", "ci_low", "ci_high", "spend", "iroas", "iroas_low", "iroas_high", "prob_positive", "prob_profitable",
    "minimum_detectable_revenue",
] %}

select *
from {{ ref("fct_incremental_roas") }}
where
    trim(verdict_reason) = ''
    {%- for figure in figures %}
    or (verdict <> 'not measurable' and {{ figure }} is null)
    {%- endfor %}
    {%- for figure in ["iroas_low", "iroas_high", "prob_profitable"] %}
    or (verdict = 'not measurable' and {{ figure }} is not null)
    {%- endfor %}
    {%- for figure in ["ci_high", "prob_positive"] %}
    or (ci_low is null) <> ({{ figure }} is null)
    {%- endfor %}
    or (
        incremental_revenue is not null and ci_low is null
        and method not in ('attributed', 'organic_projection', 'synthetic_control')
    )
