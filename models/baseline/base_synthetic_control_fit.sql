-- The mixture of control regions that comes closest to the average treated region in the pretest (Abadie, Diamond and
-- Hainmueller 2010), each region less its own pretest mean where the experiment asks for that (Doudchenko and Imbens 2016).

with recursive

panels as (select * from {{ ref("base_synthetic_control_panels") }}),

donors as (select * from {{ ref("base_synthetic_control_donors") }}),

pretest_gaps as (

    select
        donors.experiment_id,
        donors.geo,
        donors.pretest_level,
        donors.gaps[:panels.pretest_dates] as gaps
    from donors
    inner join panels
        on donors.experiment_id = panels.experiment_id

),

pretests as (

    select
        experiment_id,
        list(geo order by geo) as geos,
        list(list_transform(gaps, lambda gap: gap - pretest_level) order by geo) as gaps
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

losses as (

    select
        problems.experiment_id,
        problems.geos,
        solutions.weights,
        solutions.iterations,
        solutions.is_converged,
        list_sum(list_transform(problems.gram, lambda line: list_sum(line))) / len(problems.geos) ^ 2 as uniform_loss,
        list_max(list_transform(problems.gram, lambda line: list_max(line))) as largest_loss
    from problems
    inner join solutions
        on problems.experiment_id = solutions.experiment_id

),

-- The fit is compared with that of equal weights, unless these miss nothing but rounding.
fits as (

    select
        experiment_id,
        geos,
        weights,
        iterations,
        is_converged,
        if(uniform_loss > 1e-14 * largest_loss, sqrt(uniform_loss), null) as uniform_imbalance
    from losses

)

select * from fits
