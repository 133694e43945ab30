{{ config(materialized="view") }}

with

checked as (select * from {{ ref("stg_geo_experiments_checked") }}),

accepted as (

    select
        experiment_id,
        experiment_name,
        brand,
        pretest_start,
        pretest_end,
        test_start,
        test_end,
        cooldown_end,
        ci_level,
        gbr_weight_power,
        trim_rate,
        max_trim_rate,
        sc_demeaned
    from checked
    where outcome = 'accepted'

)

select * from accepted
