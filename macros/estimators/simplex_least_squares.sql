{#- Weights w >= 0 that add up to 1 and minimise w'Gw / 2 + t * c'w, for every t from t_from to t_to, for all problems at once.

    `problems` has experiment_id, gram (G, a list of rows), tilt (c), t_from and t_to. The last of the CTEs written here,
    `solutions`, has one row per stretch of t on which the same weights are positive: there they are
    weights + (t - t_start) * weight_slopes. A problem with t_from = t_to has one row. The query around it says `with recursive`.

    The optimum is followed while a parameter moves: the critical line of Markowitz (1956), an active-set method without step
    sizes and approximations (Best 1996). A donor either has weight, or would make things worse by having some. Its `value` is
    the weight in the first case, and in the second the loss per unit of weight that is moved to it. While the parameter moves,
    values change on straight lines. Where one is about to become negative, its donor changes from one case to the other; this
    is a principal pivot of the tableau of how values respond to each other (Cottle and Dantzig 1968), the tableau less a
    column times a row. The first parameter is a bonus for the donor that does best alone, at first so large that it has all
    the weight; when the bonus has fallen to 0, t moves. There are as many steps as changes, about 20 for 30 donors and no t.

    `cells` of a donor are its row of the tableau: its response to each donor, to the bonus falling, and to t rising. -#}
{% macro simplex_least_squares(problems) -%}
    {%- set slope = "if(bonus > 0, donor.cells[-2], donor.cells[-1])" -%}
    problem_units as (

        select
            *,
            range(1, len(tilt) + 1) as positions,
            list_max(list_transform(list_zip(gram, range(1, len(tilt) + 1)), lambda line: line[1][line[2]])) as unit
        from {{ problems }}

    ),

    -- Divided by the largest element of G, so that tolerances are relative.
    scaled_problems as (

        select
            experiment_id,
            t_from,
            t_to,
            positions,
            list_transform(gram, lambda cells: list_transform(cells, lambda cell: if(unit > 0, cell / unit, 0))) as gram,
            list_transform(tilt, lambda cell: if(unit > 0, cell / unit, 0)) as tilt
        from problem_units

    ),

    single_donors as (

        select
            *,
            list_transform(
                list_zip(gram, tilt, positions), lambda donor: donor[1][donor[3]] / 2 + t_from * donor[2]
            ) as losses
        from scaled_problems

    ),

    best_positions as (

        select
            *,
            list_position(losses, list_min(losses)) as best
        from single_donors

    ),

    best_donors as (

        select
            *,
            gram[best] as best_cells,
            gram[best][best] as best_cell,
            tilt[best] as best_tilt
        from best_positions

    ),

    first_values as (

        select
            *,
            list_transform(list_zip(best_cells, tilt, positions), lambda donor: if(
                donor[3] = best, 1, donor[1] - best_cell + t_from * (donor[2] - best_tilt)
            )) as first_values
        from best_donors

    ),

    first_bonuses as (

        select
            *,
            greatest(-list_min(first_values), 0) as bonus
        from first_values

    ),

    walk as (

        select
            experiment_id,
            0 as iterations,
            bonus,
            t_from as t,
            t_to,
            list_transform(list_zip(gram, tilt, positions, first_values, best_cells), lambda donor: if(
                donor[3] = best,
                {
                    'position': donor[3],
                    'is_positive': true,
                    'value': donor[4],
                    'cells': list_transform(positions, lambda other: if(other = best, 0.0::double, -1.0::double))
                    || [0.0::double, 0.0::double]
                },
                {
                    'position': donor[3],
                    'is_positive': false,
                    'value': donor[4] + bonus,
                    'cells': list_transform(list_zip(donor[1], best_cells, positions), lambda other: if(
                        other[3] = best, 1.0::double, other[1] - other[2] - donor[5] + best_cell
                    )) || [-1.0::double, donor[2] - best_tilt]
                }
            )) as donors
        from first_bonuses

        union all

        select
            experiment_id,
            if(changing is null, iterations, iterations + 1) as iterations,
            if(bonus > 0 and changing is not null, bonus - distance, 0) as bonus,
            case when bonus > 0 then t when changing is null then t_to else t + distance end as t,
            t_to,
            list_transform(list_zip(donors, slopes, factors), lambda line: {
                'position': line[1].position,
                'is_positive': line[1].is_positive <> coalesce(line[1].position = changing, false),
                'value': if(line[1].position = changing, 0, line[1].value + distance * line[2]),
                'cells': if(changing is null, line[1].cells, list_transform(
                    list_zip(line[1].cells, changing_cells), lambda cell: cell[1] - line[3] * cell[2]
                ))
            }) as donors
        from (
            select
                *,
                list_transform(list_zip(donors[changing].cells, range(1, len(donors) + 3)), lambda cell: if(
                    cell[2] = changing, cell[1] - 1, cell[1]
                )) as changing_cells,
                list_transform(donors, lambda donor: (
                    donor.cells[changing] + if(donor.position = changing, 1, 0)
                ) / pivot_cell) as factors
            from (
                select
                    *,
                    donors[changing].cells[changing] as pivot_cell
                from (
                    select
                        *,
                        if(list_min(distances) < room, list_position(distances, list_min(distances)), null) as changing,
                        least(list_min(distances), room) as distance
                    from (
                        select
                            *,
                            if(bonus > 0, bonus, t_to - t) as room,
                            list_transform(donors, lambda donor: {{ slope }}) as slopes,
                            -- A donor that is a mixture of those with weight need not have any; its pivot would divide by 0.
                            list_transform(donors, lambda donor: if(
                                {{ slope }} < -1e-12 and donor.cells[donor.position] > 1e-12,
                                greatest(donor.value, 0) / -{{ slope }},
                                null
                            )) as distances
                        from walk
                        where (bonus > 0 or t < t_to) and iterations < 100 + 20 * len(donors)
                    ) as directed
                ) as bounded
            ) as pivoting
        ) as factored

    ),

    stretches as materialized (

        select
            experiment_id,
            iterations,
            t as t_start,
            t_to,
            list_transform(donors, lambda donor: if(donor.is_positive, greatest(donor.value, 0), 0)) as weights,
            list_transform(donors, lambda donor: if(donor.is_positive, donor.cells[-1], 0)) as weight_slopes
        from walk
        where bonus = 0 or iterations >= 100 + 20 * len(donors)
        qualify row_number() over (partition by experiment_id, t order by iterations desc) = 1

    ),

    -- The last weights are tried on the problem as it was given: moving weight gains no more than rounding.
    last_gradients as (

        select
            stretches.experiment_id,
            stretches.iterations,
            stretches.t_start >= stretches.t_to as is_complete,
            stretches.weights,
            list_max(list_transform(scaled_problems.tilt, lambda cell: abs(cell * stretches.t_start))) as tilt_size,
            list_transform(
                list_zip(scaled_problems.gram, scaled_problems.tilt),
                lambda donor: list_inner_product(donor[1], stretches.weights) + stretches.t_start * donor[2]
            ) as gradient
        from stretches
        inner join scaled_problems
            on stretches.experiment_id = scaled_problems.experiment_id
        qualify row_number() over (partition by stretches.experiment_id order by stretches.t_start desc) = 1

    ),

    checked as (

        select
            experiment_id,
            iterations,
            is_complete
            and abs(list_sum(weights) - 1) <= 1e-9
            and list_max(list_transform(list_zip(gradient, weights), lambda donor: if(donor[2] > 0, donor[1], null)))
            - list_min(gradient) <= 1e-9 * (1 + tilt_size) as is_converged
        from last_gradients

    ),

    solutions as (

        select
            stretches.experiment_id,
            stretches.t_start,
            stretches.weights,
            stretches.weight_slopes,
            checked.iterations,
            checked.is_converged
        from stretches
        inner join checked
            on stretches.experiment_id = checked.experiment_id

    )
{%- endmacro %}
