-- The mixture of control regions that comes closest to the average treated region in the pretest (Abadie, Diamond and Hainmueller 2010),
-- each region less its own pretest mean where the experiment says so (Doudchenko and Imbens 2016).

with recursive

panels as (select * from {{ ref("base_synthetic_control_panels") }}),

donors as (select * from {{ ref("base_synthetic_control_donors") }}),

pretest_gaps as (

    select
        donors.experiment_id,
        donors.geo,
        donors.gaps[:panels.pretest_dates] as gaps,
        if(panels.is_demeaned, list_avg(donors.gaps[:panels.pretest_dates]), 0) as level
    from donors
    inner join panels
        on donors.experiment_id = panels.experiment_id

),

pretests as (

    select
        experiment_id,
        list(geo order by geo) as geos,
        list(list_transform(gaps, lambda gap: gap - level) order by geo) as gaps
    from pretest_gaps
    group by experiment_id

),

problems as (

    select
        experiment_id,
        geos,
        list_transform(gaps, lambda a: list_transform(gaps, lambda b: list_inner_product(a, b))) as gram,
        list_transform(geos, lambda geo: 0.0::double) as tilt,
        0.0::double as t_from,
        0.0::double as t_to
    from pretests

),

{{ simplex_least_squares("problems") }},

solved as (

    select
        problems.experiment_id,
        problems.geos,
        solutions.weights,
        solutions.iterations,
        solutions.is_converged,
        list_sum(list_transform(problems.gram, lambda cells: list_sum(cells))) as uniform_loss,
        list_sum(list_transform(problems.gram, lambda cells, i: cells[i])) as total_loss
    from problems
    inner join solutions
        on problems.experiment_id = solutions.experiment_id

),

-- Equal weights are what the fit is compared with; where they miss nothing, there is nothing to compare with.
fitted as (

    select
        experiment_id,
        geos,
        weights,
        iterations,
        is_converged,
        if(uniform_loss > 1e-14 * total_loss * len(geos), sqrt(uniform_loss) / len(geos), null) as uniform_imbalance
    from solved

)

select * from fitted
