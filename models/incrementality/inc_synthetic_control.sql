-- Synthetic control, with block conformal inference (Chernozhukov, Wuethrich and Zhu 2021). An effect per treated region and date is put to the
-- test by taking it off the test dates and fitting the weights again on all dates. If it is the true one, the test is a stretch of dates like
-- any other: its p-value is the share of all cyclic shifts of the test whose sum of misses is as large as the test's own. As weights change
-- with the effect on straight lines, so do the sums, and the effects at which p-values change are known exactly.

with

panels as (select * from {{ ref("base_synthetic_control_panels") }}),

donors as (select * from {{ ref("base_synthetic_control_donors") }}),

fits as (select * from {{ ref("base_synthetic_control_fit") }}),

paths as (select * from {{ ref("base_synthetic_control_paths") }}),

days as (select * from {{ ref("base_synthetic_control_days") }}),

experiments as (select * from {{ ref("panel_experiments") }}),

spends as (select * from {{ ref("base_experiment_spend") }}),

estimates as (

    select
        days.experiment_id,
        sum(days.actual - days.baseline order by days.date_day) filter (where days.date_day > experiments.pretest_end)
            as incremental_revenue,
        sum((days.actual - days.baseline) ^ 2 order by days.date_day) filter (where days.date_day <= experiments.pretest_end)
            as pretest_loss
    from days
    inner join experiments
        on days.experiment_id = experiments.experiment_id
    group by days.experiment_id

),

measured as (

    select
        panels.experiment_id,
        panels.geos_treated,
        panels.pretest_dates,
        panels.test_dates,
        panels.pretest_dates + panels.test_dates as all_dates,
        panels.geos_treated * panels.test_dates * panels.largest_response as unit,
        panels.is_demeaned,
        panels.shifts_to_keep,
        panels.interval_problem,
        estimates.incremental_revenue,
        sqrt(estimates.pretest_loss) / panels.geos_treated as l2_imbalance,
        fits.uniform_imbalance * panels.largest_response as uniform_imbalance,
        if(spends.spend > 0, panels.break_even * spends.spend, null) as break_even_revenue,
        fits.iterations,
        fits.is_converged
    from panels
    inner join estimates
        on panels.experiment_id = estimates.experiment_id
    inner join fits
        on panels.experiment_id = fits.experiment_id
    left join spends
        on panels.experiment_id = spends.experiment_id
        and spends.spend_problem is null

),

donor_levels as (

    select
        donors.experiment_id,
        donors.geo,
        donors.gaps,
        if(measured.is_demeaned, list_avg(donors.gaps), 0) as level,
        measured.all_dates,
        measured.test_dates
    from donors
    inner join measured
        on donors.experiment_id = measured.experiment_id

),

repeated_gaps as (

    select
        experiment_id,
        geo,
        all_dates,
        test_dates,
        list_transform(gaps || gaps, lambda gap: gap - level) as gaps
    from donor_levels

),

-- Sums of a donor's gaps over the test and over its shifts, each a date later than the one before; the last date is followed by the first.
donor_windows as (

    select
        experiment_id,
        geo,
        unnest(range(all_dates)) as shift,
        unnest(list_transform(
            range(all_dates),
            lambda shift: list_sum(gaps[all_dates - test_dates + 1 + shift:all_dates + shift])
        )) as gap_sum
    from repeated_gaps

),

gap_sums as (

    select
        experiment_id,
        list(gap_sum order by shift, geo) as gap_sums
    from donor_windows
    group by experiment_id

),

shifts as (

    select
        gap_sums.experiment_id,
        gap_sums.gap_sums,
        measured.test_dates,
        measured.all_dates,
        measured.is_demeaned,
        len(gap_sums.gap_sums) // measured.all_dates as donors,
        unnest(range(measured.all_dates)) as shift
    from gap_sums
    inner join measured
        on gap_sums.experiment_id = measured.experiment_id

),

-- An effect on the test dates adds to a window as often as it contains test dates, less their share of all dates where levels are taken off.
windows as (

    select
        experiment_id,
        shift,
        gap_sums[shift * donors + 1:(shift + 1) * donors] as gap_sums,
        greatest(test_dates - shift, 0) + greatest(test_dates - all_dates + shift, 0)
        - if(is_demeaned, test_dates ^ 2 / all_dates, 0) as effects
    from shifts

),

stretches as (

    select
        experiment_id,
        effect_from,
        coalesce(lead(effect_from) over (partition by experiment_id order by effect_from) - effect_from, 0) as length,
        weights,
        weight_slopes
    from paths

),

-- Where the path ends every effect is rejected, and what lies beyond is no more plausible.
break_even_effects as (

    select
        measured.experiment_id,
        least(any_value(measured.break_even_revenue / measured.unit), max(stretches.effect_from)) as break_even_effect
    from measured
    inner join stretches
        on measured.experiment_id = stretches.experiment_id
    where measured.break_even_revenue is not null
    group by measured.experiment_id

),

-- On each stretch the sum of misses over a window is a line in the effect: its height at the start, and its slope.
lines as (

    select
        stretches.experiment_id,
        stretches.effect_from,
        stretches.length,
        windows.shift,
        list_inner_product(stretches.weights, windows.gap_sums) + stretches.effect_from * windows.effects as height,
        list_inner_product(stretches.weight_slopes, windows.gap_sums) + windows.effects as slope
    from stretches
    inner join windows
        on stretches.experiment_id = windows.experiment_id

),

-- The test itself, made smaller by what may be rounding, so that exact ties count as such.
test_lines as (

    select
        lines.experiment_id,
        lines.effect_from,
        lines.height,
        lines.slope,
        1e-9 * measured.test_dates as tolerance,
        measured.all_dates
    from lines
    inner join measured
        on lines.experiment_id = measured.experiment_id
    where lines.shift = 0

),

-- A shift is quiet where the test's sum is larger in size than its own: where test - shift and test + shift are both positive, or, with the
-- test's sign turned, again both. These are stretches between zeros of lines.
margins as (

    select
        lines.experiment_id,
        lines.effect_from,
        lines.length,
        signs.sign * test_lines.height - test_lines.tolerance - lines.height as minus_height,
        signs.sign * test_lines.slope - lines.slope as minus_slope,
        signs.sign * test_lines.height - test_lines.tolerance + lines.height as plus_height,
        signs.sign * test_lines.slope + lines.slope as plus_slope
    from lines
    inner join test_lines
        on lines.experiment_id = test_lines.experiment_id
        and lines.effect_from = test_lines.effect_from
    cross join (values (1), (-1)) as signs (sign)

),

quiet_stretches as (

    select
        experiment_id,
        effect_from,
        length,
        greatest(
            case when minus_slope > 0 then -minus_height / minus_slope when minus_slope = 0 and minus_height <= 0 then length else -1 end,
            case when plus_slope > 0 then -plus_height / plus_slope when plus_slope = 0 and plus_height <= 0 then length else -1 end
        ) as quiet_from,
        least(
            if(minus_slope < 0, -minus_height / minus_slope, length + 1),
            if(plus_slope < 0, -plus_height / plus_slope, length + 1)
        ) as quiet_to
    from margins
    where
        greatest(minus_height, minus_height + minus_slope * length) > 0
        and greatest(plus_height, plus_height + plus_slope * length) > 0
        and quiet_from < quiet_to
        and quiet_from < length
        and quiet_to > 0

),

-- No effect and the break-even point are asked about by name.
hypotheses as (

    select
        experiment_id,
        0 as effect
    from measured

    union all

    select
        experiment_id,
        break_even_effect as effect
    from break_even_effects

),

located_hypotheses as (

    select
        hypotheses.experiment_id,
        hypotheses.effect,
        stretches.effect_from,
        stretches.weights,
        stretches.weight_slopes
    from hypotheses
    asof inner join stretches
        on hypotheses.experiment_id = stretches.experiment_id
        and hypotheses.effect >= stretches.effect_from

),

-- Where the number of shifts that do as badly as the test changes. At a zero both counts are in force: a shift stops to be quiet before the
-- effect is judged, and begins to be so after it.
changes as (

    select
        stretches.experiment_id,
        stretches.effect_from,
        stretches.effect_from as effect,
        0 as turn,
        any_value(measured.all_dates) - count(*) filter (where quiet_stretches.quiet_from < 0) as change
    from stretches
    inner join measured
        on stretches.experiment_id = measured.experiment_id
    left join quiet_stretches
        on stretches.experiment_id = quiet_stretches.experiment_id
        and stretches.effect_from = quiet_stretches.effect_from
    group by stretches.experiment_id, stretches.effect_from

    union all

    select
        experiment_id,
        effect_from,
        effect_from + quiet_to as effect,
        1 as turn,
        1 as change
    from quiet_stretches
    where quiet_to < length

    union all

    select
        experiment_id,
        effect_from,
        effect,
        2 as turn,
        0 as change
    from located_hypotheses

    union all

    select
        experiment_id,
        effect_from,
        effect_from + quiet_from as effect,
        3 as turn,
        -1 as change
    from quiet_stretches
    where quiet_from >= 0

),

-- For every effect at which something changes, how many shifts do as badly as the test.
judged_effects as (

    select
        experiment_id,
        effect,
        sum(change) over (
            partition by experiment_id, effect_from
            order by effect, turn
            rows between unbounded preceding and current row
        ) + if(turn = 3, 1, 0) as shifts
    from changes

),

-- The interval reaches from the first effect that is not rejected to the last, and includes the estimate. For the probabilities too, an
-- effect is as plausible as the most plausible one beyond it, so that they and the interval say the same at every level.
intervals as (

    select
        measured.experiment_id,
        min(judged_effects.effect) filter (where judged_effects.shifts > measured.shifts_to_keep) * any_value(measured.unit) as first_kept,
        max(judged_effects.effect) filter (where judged_effects.shifts > measured.shifts_to_keep) * any_value(measured.unit) as last_kept,
        max(judged_effects.shifts) filter (where judged_effects.effect <= 0) as shifts_up_to_zero,
        max(judged_effects.shifts) filter (where judged_effects.effect >= 0) as shifts_from_zero,
        max(judged_effects.shifts) filter (where judged_effects.effect <= break_even_effects.break_even_effect)
            as shifts_up_to_break_even,
        max(judged_effects.shifts) filter (where judged_effects.effect >= break_even_effects.break_even_effect)
            as shifts_from_break_even
    from measured
    inner join judged_effects
        on measured.experiment_id = judged_effects.experiment_id
    left join break_even_effects
        on measured.experiment_id = break_even_effects.experiment_id
    group by measured.experiment_id

),

-- The usual p-value, that of no effect on any date, adds up the sizes of misses, so that those up and down do not cancel.
weights_without_effect as (

    select
        experiment_id,
        list_transform(list_zip(weights, weight_slopes), lambda line: line[1] - effect_from * line[2]) as weights
    from located_hypotheses
    where effect = 0
    group by all

),

gaps_of_all_donors as (

    select
        experiment_id,
        list(gaps order by geo) as gaps
    from repeated_gaps
    group by experiment_id

),

weighted_gaps as (

    select
        gaps_of_all_donors.experiment_id,
        list_transform(
            list_zip(gaps_of_all_donors.gaps, weights_without_effect.weights),
            lambda donor: list_transform(donor[1], lambda gap: gap * donor[2])
        ) as gaps
    from gaps_of_all_donors
    inner join weights_without_effect
        on gaps_of_all_donors.experiment_id = weights_without_effect.experiment_id

),

sizes as (

    select
        experiment_id,
        list_transform(
            list_reduce(gaps, lambda total, donor: list_transform(list_zip(total, donor), lambda pair: pair[1] + pair[2])),
            lambda miss: abs(miss)
        ) as sizes
    from weighted_gaps

),

size_sums as (

    select
        sizes.experiment_id,
        measured.test_dates,
        measured.all_dates,
        list_transform(
            range(measured.all_dates),
            lambda shift: list_sum(sizes.sizes[measured.all_dates - measured.test_dates + 1 + shift:measured.all_dates + shift])
        ) as size_sums
    from sizes
    inner join measured
        on sizes.experiment_id = measured.experiment_id

),

p_values as (

    select
        experiment_id,
        len(list_filter(size_sums, lambda size_sum: size_sum >= size_sums[1] - 1e-9 * test_dates)) / all_dates as p_value
    from size_sums

),

path_checks as (

    select
        experiment_id,
        any_value(iterations) as iterations,
        any_value(is_converged) as is_converged
    from paths
    group by experiment_id

),

inferred as (

    select
        measured.*,
        measured.iterations + path_checks.iterations as all_iterations,
        measured.is_converged and path_checks.is_converged as all_converged,
        coalesce(
            measured.interval_problem,
            if(measured.is_converged and path_checks.is_converged, null, 'the weights did not converge')
        ) as no_interval_reason,
        p_values.p_value,
        least(intervals.first_kept, measured.incremental_revenue) as ci_low,
        greatest(intervals.last_kept, measured.incremental_revenue) as ci_high,
        {{ conformal_probability(
            "measured.incremental_revenue", "0", "intervals.shifts_up_to_zero", "intervals.shifts_from_zero", "measured.all_dates"
        ) }} as prob_positive,
        {{ conformal_probability(
            "measured.incremental_revenue", "measured.break_even_revenue", "intervals.shifts_up_to_break_even",
            "intervals.shifts_from_break_even", "measured.all_dates"
        ) }} as prob_profitable
    from measured
    inner join intervals
        on measured.experiment_id = intervals.experiment_id
    inner join p_values
        on measured.experiment_id = p_values.experiment_id
    inner join path_checks
        on measured.experiment_id = path_checks.experiment_id

),

results as (

    select
        panels.experiment_id,
        inferred.incremental_revenue,
        if(inferred.no_interval_reason is null, inferred.ci_low, null) as ci_low,
        if(inferred.no_interval_reason is null, inferred.ci_high, null) as ci_high,
        inferred.p_value,
        if(inferred.no_interval_reason is null, inferred.prob_positive, null) as prob_positive,
        if(inferred.no_interval_reason is null, inferred.prob_profitable, null) as prob_profitable,
        inferred.incremental_revenue / (inferred.geos_treated * inferred.test_dates) as att,
        inferred.l2_imbalance,
        inferred.l2_imbalance / inferred.uniform_imbalance as scaled_l2_imbalance,
        inferred.all_iterations as iterations,
        inferred.all_converged as is_converged,
        panels.not_measurable_reason,
        coalesce(panels.not_measurable_reason, inferred.no_interval_reason) as interval_problem
    from panels
    left join inferred
        on panels.experiment_id = inferred.experiment_id

)

select * from results
