-- Synthetic controls under every hypothesis about the effect: for each effect per treated region and date, taken off the test, the weights
-- that fit best on all dates. They change with the effect on straight lines, stretch by stretch.

with recursive

panels as (select * from {{ ref("base_synthetic_control_panels") }}),

donors as (select * from {{ ref("base_synthetic_control_donors") }}),

levels as (

    select
        donors.experiment_id,
        donors.geo,
        donors.gaps,
        if(panels.is_demeaned, list_avg(donors.gaps), 0) as level,
        panels.pretest_dates
    from donors
    inner join panels
        on donors.experiment_id = panels.experiment_id

),

centred_gaps as (

    select
        experiment_id,
        geo,
        pretest_dates,
        list_transform(gaps, lambda gap: gap - level) as gaps
    from levels

),

all_dates as (

    select
        experiment_id,
        list(gaps order by geo) as gaps,
        list(list_sum(gaps[pretest_dates + 1:]) order by geo) as tilt,
        max(list_max(list_transform(gaps, lambda gap: abs(gap)))) as largest_gap
    from centred_gaps
    group by experiment_id

),

-- Effects beyond the reach are rejected for sure: window sums of gaps are at most test_dates * largest_gap, whatever the weights, and an effect
-- of 1 adds to the sum over the test at least `least(1, ...)` more than to that over any shift of it.
reaches as (

    select
        all_dates.experiment_id,
        if(panels.interval_problem is null, 1 + 2 * panels.test_dates * all_dates.largest_gap / least(1, if(
            panels.is_demeaned,
            panels.test_dates * (panels.pretest_dates - panels.test_dates) / (panels.pretest_dates + panels.test_dates),
            1
        )), 0) as reach
    from all_dates
    inner join panels
        on all_dates.experiment_id = panels.experiment_id

),

problems as (

    select
        all_dates.experiment_id,
        list_transform(all_dates.gaps, lambda a: list_transform(all_dates.gaps, lambda b: list_inner_product(a, b))) as gram,
        all_dates.tilt,
        -reaches.reach as t_from,
        reaches.reach as t_to
    from all_dates
    inner join reaches
        on all_dates.experiment_id = reaches.experiment_id

),

{{ simplex_least_squares("problems") }},

paths as (

    select
        experiment_id,
        t_start as effect_from,
        weights,
        weight_slopes,
        iterations,
        is_converged
    from solutions

)

select * from paths
