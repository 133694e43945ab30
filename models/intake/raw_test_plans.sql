{{ config(materialized="table") }} {{ read_raw_table(source("raw", "test_plans")) }}
