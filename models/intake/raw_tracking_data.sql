{{ config(materialized="table") }} {{ read_raw_table(source("raw", "tracking_data")) }}
