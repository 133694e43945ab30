-- Time-based regression (Kerman, Wang and Vaver 2017): the treated group's revenue beyond what the control group forecasts.

with

lines as (select * from {{ ref("base_tbr") }}),

windows as (select * from {{ ref("base_experiment_windows") }}),

estimated as (

    select
        windows.experiment_id,
        windows.window_id,
        lines.effect as estimate,
        lines.effect_se as se,
        lines.df::double as df,
        case
            when lines.test_dates = 0 then 'test_without_data'
            when lines.is_without_noise then 'no_noise_in_pretest'
        end as problem
    from windows
    inner join lines
        on windows.experiment_id = lines.experiment_id
        and windows.window_id = lines.window_id
        and lines.metric = 'revenue'

)

select * from estimated
