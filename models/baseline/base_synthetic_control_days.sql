-- What the treated regions earned on each date, and what they would have earned according to their synthetic control.

with

panels as (select * from {{ ref("base_synthetic_control_panels") }}),

donors as (select * from {{ ref("base_synthetic_control_donors") }}),

weights as (select * from {{ ref("base_synthetic_control_weights") }}),

arms as (select * from {{ ref("base_experiment_days") }}),

weighted_donors as (

    select
        donors.experiment_id,
        donors.geo,
        donors.gaps,
        weights.weight,
        panels.geos_treated * panels.largest_response as unit,
        if(panels.is_demeaned, list_avg(donors.gaps[:panels.pretest_dates]), 0) as level
    from donors
    inner join weights
        on donors.experiment_id = weights.experiment_id
        and donors.geo = weights.geo
        and weights.weight > 0
    inner join panels
        on donors.experiment_id = panels.experiment_id

),

-- Dates stand in the order in which the gaps are listed.
misses as (

    select
        experiment_id,
        list_reduce(
            list(list_transform(gaps, lambda gap: unit * weight * (gap - level)) order by geo),
            lambda total, donor: list_transform(list_zip(total, donor), lambda pair: pair[1] + pair[2])
        ) as misses
    from weighted_donors
    group by experiment_id

),

numbered_days as (

    select
        experiment_id,
        date_day,
        treated_revenue,
        row_number() over (partition by experiment_id order by date_day) as position
    from arms

),

days as (

    select
        numbered_days.experiment_id,
        numbered_days.date_day,
        numbered_days.treated_revenue as actual,
        numbered_days.treated_revenue + misses.misses[numbered_days.position] as baseline
    from numbered_days
    inner join misses
        on numbered_days.experiment_id = misses.experiment_id

)

select * from days
