-- Rows of the orders export that share their order with other rows, and what becomes of them.

with

{# Not by an import CTE: one that is read twice is kept in memory whole. -#}
{{ repeated_rows(ref("stg_tracking_data_checked")) }}

select * from repeated
