-- Trimmed Match, third step: interval and probabilities of the chosen trim rate, both from the studentised trimmed mean of the
-- residuals. A supposed iROAS is in the interval if its studentised trimmed mean is no further from zero than the normal
-- quantile; the probability that iROAS is above it is the normal probability of that same number.

with

experiments as (select * from {{ ref("panel_experiments") }}),

pair_differences as (select * from {{ ref("inc_trimmed_match_pairs") }}),

segments as (select * from {{ ref("inc_trimmed_match_segments") }}),

candidates as (select * from {{ ref("inc_trimmed_match_candidates") }}),

designs as (

    select
        experiment_id,
        count(*) as pairs,
        list(cast(cost_difference as double) order by pair) as costs,
        list(cast(response_difference as double) order by pair) as responses
    from pair_differences
    where is_complete
    group by experiment_id

),

chosen as (

    select
        candidates.experiment_id,
        candidates.pairs_trimmed_each_side,
        candidates.kept_cost,
        candidates.iroas,
        candidates.iroas_se,
        experiments.ci_level,
        experiments.break_even,
        {{ normal_quantile("(1 + experiments.ci_level) / 2") }} as quantile,
        designs.pairs,
        designs.pairs - 2 * candidates.pairs_trimmed_each_side as pairs_kept,
        designs.costs,
        designs.responses
    from candidates
    inner join experiments
        on candidates.experiment_id = experiments.experiment_id
    inner join designs
        on candidates.experiment_id = designs.experiment_id
    where
        candidates.is_chosen
        and candidates.iroas_se > 0

),

-- Between these ends neither the kept pairs nor the outermost two of them change.
ends as (

    select distinct
        chosen.experiment_id,
        segments.iroas_from
    from chosen
    inner join segments
        on chosen.experiment_id = segments.experiment_id
        and (
            segments.pairs_trimmed_each_side = chosen.pairs_trimmed_each_side
            or (
                chosen.pairs_trimmed_each_side > 0
                and segments.pairs_trimmed_each_side = chosen.pairs_trimmed_each_side + 1
            )
        )

),

stretches as (

    select
        experiment_id,
        iroas_from,
        lead(iroas_from) over (
            partition by experiment_id
            order by iroas_from nulls first
        ) as iroas_to
    from ends

),

-- Where residuals are computed: the middle of a stretch, or its finite end; and where ranks are those of the whole stretch.
places as (

    select
        stretches.experiment_id,
        'stretch' as purpose,
        stretches.iroas_from,
        stretches.iroas_to,
        coalesce(
            (stretches.iroas_from + stretches.iroas_to) / 2, stretches.iroas_from, stretches.iroas_to, chosen.iroas
        ) as iroas,
        case
            when stretches.iroas_from is null then stretches.iroas_to - 1 - abs(stretches.iroas_to)
            when stretches.iroas_to is null then stretches.iroas_from + 1 + abs(stretches.iroas_from)
        end as iroas_beyond
    from stretches
    inner join chosen
        on stretches.experiment_id = chosen.experiment_id

    union all

    select
        experiment_id,
        'zero' as purpose,
        null as iroas_from,
        null as iroas_to,
        0 as iroas,
        null as iroas_beyond
    from chosen

    union all

    select
        experiment_id,
        'break even' as purpose,
        null as iroas_from,
        null as iroas_to,
        break_even as iroas,
        null as iroas_beyond
    from chosen

    union all

    select
        experiment_id,
        'break even by revenue' as purpose,
        null as iroas_from,
        null as iroas_to,
        1 as iroas,
        null as iroas_beyond
    from chosen

),

-- Winsorised: each trimmed pair is replaced by the outermost kept pair of its side. The kept pairs are in the middle of the list.
rankings as (

    select
        places.*,
        chosen.quantile,
        chosen.pairs_trimmed_each_side,
        chosen.pairs_kept,
        chosen.costs,
        chosen.responses,
        list_grade_up(
            list_transform(
                range(1, chosen.pairs + 1),
                lambda pair:
                chosen.responses[pair] - coalesce(places.iroas_beyond, places.iroas) * chosen.costs[pair]
            )
        ) as ranking
    from places
    inner join chosen
        on places.experiment_id = chosen.experiment_id

),

winsorised_rankings as (

    select
        * exclude (ranking),
        list_transform(
            range(1, len(ranking) + 1),
            lambda position:
            ranking[least(greatest(position, pairs_trimmed_each_side + 1), pairs_trimmed_each_side + pairs_kept)]
        ) as ranking
    from rankings

),

winsorised as (

    select
        * exclude (ranking, costs, responses),
        list_transform(ranking, lambda pair: costs[pair]) as costs,
        list_transform(ranking, lambda pair: responses[pair] - iroas * costs[pair]) as residuals
    from winsorised_rankings

),

means as (

    select
        *,
        list_sum(costs[pairs_trimmed_each_side + 1:pairs_trimmed_each_side + pairs_kept]) as cost_sum,
        list_sum(residuals[pairs_trimmed_each_side + 1:pairs_trimmed_each_side + pairs_kept]) as residual_sum,
        list_avg(costs) as mean_cost,
        list_avg(residuals) as mean_residual
    from winsorised

),

deviations as (

    select
        * exclude (residuals, costs),
        list_transform(residuals, lambda residual: residual - mean_residual) as residuals,
        list_transform(costs, lambda cost: cost - mean_cost) as costs
    from means

),

-- A step of d from here changes residuals by -d * cost. The square of the studentised trimmed mean is at most the square of the
-- quantile where a * d^2 - 2 * b * d + c >= 0.
parabolas as (

    select
        experiment_id,
        iroas,
        iroas_from - iroas as step_from,
        iroas_to - iroas as step_to,
        factor * list_dot_product(costs, costs) - cost_sum * cost_sum as a,
        factor * list_dot_product(costs, residuals) - cost_sum * residual_sum as b,
        factor * list_dot_product(residuals, residuals) - residual_sum * residual_sum as c
    from (
        select
            *,
            quantile * quantile * pairs_kept / (pairs_kept - 1) as factor
        from deviations
        where purpose = 'stretch'
    ) as scaled

),

-- The two zeros of a parabola, computed so that no digits cancel.
parabola_zeros as (

    select
        *,
        case when b * b >= a * c then b + (case when b < 0 then -1 else 1 end) * sqrt(b * b - a * c) end as larger
    from parabolas

),

accepted as (

    select
        experiment_id,
        iroas,
        a >= 0 and (step_from is null or step_to is null) as is_unbounded,
        unnest([
            case when a * step_from * step_from - 2 * b * step_from + c >= 0 then step_from end,
            case when a * step_to * step_to - 2 * b * step_to + c >= 0 then step_to end,
            larger / nullif(a, 0),
            c / nullif(larger, 0)
        ]) as step,
        step_from,
        step_to
    from parabola_zeros

),

hulls as (

    select
        accepted.experiment_id,
        bool_or(accepted.is_unbounded) as is_unbounded,
        min(accepted.iroas + accepted.step) as iroas_low,
        max(accepted.iroas + accepted.step) as iroas_high
    from accepted
    where
        accepted.is_unbounded
        or (coalesce(accepted.step >= accepted.step_from, true) and coalesce(accepted.step <= accepted.step_to, true))
    group by accepted.experiment_id

),

hulls_judged as (

    select
        chosen.experiment_id,
        chosen.kept_cost,
        chosen.iroas,
        chosen.iroas_se,
        chosen.ci_level,
        chosen.quantile,
        hulls.iroas_low,
        hulls.iroas_high,
        hulls.is_unbounded or hulls.iroas_high - hulls.iroas_low > 1e6 * chosen.iroas_se as is_fallback
    from chosen
    inner join hulls
        on chosen.experiment_id = hulls.experiment_id

),

-- Where hardly any iROAS can be excluded, the reference falls back on three times the width of a normal interval. The estimate is
-- in the interval, but for rounding.
intervals as (

    select
        experiment_id,
        kept_cost,
        iroas,
        iroas_se,
        ci_level,
        is_fallback,
        case
            when is_fallback then iroas - 3 * quantile * iroas_se
            else least(iroas_low, iroas)
        end as iroas_low,
        case
            when is_fallback then iroas + 3 * quantile * iroas_se
            else greatest(iroas_high, iroas)
        end as iroas_high
    from hulls_judged

),

-- How many standard errors the supposed iROAS lies below the data. Residuals that are all alike lie infinitely far from zero, or
-- at it.
distances as (

    select
        intervals.experiment_id,
        intervals.ci_level,
        intervals.iroas_low,
        intervals.iroas_high,
        deviations.purpose,
        deviations.iroas as supposed_iroas,
        case
            when intervals.is_fallback then (intervals.iroas - deviations.iroas) / (3 * intervals.iroas_se)
            when list_dot_product(deviations.residuals, deviations.residuals) > 0
                then sign(intervals.kept_cost) * deviations.residual_sum / sqrt(
                    list_dot_product(deviations.residuals, deviations.residuals)
                    * deviations.pairs_kept / (deviations.pairs_kept - 1)
                )
            else 40 * sign(intervals.iroas - deviations.iroas)
        end as distance
    from intervals
    inner join deviations
        on intervals.experiment_id = deviations.experiment_id
    where deviations.purpose <> 'stretch'

),

-- The studentised trimmed mean need not fall steadily, and the interval runs from the first to the last iROAS that it does not
-- exclude. There the probability is held on the interval's side, so that the two never contradict each other.
probabilities as (

    select
        experiment_id,
        purpose,
        case
            when supposed_iroas < iroas_low then greatest(probability, (1 + ci_level) / 2)
            when supposed_iroas > iroas_high then least(probability, (1 - ci_level) / 2)
            else greatest(least(probability, (1 + ci_level) / 2), (1 - ci_level) / 2)
        end as probability
    from (
        select
            *,
            {{ normal_cdf("distance") }} as probability
        from distances
    ) as unlimited

),

intervals_with_probabilities as (

    select
        intervals.experiment_id,
        intervals.iroas_low,
        intervals.iroas_high,
        positive.probability as prob_iroas_positive,
        profitable.probability as prob_profitable,
        profitable_by_revenue.probability as prob_profitable_by_revenue
    from intervals
    inner join probabilities as positive
        on intervals.experiment_id = positive.experiment_id
        and positive.purpose = 'zero'
    inner join probabilities as profitable
        on intervals.experiment_id = profitable.experiment_id
        and profitable.purpose = 'break even'
    inner join probabilities as profitable_by_revenue
        on intervals.experiment_id = profitable_by_revenue.experiment_id
        and profitable_by_revenue.purpose = 'break even by revenue'

)

select * from intervals_with_probabilities
