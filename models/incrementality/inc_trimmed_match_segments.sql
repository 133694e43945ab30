-- Trimmed Match, first step. For a supposed iROAS, a pair's residual is its response difference less iROAS times its cost
-- difference. The m lowest and the m highest residuals are trimmed. As the supposed iROAS grows, the residuals of two pairs cross
-- where it equals the slope between them, and there the two swap ranks. So for each m the axis of iROAS falls into segments on
-- which the same pairs are kept. A pair's rank on a segment is its rank at the left end of the axis plus the crossings so far;
-- that spares ranking all pairs on each of the n (n - 1) / 2 segments.

with

experiments as (select * from {{ ref("panel_experiments") }}),

pair_differences as (select * from {{ ref("inc_trimmed_match_pairs") }}),

-- Without their point, decimals are whole numbers in units of 1e-12: their sums are exact, and what was added can be taken away
-- again to the last digit. At the left end of the axis pairs rank by cost. Pairs of the same cost never cross.
ranked_pairs as (

    select
        experiment_id,
        cast(replace(cast(cost_difference as varchar), '.', '') as hugeint) as cost,
        cast(replace(cast(response_difference as varchar), '.', '') as hugeint) as response,
        row_number() over (
            order by experiment_id, cost_difference, response_difference, pair
        ) as pair_number,
        cast(
            row_number() over (
                partition by experiment_id
                order by cost_difference, response_difference, pair
            ) as integer
        ) as first_rank,
        cast(
            count(*) over (
                partition by experiment_id
            ) as integer
        ) as pairs
    from pair_differences
    where is_complete

),

-- A given rate decides how many pairs are trimmed on each side, else every number up to the highest rate is tried; two pairs must
-- be left. Products of rates such as 0.2 * 5 may lie just above a whole number.
trim_limits as (

    select
        experiments.experiment_id,
        ranked_pairs.pairs,
        coalesce(cast(ceil(experiments.trim_rate * ranked_pairs.pairs - 1e-9) as integer), 0) as least_trimmed,
        coalesce(
            cast(ceil(experiments.trim_rate * ranked_pairs.pairs - 1e-9) as integer),
            least(cast(floor(experiments.max_trim_rate * ranked_pairs.pairs + 1e-9) as integer), (ranked_pairs.pairs - 2) // 2)
        ) as most_trimmed
    from experiments
    inner join ranked_pairs
        on experiments.experiment_id = ranked_pairs.experiment_id
    where
        ranked_pairs.first_rank = 1
        and ranked_pairs.pairs >= 3

),

-- The interval also depends on the outermost kept pairs, and they change where the kept pairs of one more trimmed pair change.
trims as (

    select
        experiment_id,
        pairs,
        cast(unnest(range(least_trimmed, most_trimmed + 2)) as integer) as pairs_trimmed_each_side,
        most_trimmed
    from trim_limits
    where pairs - 2 * most_trimmed >= 2

),

-- Each crossing as either pair sees it: with one of higher cost it rises by a rank, with one of lower cost it falls.
crossings as (

    select
        one.pair_number,
        other.pair_number as other_pair_number,
        cast(one.response - other.response as double) / cast(one.cost - other.cost as double) as iroas,
        case when one.cost < other.cost then 1 else -1 end as rank_change
    from ranked_pairs as one
    inner join ranked_pairs as other
        on one.experiment_id = other.experiment_id
        and one.cost <> other.cost

),

crossings_so_far as (

    select
        pair_number,
        iroas,
        rank_change,
        cast(
            sum(rank_change) over (
                partition by pair_number
                order by iroas, other_pair_number
                rows between unbounded preceding and current row
            ) as integer
        ) as ranks_risen
    from crossings

),

passages as (

    select
        ranked_pairs.experiment_id,
        ranked_pairs.pairs,
        ranked_pairs.cost,
        ranked_pairs.response,
        crossings_so_far.iroas,
        crossings_so_far.rank_change,
        -- The lower of the two ranks between which the pair passes.
        ranked_pairs.first_rank + crossings_so_far.ranks_risen - greatest(crossings_so_far.rank_change, 0) as lower_rank
    from crossings_so_far
    inner join ranked_pairs
        on crossings_so_far.pair_number = ranked_pairs.pair_number

),

-- A pair that rises from rank m to m + 1 becomes kept, one that rises from n - m to n - m + 1 becomes trimmed. In the very
-- middle nothing is kept.
passages_of_kept as (

    select
        experiment_id,
        iroas,
        cost,
        response,
        case when 2 * lower_rank < pairs then lower_rank else pairs - lower_rank end as pairs_trimmed_each_side,
        case when 2 * lower_rank < pairs then rank_change else -rank_change end as kept_change
    from passages
    where 2 * lower_rank <> pairs

),

changes as (

    select
        trims.experiment_id,
        trims.pairs_trimmed_each_side,
        cast(null as double) as iroas,
        ranked_pairs.cost as cost_change,
        ranked_pairs.response as response_change
    from trims
    inner join ranked_pairs
        on trims.experiment_id = ranked_pairs.experiment_id
        and ranked_pairs.first_rank > trims.pairs_trimmed_each_side
        and ranked_pairs.first_rank <= trims.pairs - trims.pairs_trimmed_each_side

    union all

    select
        trims.experiment_id,
        trims.pairs_trimmed_each_side,
        passages_of_kept.iroas,
        passages_of_kept.kept_change * passages_of_kept.cost as cost_change,
        passages_of_kept.kept_change * passages_of_kept.response as response_change
    from passages_of_kept
    inner join trims
        on passages_of_kept.experiment_id = trims.experiment_id
        and passages_of_kept.pairs_trimmed_each_side = trims.pairs_trimmed_each_side

),

changes_by_place as (

    select
        experiment_id,
        pairs_trimmed_each_side,
        iroas,
        sum(cost_change) as cost_change,
        sum(response_change) as response_change
    from changes
    group by experiment_id, pairs_trimmed_each_side, iroas

),

segments as (

    select
        trims.experiment_id,
        trims.pairs,
        trims.pairs_trimmed_each_side,
        trims.pairs_trimmed_each_side <= trims.most_trimmed as is_candidate,
        changes_by_place.iroas as iroas_from,
        lead(changes_by_place.iroas) over along_the_axis as iroas_to,
        cast(sum(changes_by_place.cost_change) over along_the_axis as double) / 1e12 as kept_cost,
        cast(sum(changes_by_place.response_change) over along_the_axis as double) / 1e12 as kept_response
    from changes_by_place
    inner join trims
        on changes_by_place.experiment_id = trims.experiment_id
        and changes_by_place.pairs_trimmed_each_side = trims.pairs_trimmed_each_side
    window along_the_axis as (
        partition by trims.experiment_id, trims.pairs_trimmed_each_side
        order by changes_by_place.iroas nulls first
    )

)

select * from segments
