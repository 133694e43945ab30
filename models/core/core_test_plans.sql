{{ config(materialized="view") }}
-- What was settled of campaigns before they began.

with

test_plans as (

    select * from {{ ref("stg_test_plans") }}
    where row_status = 'accepted'

),

plans as (

    select
        campaign_id,
        campaign_written,
        brand,
        start_date,
        end_date,
        stop_date,
        treated_regions,
        control_regions,
        method,
        break_even_roas,
        budget,
        revenue_se,
        minimum_detectable_revenue,
        prob_found_profitable,
        prob_found_unprofitable,
        data_until,
        plan_hash
    from test_plans

)

select * from plans
