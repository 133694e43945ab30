-- Trimmed Match (Chen and Au 2022, Robust causal inference for incremental return on ad spend with randomized paired geo
-- experiments, Annals of Applied Statistics 16): incremental revenue is the iROAS of the kept pairs times the cost difference of
-- all pairs.

with

experiments as (select * from {{ ref("panel_experiments") }}),

experiment_days as (select * from {{ ref("panel_experiment_days") }}),

pair_differences as (select * from {{ ref("inc_trimmed_match_pairs") }}),

candidates as (select * from {{ ref("inc_trimmed_match_candidates") }}),

intervals as (select * from {{ ref("inc_trimmed_match_intervals") }}),

designs as (

    select
        experiment_id,
        count(*) filter (where is_complete) as pairs,
        coalesce(sum(geos) filter (where not is_complete), 0) as geos_in_incomplete_pairs,
        count(*) filter (where is_complete and cost_difference <> 0) as pairs_with_cost,
        count(*) filter (where is_complete and response_difference <> 0) as pairs_with_response,
        sum(cost_difference) filter (where is_complete) as incremental_cost
    from pair_differences
    group by experiment_id

),

unpaired_geos as (

    select
        experiment_days.experiment_id,
        count(distinct experiment_days.geo) as geos
    from experiment_days
    inner join designs
        on experiment_days.experiment_id = designs.experiment_id
    where
        experiment_days.pair is null
        and experiment_days.period in ('test', 'cooldown')
    group by experiment_days.experiment_id

),

judged as (

    select
        experiments.experiment_id,
        experiments.ci_level,
        cast(coalesce(designs.pairs, 0) as integer) as pairs,
        cast(coalesce(designs.geos_in_incomplete_pairs + coalesce(unpaired_geos.geos, 0), 0) as integer) as geos_left_out,
        cast(designs.incremental_cost as double) as incremental_cost,
        case
            when experiments.source = 'campaign' then 'no_cost_by_region'
            when designs.experiment_id is null then 'not_paired'
            when designs.pairs = 0 then 'no_complete_pair'
            when designs.pairs < 3 then 'few_pairs'
            when designs.pairs_with_cost = 0 then 'cost_does_not_differ'
            when designs.incremental_cost = 0 then 'cost_cancels_out'
            when designs.pairs_with_response = 0 then 'response_does_not_differ'
            when designs.pairs - 2 * ceil(experiments.trim_rate * designs.pairs - 1e-9) < 2
                then 'few_pairs_kept'
            when candidates.experiment_id is null then 'cost_of_kept_pairs_does_not_differ'
            when candidates.iroas_se = 0 then 'no_noise_in_kept_pairs'
        end as not_measurable_reason
    from experiments
    left join designs
        on experiments.experiment_id = designs.experiment_id
    left join unpaired_geos
        on experiments.experiment_id = unpaired_geos.experiment_id
    left join candidates
        on experiments.experiment_id = candidates.experiment_id
        and candidates.is_chosen

),

measurable as (

    select
        judged.experiment_id,
        judged.incremental_cost,
        candidates.pairs_trimmed_each_side,
        candidates.trim_rate,
        candidates.iroas,
        candidates.iroas_se,
        intervals.iroas_low,
        intervals.iroas_high,
        candidates.iroas * judged.incremental_cost as incremental_revenue,
        candidates.iroas_se * abs(judged.incremental_cost) as se,
        intervals.iroas_low * judged.incremental_cost as end_of_low,
        intervals.iroas_high * judged.incremental_cost as end_of_high,
        case
            when judged.incremental_cost > 0 then intervals.prob_iroas_positive
            else 1 - intervals.prob_iroas_positive
        end as prob_positive,
        intervals.prob_profitable,
        intervals.prob_profitable_by_revenue,
        {{ normal_quantile("(1 + judged.ci_level) / 2") }} + {{ normal_quantile("0.8") }} as detectable_errors
    from judged
    inner join candidates
        on judged.experiment_id = candidates.experiment_id
        and candidates.is_chosen
    inner join intervals
        on judged.experiment_id = intervals.experiment_id
    where judged.not_measurable_reason is null

),

-- More cost in control than in treatment turns the interval of revenue around.
measured as (

    select
        judged.experiment_id,
        judged.pairs,
        judged.geos_left_out,
        measurable.pairs_trimmed_each_side,
        measurable.trim_rate,
        measurable.iroas,
        measurable.iroas_se,
        measurable.iroas_low,
        measurable.iroas_high,
        measurable.incremental_cost,
        measurable.incremental_revenue,
        measurable.se,
        least(measurable.end_of_low, measurable.end_of_high) as ci_low,
        greatest(measurable.end_of_low, measurable.end_of_high) as ci_high,
        measurable.prob_positive,
        measurable.prob_profitable,
        measurable.prob_profitable_by_revenue,
        measurable.detectable_errors * measurable.se as minimum_detectable_revenue,
        judged.not_measurable_reason
    from judged
    left join measurable
        on judged.experiment_id = measurable.experiment_id

)

select * from measured
