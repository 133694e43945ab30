-- Block conformal inference (Chernozhukov, Wuethrich and Zhu 2021). An effect per treated region and date is put to the test by
-- taking it off the test dates and fitting the weights on all dates. If it is the true one, the test is a stretch of dates like
-- any other: the p-value is the share of the test's cyclic shifts, itself included, whose misses add up to as much, up or down,
-- as the test's own. Weights change with the effect on straight lines, and so do sums of misses: where p-values change is known
-- exactly, without a grid.

with

panels as (select * from {{ ref("base_synthetic_control_panels") }}),

paths as (select * from {{ ref("base_synthetic_control_paths") }}),

windows as (select * from {{ ref("base_synthetic_control_windows") }}),

spends as (select * from {{ ref("base_experiment_spend") }}),

experiments as (select * from {{ ref("panel_experiments") }}),

-- On a stretch of effects, the sum of misses over a window is a line: its height at the start, and its slope.
test_lines as (

    select
        paths.experiment_id,
        paths.effect_from,
        paths.length,
        paths.weights,
        paths.weight_slopes,
        list_inner_product(paths.weights, windows.gap_sums) + paths.effect_from * windows.effects as height,
        list_inner_product(paths.weight_slopes, windows.gap_sums) + windows.effects as slope,
        -- Sums that differ by less may be equal but for rounding.
        1e-9 * panels.test_dates as tolerance
    from paths
    inner join windows
        on paths.experiment_id = windows.experiment_id
        and windows.shift = 0
    inner join panels
        on paths.experiment_id = panels.experiment_id

),

-- The sum over the test where it is positive, and where it is negative its opposite. Most stretches have but one of them.
signed_test_lines as (

    select
        test_lines.experiment_id,
        test_lines.effect_from,
        test_lines.length,
        test_lines.weights,
        test_lines.weight_slopes,
        signs.sign * test_lines.height - test_lines.tolerance as test_height,
        signs.sign * test_lines.slope as test_slope
    from test_lines
    cross join (values (1), (-1)) as signs (sign)
    where greatest(test_height, test_height + test_slope * length) > 0

),

lines as (

    select
        signed_test_lines.experiment_id,
        signed_test_lines.effect_from,
        signed_test_lines.length,
        signed_test_lines.test_height,
        signed_test_lines.test_slope,
        list_inner_product(signed_test_lines.weights, windows.gap_sums)
        + signed_test_lines.effect_from * windows.effects as height,
        list_inner_product(signed_test_lines.weight_slopes, windows.gap_sums) + windows.effects as slope
    from signed_test_lines
    inner join windows
        on signed_test_lines.experiment_id = windows.experiment_id

),

-- A shift is quiet where the test's sum is larger than its own, up or down: where both lines, test - shift and test + shift,
-- are positive.
quiet as (

    select
        experiment_id,
        effect_from,
        length,
        greatest(
            case when test_slope > slope then (height - test_height) / (test_slope - slope) else -1 end,
            case when test_slope > -slope then (-height - test_height) / (test_slope + slope) else -1 end
        ) as quiet_from,
        least(
            case when test_slope < slope then (height - test_height) / (test_slope - slope) else length + 1 end,
            case when test_slope < -slope then (-height - test_height) / (test_slope + slope) else length + 1 end
        ) as quiet_to
    from lines
    where
        greatest(test_height - height, test_height - height + (test_slope - slope) * length) > 0
        and greatest(test_height + height, test_height + height + (test_slope + slope) * length) > 0

),

quiet_stretches as (

    select * from quiet
    where quiet_from < least(quiet_to, length) and quiet_to > 0

),

-- No effect and the break-even point are asked about by name. Where the path ends all effects are rejected, and what lies
-- beyond is no more plausible.
path_ends as (

    select
        experiment_id,
        max(effect_from) as effect_to
    from paths
    group by experiment_id

),

hypotheses as (

    select
        experiment_id,
        0 as effect,
        'no effect' as hypothesis
    from path_ends

    {% for hypothesis, break_even in [("break-even", "experiments.break_even"), ("break-even by revenue", "1")] -%}
    union all

    select
        path_ends.experiment_id,
        least(
            {{ break_even }} * spends.spend / (panels.geos_treated * panels.test_dates * panels.largest_response),
            path_ends.effect_to
        ) as effect,
        '{{ hypothesis }}' as hypothesis
    from path_ends
    inner join panels
        on path_ends.experiment_id = panels.experiment_id
    inner join experiments
        on path_ends.experiment_id = experiments.experiment_id
    inner join spends
        on path_ends.experiment_id = spends.experiment_id
    where spends.spend_problem is null and spends.spend > 0
    {% endfor %}
),

located_hypotheses as (

    select
        hypotheses.experiment_id,
        hypotheses.effect,
        hypotheses.hypothesis,
        paths.effect_from
    from hypotheses
    asof inner join paths
        on hypotheses.experiment_id = paths.experiment_id
        and hypotheses.effect >= paths.effect_from

),

-- Where shifts begin or cease to be quiet. At such an effect both counts hold: it is judged (turn 2) after shifts ceased to be
-- quiet, before others begin to.
turns as (

    select
        paths.experiment_id,
        paths.effect_from,
        paths.effect_from as effect,
        0 as turn,
        -count(*) filter (where quiet_stretches.quiet_from < 0) as shifts,
        null as hypothesis
    from paths
    left join quiet_stretches
        on paths.experiment_id = quiet_stretches.experiment_id
        and paths.effect_from = quiet_stretches.effect_from
    group by paths.experiment_id, paths.effect_from

    union all

    select
        experiment_id,
        effect_from,
        effect_from + quiet_to as effect,
        1 as turn,
        1 as shifts,
        null as hypothesis
    from quiet_stretches
    where quiet_to < length

    union all

    select
        experiment_id,
        effect_from,
        effect,
        2 as turn,
        0 as shifts,
        hypothesis
    from located_hypotheses

    union all

    select
        experiment_id,
        effect_from,
        effect_from + quiet_from as effect,
        3 as turn,
        -1 as shifts,
        null as hypothesis
    from quiet_stretches
    where quiet_from >= 0

),

counted as (

    select
        turns.experiment_id,
        turns.effect,
        turns.hypothesis,
        panels.all_dates + if(turns.turn = 3, 1, 0) + sum(turns.shifts) over (
            partition by turns.experiment_id, turns.effect_from
            order by turns.effect, turns.turn
            rows between unbounded preceding and current row
        ) as shifts
    from turns
    inner join panels
        on turns.experiment_id = panels.experiment_id

)

select * from counted
