-- Trimmed Match, second step. For each number of trimmed pairs the iROAS at which the residuals of the kept pairs add up to zero,
-- with its standard error; chosen is the smallest number whose standard error comes close to the least.

with

experiments as (select * from {{ ref("panel_experiments") }}),

pair_differences as (select * from {{ ref("inc_trimmed_match_pairs") }}),

segments as (select * from {{ ref("inc_trimmed_match_segments") }}),

designs as (

    select
        experiment_id,
        list(cast(cost_difference as double) order by pair) as costs,
        list(cast(response_difference as double) order by pair) as responses
    from pair_differences
    where is_complete
    group by experiment_id

),

-- On a segment the residuals of the kept pairs add up to kept_response - iroas * kept_cost. A zero counts if it lies on the
-- segment; the tolerance saves one on the very end of two segments from being missed by both.
zeros as (

    select
        experiment_id,
        pairs,
        pairs_trimmed_each_side,
        kept_cost,
        kept_response / kept_cost as iroas
    from segments
    where
        is_candidate
        and kept_cost <> 0
        and (iroas_from is null or kept_response / kept_cost >= iroas_from - 1e-12 * abs(iroas_from))
        and (iroas_to is null or kept_response / kept_cost <= iroas_to + 1e-12 * abs(iroas_to))

),

residuals_at_zeros as (

    select
        zeros.experiment_id,
        zeros.pairs,
        zeros.pairs_trimmed_each_side,
        zeros.kept_cost,
        zeros.iroas,
        list_sort(
            list_transform(
                range(1, zeros.pairs + 1), lambda pair: designs.responses[pair] - zeros.iroas * designs.costs[pair]
            )
        ) as residuals,
        list_max(
            list_transform(
                range(1, zeros.pairs + 1), lambda pair: abs(designs.responses[pair]) + abs(zeros.iroas * designs.costs[pair])
            )
        ) as magnitude
    from zeros
    inner join designs
        on zeros.experiment_id = designs.experiment_id

),

kept_residuals as (

    select
        experiment_id,
        pairs,
        pairs_trimmed_each_side,
        kept_cost,
        iroas,
        residuals[pairs_trimmed_each_side + 1:pairs - pairs_trimmed_each_side] as kept,
        -- What rounding leaves of a residual that is zero.
        1e-13 * magnitude as rounding
    from residuals_at_zeros

),

-- The error counts each trimmed residual as large as the outermost kept one of its side.
measured as (

    select
        experiment_id,
        pairs,
        pairs_trimmed_each_side,
        kept_cost,
        iroas,
        rounding,
        list_avg(
            list_transform(range(1, len(kept) + 1), lambda position: abs(kept[position] + kept[-position]))
        ) as asymmetry,
        case
            when greatest(abs(kept[1]), abs(kept[-1])) > rounding
                then sqrt(
                    list_dot_product(kept, kept) + pairs_trimmed_each_side * (kept[1] * kept[1] + kept[-1] * kept[-1])
                ) / abs(kept_cost)
            else 0
        end as iroas_se
    from kept_residuals
    -- Crossings nearer to each other than rounding may come in the wrong order and feign a zero between them.
    where abs(list_sum(kept)) <= 1e-9 * list_sum(list_transform(kept, lambda residual: abs(residual))) + pairs * rounding

),

-- Of several zeros the one around which the kept residuals lie most evenly. A zero where a kept and a trimmed pair cross belongs
-- to two segments, and evenness differs by no more than rounding; the one with less cost gives the larger error.
compared as (

    select
        *,
        min(asymmetry + 10 * rounding) over (
            partition by experiment_id, pairs_trimmed_each_side
        ) as even_enough
    from measured

),

best_zeros as (

    select * from compared
    where asymmetry <= even_enough
    qualify row_number() over (
        partition by experiment_id, pairs_trimmed_each_side
        order by abs(kept_cost), iroas
    ) = 1

),

weighed as (

    select
        best_zeros.experiment_id,
        coalesce(experiments.trim_rate, best_zeros.pairs_trimmed_each_side / best_zeros.pairs) as trim_rate,
        best_zeros.pairs_trimmed_each_side,
        best_zeros.kept_cost,
        best_zeros.iroas,
        best_zeros.iroas_se,
        best_zeros.iroas_se <= (1 + 0.25 / sqrt(best_zeros.pairs)) * min(best_zeros.iroas_se) over (
            partition by best_zeros.experiment_id
        ) as is_close_to_least
    from best_zeros
    inner join experiments
        on best_zeros.experiment_id = experiments.experiment_id

),

candidates as (

    select
        experiment_id,
        trim_rate,
        pairs_trimmed_each_side,
        kept_cost,
        iroas,
        iroas_se,
        is_close_to_least and row_number() over (
            partition by experiment_id, is_close_to_least
            order by pairs_trimmed_each_side
        ) = 1 as is_chosen
    from weighed

)

select * from candidates
