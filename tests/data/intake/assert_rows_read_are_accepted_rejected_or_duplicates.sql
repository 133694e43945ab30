-- Fails for a raw table of which a row, or a rupee, was lost or counted twice. The rows are counted again from the files.
{%- set raw_tables = {
    "influencers": "null",
    "posts": "null",
    "tracking_data": parse_money(clean_text(trimmed("revenue"))),
    "payouts": parse_money(clean_text(trimmed("total_payout"))),
    "campaigns": "null",
    "campaign_regions": "null",
    "regions": "null",
    "products": "null",
    "geo_experiments": "null",
    "geo_assignments": "null",
    "geo_panel": "null",
} %}

with

unreadable as (

    select
        raw_table,
        count(*) as rows_unreadable
    from {{ ref("raw_unreadable_rows") }}
    group by all

),

-- Every column is read, since a line with a broken cell is only left out by a query that reads the cell.
read as (
    {% for raw_table, amount in raw_tables.items() %}
    select
        '{{ raw_table }}' as raw_table,
        greatest(count(*), count({{ raw_columns(raw_table) | map(attribute="name") | join("), count(") }})) as rows_read,
        coalesce(sum({{ amount }}), 0) as amount_read
    from {{ ref("raw_" ~ raw_table) }}
    {{ "union all" if not loop.last }}
    {% endfor %}
)

select
    health.raw_table,
    health.rows_read,
    read.rows_read + coalesce(unreadable.rows_unreadable, 0) as rows_in_files,
    read.amount_read as amount_in_files
from {{ ref("rpt_data_health") }} as health
left join read using (raw_table)
left join unreadable using (raw_table)
where
    health.rows_read is distinct from read.rows_read + coalesce(unreadable.rows_unreadable, 0)
    or health.rows_read <> health.rows_accepted + health.rows_rejected + health.duplicates
    or health.amount_read is distinct from read.amount_read
    or health.amount_read <> health.amount_accepted + health.amount_rejected + health.amount_duplicates
