-- Fails for a plan that was not kept and does not say why, one that was kept although something differs, a difference that has no
-- sentence, and promises that are no probabilities.

with

plans as (select * from {{ ref("fct_test_plans") }}),

reasons as (select * from {{ ref("dim_reasons") }}),

given as (

    select
        campaign_id,
        unnest(string_split(plan_broken_codes, '; ')) as reason_code
    from plans

)

select campaign_id
from plans
where
    coalesce(not plan_kept, false) <> (plan_broken_codes is not null)
    or (plan_broken_codes is null) <> (plan_broken_reason is null)
    or (verdict_as_planned is null) <> (experiment_id is null)
    or prob_found_profitable + prob_found_unprofitable > 1.0001
union all
select campaign_id
from given
where reason_code not in (select reasons.reason_code from reasons)
