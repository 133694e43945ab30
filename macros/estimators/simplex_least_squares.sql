{#- Weights w >= 0 that add up to 1 and minimise w'Gw / 2 + t * c'w, for every t from t_from to t_to at once, for all problems at once.

    `problems` has experiment_id, gram (G, a list of rows), tilt (c), t_from and t_to. The last of the CTEs written here, `solutions`, has
    one row per stretch of t on which the same weights are positive: there they are weights + (t - t_start) * weight_slopes. A problem
    with t_from = t_to has one row. The query around it must say `with recursive`.

    The method follows the optimum while a parameter moves (the critical line of Markowitz 1956, as parametric active set in Best 1996).
    At an optimum every donor has weight 0, or loses nothing by a shift of weight to or from the others; its `value` is its weight in the
    second case, and in the first what the loss would grow by, per unit of weight given to it. While the parameter moves, values change on
    straight lines. Where one of them is about to become negative, its donor changes from one case to the other: a principal pivot of the
    tableau, which says how values depend on each other (Cottle and Dantzig 1968), and which changes it by a product of a column and a row.
    The first parameter is a bonus for the donor that does best alone, so large that it gets all the weight; it falls to 0. Then t moves.
    No step size, no approximation: the number of steps is that of the changes met, some 20 for 30 donors. -#}
{% macro simplex_least_squares(problems) -%}
    problem_units as (

        select
            *,
            list_max(list_transform(gram, lambda cells, i: cells[i])) as unit
        from {{ problems }}

    ),

    -- Divided by the largest element of G, so that tolerances are relative.
    scaled_problems as (

        select
            experiment_id,
            t_from,
            t_to,
            list_transform(gram, lambda cells: list_transform(cells, lambda cell: if(unit > 0, cell / unit, 0))) as gram,
            list_transform(tilt, lambda cell: if(unit > 0, cell / unit, 0)) as tilt
        from problem_units

    ),

    single_donors as (

        select
            *,
            list_transform(gram, lambda cells, i: cells[i] / 2 + t_from * tilt[i]) as losses
        from scaled_problems

    ),

    best_single_donors as (

        select
            *,
            list_position(losses, list_min(losses)) as best,
            gram[list_position(losses, list_min(losses))] as best_cells
        from single_donors

    ),

    first_values as (

        select
            *,
            best_cells[best] as best_cell,
            tilt[best] as best_tilt,
            list_transform(best_cells, lambda cell, i: if(
                i = best, 1, cell + t_from * tilt[i] - best_cells[best] - t_from * tilt[best]
            )) as donor_values
        from best_single_donors

    ),

    -- Rows of the tableau: how a donor's value changes with each donor's value, with the falling bonus and with t.
    walk as (

        select
            experiment_id,
            0 as iterations,
            greatest(0, -list_min(donor_values)) as bonus,
            t_from as t,
            t_to,
            list_transform(best_cells, lambda cell, i: i = best) as is_positive,
            list_transform(donor_values, lambda donor_value, i: if(
                i = best, donor_value, donor_value + greatest(0, -list_min(donor_values))
            )) as donor_values,
            list_transform(gram, lambda cells, i: if(
                i = best,
                list_transform(cells, lambda cell, j: if(j = best, 0.0::double, -1.0::double)) || [0.0::double, 0.0::double],
                list_transform(list_zip(cells, best_cells), lambda cell, j: if(
                    j = best, 1.0::double, cell[1] - cells[best] - cell[2] + best_cell
                )) || [-1.0::double, tilt[i] - best_tilt]
            )) as tableau
        from first_values

        union all

        select
            experiment_id,
            if(changing is null, iterations, iterations + 1) as iterations,
            if(bonus > 0 and changing is not null, bonus - distance, 0) as bonus,
            case when bonus > 0 then t when changing is null then t_to else t + distance end as t,
            t_to,
            if(changing is null, is_positive, list_transform(is_positive, lambda flag, i: flag <> (i = changing))) as is_positive,
            list_transform(list_zip(donor_values, slopes), lambda line, i: if(i = changing, 0, line[1] + distance * line[2])) as donor_values,
            if(changing is null, tableau, list_transform(
                list_zip(tableau, factors),
                lambda cells: list_transform(list_zip(cells[1], changing_cells), lambda cell: cell[1] - cells[2] * cell[2])
            )) as tableau
        from (
            select
                *,
                list_transform(tableau[changing], lambda cell, j: if(j = changing, cell - 1, cell)) as changing_cells,
                list_transform(tableau, lambda cells, i: (cells[changing] + if(i = changing, 1, 0)) / changing_cell) as factors
            from (
                select
                    *,
                    tableau[changing][changing] as changing_cell
                from (
                    select
                        *,
                        if(list_min(distances) < room, list_position(distances, list_min(distances)), null) as changing,
                        least(list_min(distances), room) as distance
                    from (
                        select
                            *,
                            if(bonus > 0, bonus, t_to - t) as room,
                            -- A donor that the positive ones make up together can stay at 0; its pivot would be a division by 0.
                            list_transform(list_zip(donor_values, slopes, diagonal), lambda line: if(
                                line[2] < -1e-12 and line[3] > 1e-12, greatest(line[1], 0) / -line[2], null
                            )) as distances
                        from (
                            select
                                *,
                                list_transform(tableau, lambda cells: if(bonus > 0, cells[-2], cells[-1])) as slopes,
                                list_transform(tableau, lambda cells, i: cells[i]) as diagonal
                            from walk
                            where (bonus > 0 or t < t_to) and iterations < 100 + 20 * len(donor_values)
                        ) as with_slopes
                    ) as with_distances
                ) as with_changing
            ) as with_pivot
        ) as with_pivot_row

    ),

    stretches as materialized (

        select
            experiment_id,
            iterations,
            t as t_start,
            t_to,
            list_transform(list_zip(donor_values, is_positive), lambda donor: if(donor[2], greatest(donor[1], 0), 0)) as weights,
            list_transform(list_zip(tableau, is_positive), lambda donor: if(donor[2], donor[1][-1], 0)) as weight_slopes
        from walk
        where bonus = 0 or iterations >= 100 + 20 * len(donor_values)
        qualify row_number() over (partition by experiment_id, t order by iterations desc) = 1

    ),

    -- The last weights are tried against the problem as it was given: what remains to be gained by shifting weight is nothing but rounding.
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
