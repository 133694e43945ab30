-- Fails for a raw table of which a row, or a rupee, was lost or counted twice. The rows are counted again as they were read.
{%- set raw_tables = [
    "influencers", "influencer_keys", "posts", "tracking_data", "payouts", "campaigns", "campaign_regions", "test_plans", "regions",
    "products", "geo_experiments", "geo_assignments", "geo_panel",
] %}

with

unreadable as (

    select
        raw_table,
        count(*) as rows_unreadable
    from {{ ref("raw_unreadable_rows") }}
    group by all

),

read as (
    {% for raw_table in raw_tables %}
    select
        '{{ raw_table }}' as raw_table,
        count(*) as rows_read
    from {{ ref("raw_" ~ raw_table) }}
    {{ "union all" if not loop.last }}
    {% endfor %}
)

select
    health.raw_table,
    health.rows_read,
    read.rows_read + coalesce(unreadable.rows_unreadable, 0) as rows_in_files
from {{ ref("rpt_data_health") }} as health
left join read using (raw_table)
left join unreadable using (raw_table)
where
    health.raw_table <> '{{ var("none_member") }}'
    and (
        health.rows_read is distinct from read.rows_read + coalesce(unreadable.rows_unreadable, 0)
        or health.rows_read
        <> health.rows_accepted + health.rows_rejected + health.rows_superseded + health.duplicates + health.rows_unreadable
        or health.amount_read
        <> health.amount_accepted + health.amount_rejected + health.amount_superseded + health.amount_duplicates
    )
