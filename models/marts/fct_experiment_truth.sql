with

truth as (select * from {{ ref("calibration_truth") }}),

experiments as (

    select
        member_id as experiment_id,
        incremental_revenue as true_incremental_revenue,
        spilled_into_control as spilled_into_control_revenue,
        spend,
        incremental_revenue::double / nullif(spend, 0)::double as true_iroas
    from truth
    where level = 'experiment'

)

select * from experiments
