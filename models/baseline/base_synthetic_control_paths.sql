-- Synthetic controls under every hypothesis about the effect: for each effect per treated region and date, taken off the test
-- dates, the weights that fit best on all dates. Effects are in units of the panel's largest response. Weights change with them
-- on straight lines, stretch by stretch.

with recursive

panels as (select * from {{ ref("base_synthetic_control_panels") }}),

donors as (select * from {{ ref("base_synthetic_control_donors") }}),

centred_gaps as (

    select
        donors.experiment_id,
        donors.geo,
        panels.pretest_dates,
        list_transform(donors.gaps, lambda gap: gap - donors.overall_level) as gaps
    from donors
    inner join panels
        on donors.experiment_id = panels.experiment_id

),

-- An effect that is taken off the test is an effect added to all gaps there: it moves the loss by the gaps' sums over the test.
all_gaps as (

    select
        experiment_id,
        list(gaps order by geo) as gaps,
        list(list_sum(gaps[pretest_dates + 1:]) order by geo) as test_sums,
        max(list_max(list_transform(gaps, lambda gap: abs(gap)))) as largest_gap
    from centred_gaps
    group by experiment_id

),

-- Larger effects than these are rejected for sure: whatever the weights, sums of gaps over a window are at most test_dates *
-- largest_gap, and an effect of 1 adds to the sum over the test at least least(1, ...) more than to that over any shift of it.
reaches as (

    select
        all_gaps.experiment_id,
        if(panels.interval_problem is null, 1 + 2 * panels.test_dates * all_gaps.largest_gap / least(1, if(
            panels.is_demeaned,
            panels.test_dates * (panels.pretest_dates - panels.test_dates) / panels.all_dates,
            1
        )), 0) as reach
    from all_gaps
    inner join panels
        on all_gaps.experiment_id = panels.experiment_id

),

problems as (

    select
        all_gaps.experiment_id,
        list_transform(all_gaps.gaps, lambda a: list_transform(all_gaps.gaps, lambda b: list_inner_product(a, b))) as gram,
        all_gaps.test_sums as tilt,
        -reaches.reach as t_from,
        reaches.reach as t_to
    from all_gaps
    inner join reaches
        on all_gaps.experiment_id = reaches.experiment_id

),

{{ simplex_least_squares("problems") }},

paths as (

    select
        experiment_id,
        -- Zero has no sign.
        if(t_start = 0, 0, t_start) as effect_from,
        coalesce(lead(t_start) over (partition by experiment_id order by t_start) - t_start, 0) as length,
        weights,
        weight_slopes,
        iterations,
        is_converged
    from solutions

)

select * from paths
