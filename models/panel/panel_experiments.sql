with

experiments as (select * from {{ ref("core_experiments") }}),

experiment_days as (select * from {{ ref("panel_experiment_days") }}),

-- A campaign's pretest begins with the first day that was picked for it.
first_days as (

    select
        experiment_id,
        min(date_day) as first_day
    from experiment_days
    where period = 'pretest'
    group by experiment_id

),

described as (

    select
        experiments.experiment_id,
        experiments.experiment_name,
        experiments.source,
        experiments.campaign_id,
        experiments.brand,
        case
            when experiments.source = 'campaign' then coalesce(first_days.first_day, experiments.pretest_start)
            else experiments.pretest_start
        end as pretest_start,
        experiments.pretest_end,
        experiments.test_start,
        experiments.test_end,
        experiments.cooldown_end,
        experiments.ci_level,
        experiments.break_even,
        experiments.break_even_basis,
        experiments.gbr_weight_power,
        experiments.trim_rate,
        experiments.max_trim_rate,
        experiments.sc_demeaned
    from experiments
    left join first_days
        on experiments.experiment_id = first_days.experiment_id

)

select * from described
