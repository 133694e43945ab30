{{ config(materialized="view") }}
-- What was settled of campaigns before they began, for all that reads the panel only.

with

test_plans as (select * from {{ ref("core_test_plans") }})

select * from test_plans
