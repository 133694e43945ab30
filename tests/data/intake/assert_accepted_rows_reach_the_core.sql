-- Fails for a raw table whose accepted rows do not all become rows of the core, or become several.
with

accepted as (

    select
        raw_table,
        rows_accepted
    from {{ ref("rpt_data_health") }}

),

arrived as (

    select 'influencers' as raw_table, count(*) as rows_arrived from {{ ref("core_influencers") }}
    union all
    select 'posts', count(*) from {{ ref("core_posts") }}
    union all
    select 'tracking_data', count(*) from {{ ref("core_orders") }}
    union all
    select 'payouts', count(distinct payout_id) from {{ ref("core_payout_lines") }}

)

select *
from accepted
full join arrived using (raw_table)
where rows_accepted is distinct from rows_arrived
