-- Each control region's gap to the average treated region, date by date, in units of the panel's largest response, so that
-- tolerances mean the same in every currency. As weights add up to 1, what a synthetic control misses is the same mixture of
-- gaps.

with

panels as (select * from {{ ref("base_synthetic_control_panels") }}),

arms as (select * from {{ ref("base_experiment_days") }}),

experiment_days as (select * from {{ ref("panel_experiment_days") }}),

treated_days as (

    select
        arms.experiment_id,
        arms.date_day,
        panels.largest_response,
        arms.treated_revenue / panels.geos_treated as response
    from arms
    inner join panels
        on arms.experiment_id = panels.experiment_id
    where panels.not_measurable_reason is null

),

donors as (

    select
        experiment_days.experiment_id,
        experiment_days.geo,
        list(
            (experiment_days.response::double - treated_days.response) / treated_days.largest_response
            order by experiment_days.date_day
        ) as gaps
    from experiment_days
    inner join treated_days
        on experiment_days.experiment_id = treated_days.experiment_id
        and experiment_days.date_day = treated_days.date_day
    where experiment_days.assignment = 'control'
    group by experiment_days.experiment_id, experiment_days.geo

),

-- Where levels are taken off, it is the pretest's for the estimate and that of all dates for the inference.
with_levels as (

    select
        donors.experiment_id,
        donors.geo,
        donors.gaps,
        if(panels.is_demeaned, list_avg(donors.gaps[:panels.pretest_dates]), 0) as pretest_level,
        if(panels.is_demeaned, list_avg(donors.gaps), 0) as overall_level
    from donors
    inner join panels
        on donors.experiment_id = panels.experiment_id

)

select * from with_levels
