-- Geo-based regression (Vaver and Koehler 2011): revenue of the test on revenue of the pretest and incremental cost, one row per
-- geo, weighted by the inverse of pretest revenue to a power; the coefficient of cost is the iROAS. Incremental cost of a
-- treated geo is what it cost beyond the forecast of its pretest cost, from the same regression on control geos where these have
-- cost, else beyond its pretest cost.

with

geo_windows as (select * from {{ ref("base_geo_windows") }}),

experiments as (select * from {{ ref("panel_experiments") }}),

geos as (

    select
        geo_windows.experiment_id,
        geo_windows.window_id,
        geo_windows.geo,
        geo_windows.assignment,
        geo_windows.pretest_revenue,
        geo_windows.test_revenue,
        geo_windows.pretest_cost,
        geo_windows.test_cost,
        experiments.gbr_weight_power
    from geo_windows
    inner join experiments
        on geo_windows.experiment_id = experiments.experiment_id
    where geo_windows.pretest_cost is not null and geo_windows.test_cost is not null

),

control_costs as (

    select
        experiment_id,
        geo,
        pretest_cost,
        test_cost,
        pretest_cost ^ (-gbr_weight_power) as weight
    from geos
    where window_id = 0 and assignment = 'control' and pretest_cost > 0

),

cost_means as (

    select
        experiment_id,
        sum(weight * pretest_cost order by geo) / sum(weight order by geo) as pretest_mean,
        sum(weight * test_cost order by geo) / sum(weight order by geo) as test_mean
    from control_costs
    group by all
    having count(*) >= 2 and min(pretest_cost) < max(pretest_cost)

),

-- Products are centred before they are added up: weights of a billionth would lose digits otherwise.
cost_lines as (

    select
        control_costs.experiment_id,
        cost_means.pretest_mean,
        cost_means.test_mean,
        sum(weight * (pretest_cost - pretest_mean) * (test_cost - test_mean) order by geo)
        / sum(weight * (pretest_cost - pretest_mean) ^ 2 order by geo) as slope
    from control_costs
    inner join cost_means
        on control_costs.experiment_id = cost_means.experiment_id
    group by all

),

weighted as (

    select
        geos.experiment_id,
        geos.window_id,
        geos.geo,
        geos.assignment,
        geos.pretest_revenue,
        geos.test_revenue,
        case
            when geos.assignment = 'control' then 0
            when cost_lines.experiment_id is null then geos.test_cost - geos.pretest_cost
            else geos.test_cost - cost_lines.test_mean - cost_lines.slope * (geos.pretest_cost - cost_lines.pretest_mean)
        end as incremental_cost,
        geos.pretest_revenue ^ (-geos.gbr_weight_power) as weight
    from geos
    left join cost_lines
        on geos.experiment_id = cost_lines.experiment_id
    where geos.pretest_revenue > 0

),

means as (

    select
        experiment_id,
        window_id,
        count(*) as n,
        count(*) filter (where assignment = 'treatment') as geos_treated,
        count(*) filter (where assignment = 'control') as geos_control,
        sum(incremental_cost order by geo) as incremental_cost,
        sum(weight * pretest_revenue order by geo) / sum(weight order by geo) as p_mean,
        sum(weight * incremental_cost order by geo) / sum(weight order by geo) as z_mean,
        sum(weight * test_revenue order by geo) / sum(weight order by geo) as r_mean
    from weighted
    group by all

),

centred as (

    select
        weighted.experiment_id,
        weighted.window_id,
        weighted.geo,
        weighted.weight,
        weighted.pretest_revenue - means.p_mean as p,
        weighted.incremental_cost - means.z_mean as z,
        weighted.test_revenue - means.r_mean as r
    from weighted
    inner join means
        on weighted.experiment_id = means.experiment_id
        and weighted.window_id = means.window_id

),

products as (

    select
        experiment_id,
        window_id,
        sum(weight * p * p order by geo) as pp,
        sum(weight * z * z order by geo) as zz,
        sum(weight * p * z order by geo) as pz,
        sum(weight * p * r order by geo) as pr,
        sum(weight * z * r order by geo) as zr,
        sum(weight * r * r order by geo) as rr
    from centred
    group by all

),

solved as (

    select
        experiment_id,
        window_id,
        pp,
        rr,
        pp * zz - pz ^ 2 as determinant,
        (zz * pr - pz * zr) / nullif(determinant, 0) as slope,
        (pp * zr - pz * pr) / nullif(determinant, 0) as iroas,
        -- Cost that is a linear function of pretest revenue tells nothing that revenue does not.
        not coalesce(determinant > 1e-12 * pp * zz, false) as is_collinear
    from products

),

residuals as (

    select
        centred.experiment_id,
        centred.window_id,
        sum(
            centred.weight * (centred.r - solved.slope * centred.p - solved.iroas * centred.z) ^ 2 order by centred.geo
        ) as residual_ss
    from centred
    inner join solved
        on centred.experiment_id = solved.experiment_id
        and centred.window_id = solved.window_id
    group by all

),

estimated as (

    select
        means.experiment_id,
        means.window_id,
        solved.iroas as estimate,
        case
            when means.n > 3 and not solved.is_collinear
                then sqrt(residuals.residual_ss / (means.n - 3) * solved.pp / solved.determinant)
        end as se,
        (means.n - 3)::double as df,
        means.incremental_cost,
        case
            when means.geos_treated = 0 then 'no_treated_revenue_in_pretest'
            when means.geos_control = 0 then 'no_control_revenue_by_region'
            when means.n < 4 then 'few_regions'
            when means.incremental_cost <= 0 then 'cost_did_not_rise'
            when solved.is_collinear then 'cost_follows_revenue'
            when residuals.residual_ss <= 1e-20 * solved.rr then 'no_noise_over_regions'
        end as problem
    from means
    inner join solved
        on means.experiment_id = solved.experiment_id
        and means.window_id = solved.window_id
    left join residuals
        on means.experiment_id = residuals.experiment_id
        and means.window_id = residuals.window_id

)

select * from estimated
