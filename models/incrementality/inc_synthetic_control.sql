-- Synthetic control: the treated regions against the mixture of control regions that came closest to them in the pretest
-- (Abadie, Diamond and Hainmueller 2010), with block conformal inference (Chernozhukov, Wuethrich and Zhu 2021).

with

experiments as (select * from {{ ref("panel_experiments") }}),

spends as (select * from {{ ref("base_experiment_spend") }}),

panels as (select * from {{ ref("base_synthetic_control_panels") }}),

donors as (select * from {{ ref("base_synthetic_control_donors") }}),

fits as (select * from {{ ref("base_synthetic_control_fit") }}),

days as (select * from {{ ref("base_synthetic_control_days") }}),

paths as (select * from {{ ref("base_synthetic_control_paths") }}),

shifts as (select * from {{ ref("inc_synthetic_control_shifts") }}),

estimates as (

    select
        days.experiment_id,
        sum(days.actual - days.baseline order by days.date_day) filter (where days.date_day > experiments.pretest_end)
            as incremental_revenue,
        sum((days.actual - days.baseline) ^ 2 order by days.date_day) filter (where days.date_day <= experiments.pretest_end)
            as pretest_loss,
        count(*) filter (where days.date_day <= experiments.pretest_end) as pretest_dates
    from days
    inner join experiments
        on days.experiment_id = experiments.experiment_id
    group by days.experiment_id

),

measured as (

    select
        panels.experiment_id,
        panels.geos_treated * panels.test_dates as treated_dates,
        panels.largest_response,
        estimates.incremental_revenue,
        estimates.incremental_revenue / (panels.geos_treated * panels.test_dates) as att,
        sqrt(estimates.pretest_loss) / panels.geos_treated as l2_imbalance,
        -- A fit that misses by nothing but rounding leaves no noise to judge an effect by.
        estimates.pretest_loss
        <= 1e-17 * estimates.pretest_dates * (panels.geos_treated * panels.largest_response) ^ 2 as is_without_noise,
        fits.uniform_imbalance * panels.largest_response as uniform_imbalance,
        if(spends.spend > 0, experiments.break_even * spends.spend, null) as break_even_revenue,
        if(spends.spend > 0, spends.spend, null) as break_even_by_revenue_revenue
    from panels
    inner join estimates
        on panels.experiment_id = estimates.experiment_id
    inner join fits
        on panels.experiment_id = fits.experiment_id
    inner join experiments
        on panels.experiment_id = experiments.experiment_id
    left join spends
        on panels.experiment_id = spends.experiment_id
        and spends.spend_problem is null

),

-- p-values of no effect and of the break-even point, in shifts.
hypotheses as (

    select
        experiment_id,
        max(effect) filter (where hypothesis = 'break-even') as break_even_effect,
        max(effect) filter (where hypothesis = 'break-even by revenue') as break_even_by_revenue_effect
    from shifts
    group by experiment_id

),

-- The interval is from the first effect that is not rejected to the last. For probabilities, too, an effect is as plausible as
-- the most plausible one beyond it: thus they agree with the interval at every level.
judged as (

    select
        shifts.experiment_id,
        min(shifts.effect) filter (where shifts.shifts > panels.shifts_of_rejected) as first_effect,
        max(shifts.effect) filter (where shifts.shifts > panels.shifts_of_rejected) as last_effect,
        {%- for break_even in ["break_even", "break_even_by_revenue"] %}
        max(shifts.shifts) filter (where shifts.effect <= hypotheses.{{ break_even }}_effect) / any_value(panels.all_dates)
            as p_up_to_{{ break_even }},
        max(shifts.shifts) filter (where shifts.effect >= hypotheses.{{ break_even }}_effect) / any_value(panels.all_dates)
            as p_from_{{ break_even }},
        {%- endfor %}
        max(shifts.shifts) filter (where shifts.effect <= 0) / any_value(panels.all_dates) as p_up_to_zero,
        max(shifts.shifts) filter (where shifts.effect >= 0) / any_value(panels.all_dates) as p_from_zero
    from shifts
    inner join panels
        on shifts.experiment_id = panels.experiment_id
    inner join hypotheses
        on shifts.experiment_id = hypotheses.experiment_id
    group by shifts.experiment_id

),

convergences as (

    select
        fits.experiment_id,
        any_value(fits.iterations) + any_value(paths.iterations) as iterations,
        any_value(fits.is_converged) and any_value(paths.is_converged) as is_converged
    from fits
    inner join paths
        on fits.experiment_id = paths.experiment_id
    group by fits.experiment_id

),

-- The usual p-value, that of no effect on any date, adds up sizes of misses, so that misses up and down do not cancel. It is
-- what GeoLift calls conformal inference by blocks, and has no part in the interval.
weights_without_effect as (

    select
        experiment_id,
        list_transform(list_zip(weights, weight_slopes), lambda line: line[1] - effect_from * line[2]) as weights
    from paths
    where effect_from <= 0
    qualify row_number() over (partition by experiment_id order by effect_from desc) = 1

),

-- One list per experiment: the gaps of the first donor, those of the second, and so on.
donor_gaps as (

    select
        experiment_id,
        flatten(list(gaps order by geo)) as gaps,
        list(overall_level order by geo) as levels
    from donors
    group by experiment_id

),

listed_sizes as (

    select
        donor_gaps.experiment_id,
        list_transform(range(1, panels.all_dates + 1), lambda position: abs(
            list_inner_product(weights_without_effect.weights, list_transform(
                range(panels.geos_control), lambda donor: donor_gaps.gaps[donor * panels.all_dates + position]
            )) - list_inner_product(weights_without_effect.weights, donor_gaps.levels)
        )) as sizes
    from donor_gaps
    inner join weights_without_effect
        on donor_gaps.experiment_id = weights_without_effect.experiment_id
    inner join panels
        on donor_gaps.experiment_id = panels.experiment_id

),

size_sums as (

    select
        listed_sizes.experiment_id,
        panels.test_dates,
        panels.all_dates,
        list_transform(range(panels.all_dates), lambda shift: list_sum(
            (listed_sizes.sizes || listed_sizes.sizes)[shift + panels.pretest_dates + 1:shift + panels.all_dates]
        )) as size_sums
    from listed_sizes
    inner join panels
        on listed_sizes.experiment_id = panels.experiment_id

),

p_values as (

    select
        experiment_id,
        len(list_filter(size_sums, lambda size_sum: size_sum >= size_sums[1] - 1e-9 * test_dates)) / all_dates as p_value
    from size_sums

),

inferred as (

    select
        measured.experiment_id,
        measured.incremental_revenue,
        measured.att,
        measured.l2_imbalance,
        measured.l2_imbalance / measured.uniform_imbalance as scaled_l2_imbalance,
        convergences.iterations,
        convergences.is_converged,
        p_values.p_value,
        least(judged.first_effect * measured.largest_response * measured.treated_dates, measured.incremental_revenue) as ci_low,
        greatest(judged.last_effect * measured.largest_response * measured.treated_dates, measured.incremental_revenue)
            as ci_high,
        {{ conformal_probability("measured.incremental_revenue", "0", "judged.p_up_to_zero", "judged.p_from_zero") }}
            as prob_positive,
        {{ conformal_probability(
            "measured.incremental_revenue", "measured.break_even_revenue", "judged.p_up_to_break_even", "judged.p_from_break_even"
        ) }} as prob_profitable,
        {{ conformal_probability(
            "measured.incremental_revenue", "measured.break_even_by_revenue_revenue",
            "judged.p_up_to_break_even_by_revenue", "judged.p_from_break_even_by_revenue"
        ) }} as prob_profitable_by_revenue
    from measured
    inner join convergences
        on measured.experiment_id = convergences.experiment_id
    inner join judged
        on measured.experiment_id = judged.experiment_id
    inner join p_values
        on measured.experiment_id = p_values.experiment_id

),

reasons as (

    select
        panels.experiment_id,
        panels.not_measurable_reason,
        case
            when measured.is_without_noise then 'no_noise_in_pretest'
            when panels.interval_problem is not null then panels.interval_problem
            when not convergences.is_converged then 'weights_did_not_converge'
        end as own_interval_problem
    from panels
    left join measured
        on panels.experiment_id = measured.experiment_id
    left join convergences
        on panels.experiment_id = convergences.experiment_id

),

problems as (

    select
        experiment_id,
        not_measurable_reason,
        coalesce(not_measurable_reason, own_interval_problem) as interval_problem
    from reasons

),

results as (

    select
        problems.experiment_id,
        inferred.incremental_revenue,
        if(problems.interval_problem is null, inferred.ci_low, null) as ci_low,
        if(problems.interval_problem is null, inferred.ci_high, null) as ci_high,
        inferred.p_value,
        if(problems.interval_problem is null, inferred.prob_positive, null) as prob_positive,
        if(problems.interval_problem is null, inferred.prob_profitable, null) as prob_profitable,
        if(problems.interval_problem is null, inferred.prob_profitable_by_revenue, null) as prob_profitable_by_revenue,
        inferred.att,
        inferred.l2_imbalance,
        inferred.scaled_l2_imbalance,
        inferred.iterations,
        inferred.is_converged,
        problems.not_measurable_reason,
        problems.interval_problem
    from problems
    left join inferred
        on problems.experiment_id = inferred.experiment_id

)

select * from results
