-- Each control region's gap to the average treated region, in the order of the dates, in units of the panel's largest response. Since the
-- weights of a synthetic control add up to 1, what it misses is the same mixture of the regions' gaps.

with

panels as (select * from {{ ref("base_synthetic_control_panels") }}),

experiment_days as (select * from {{ ref("panel_experiment_days") }}),

arms as (select * from {{ ref("base_experiment_days") }}),

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

)

select * from donors
