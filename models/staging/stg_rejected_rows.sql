{{ config(materialized="view") }}
-- Every row that was read and not accepted: rejected, a copy, or not to be split into cells.

with

unreadable as (select * from {{ ref("raw_unreadable_rows") }}),

{%- set raw_tables = {
    "influencers": "null", "posts": "null", "tracking_data": "revenue", "payouts": "total_payout",
    "campaigns": "null", "campaign_regions": "null", "regions": "null", "products": "null",
    "geo_experiments": "null", "geo_assignments": "null", "geo_panel": "null",
} %}
{% for raw_table in raw_tables %}
{{ raw_table }} as (select * from {{ ref("stg_" ~ raw_table ~ "_checked") }}),
{% endfor %}
rejected as (

    select
        raw_table,
        file,
        record_number,
        cast(null as string) as column_name,
        value,
        reason,
        true as is_unreadable,
        false as is_duplicate,
        cast(null as decimal(18, 2)) as amount
    from unreadable
    {% for raw_table, amount in raw_tables.items() %}
    union all

    select
        '{{ raw_table }}' as raw_table,
        file,
        record_number,
        outcome_column as column_name,
        outcome_value as value,
        outcome_reason as reason,
        false as is_unreadable,
        outcome = 'duplicate' as is_duplicate,
        cast({{ amount }} as decimal(18, 2)) as amount
    from {{ raw_table }}
    where outcome <> 'accepted'
    {% endfor %}
)

select * from rejected
