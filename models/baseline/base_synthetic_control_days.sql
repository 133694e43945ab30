-- What the treated regions earned on each date, and what they would have earned according to their synthetic control.

with

panels as (select * from {{ ref("base_synthetic_control_panels") }}),

donors as (select * from {{ ref("base_synthetic_control_donors") }}),

fits as (select * from {{ ref("base_synthetic_control_fit") }}),

arms as (select * from {{ ref("base_experiment_days") }}),

-- One list per experiment: the gaps of the first donor, those of the second, and so on.
donor_gaps as (

    select
        experiment_id,
        flatten(list(gaps order by geo)) as gaps,
        list(pretest_level order by geo) as levels
    from donors
    group by experiment_id

),

misses as (

    select
        fits.experiment_id,
        list_inner_product(fits.weights, donor_gaps.levels) as level,
        unnest(range(1, panels.all_dates + 1)) as position,
        unnest(list_transform(range(1, panels.all_dates + 1), lambda position: list_inner_product(
            fits.weights,
            list_transform(range(panels.geos_control), lambda donor: donor_gaps.gaps[donor * panels.all_dates + position])
        ))) as gap
    from fits
    inner join donor_gaps
        on fits.experiment_id = donor_gaps.experiment_id
    inner join panels
        on fits.experiment_id = panels.experiment_id

),

-- Gaps are listed in the order of the dates.
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
        numbered_days.treated_revenue + (misses.gap - misses.level) * panels.geos_treated * panels.largest_response as baseline
    from numbered_days
    inner join misses
        on numbered_days.experiment_id = misses.experiment_id
        and numbered_days.position = misses.position
    inner join panels
        on numbered_days.experiment_id = panels.experiment_id

)

select * from days
