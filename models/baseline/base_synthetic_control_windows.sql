-- Sums of all control regions' gaps over the test and over its cyclic shifts: each is a date later than the one before, and the
-- last date is followed by the first. Shift 0 is the test itself.

with

panels as (select * from {{ ref("base_synthetic_control_panels") }}),

donors as (select * from {{ ref("base_synthetic_control_donors") }}),

repeated_gaps as (

    select
        donors.experiment_id,
        donors.geo,
        panels.pretest_dates,
        panels.all_dates,
        list_transform(donors.gaps || donors.gaps, lambda gap: gap - donors.overall_level) as gaps
    from donors
    inner join panels
        on donors.experiment_id = panels.experiment_id

),

-- One list per experiment: the sums of the first donor, those of the second, and so on.
donor_sums as (

    select
        experiment_id,
        all_dates,
        count(*) as donors,
        flatten(list(list_transform(
            range(all_dates), lambda shift: list_sum(gaps[shift + pretest_dates + 1:shift + all_dates])
        ) order by geo)) as gap_sums
    from repeated_gaps
    group by experiment_id, all_dates

),

shifts as (

    select
        *,
        unnest(range(all_dates)) as shift
    from donor_sums

),

windows as (

    select
        experiment_id,
        shift,
        list_transform(range(donors), lambda donor: gap_sums[donor * all_dates + shift + 1]) as gap_sums
    from shifts

),

-- An effect on the test dates adds to a window as often as it has test dates in it, less their share of all dates where levels
-- are taken off.
with_effects as (

    select
        windows.experiment_id,
        windows.shift,
        windows.gap_sums,
        greatest(panels.test_dates - windows.shift, 0) + greatest(panels.test_dates - panels.all_dates + windows.shift, 0)
        - if(panels.is_demeaned, panels.test_dates ^ 2 / panels.all_dates, 0) as effects
    from windows
    inner join panels
        on windows.experiment_id = panels.experiment_id

)

select * from with_effects
