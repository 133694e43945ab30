-- Every row that was read and is not in the books, with the reason: rejected, superseded by a newer file, a copy, or not to be
-- split into cells; and every accepted row of which a cell could not be used.
{%- set amounts = {"tracking_data": "revenue", "payouts": "total_payout"} %}
{%- set raw_tables = [
    "influencers", "influencer_keys", "posts", "tracking_data", "payouts", "campaigns", "campaign_regions", "test_plans", "regions",
    "products", "geo_experiments", "geo_assignments", "geo_panel",
] %}

with

unreadable as (select * from {{ ref("raw_unreadable_rows") }}),
{% for raw_table in raw_tables %}
{{ raw_table }} as (select * from {{ ref("stg_" ~ raw_table) }}),
{% endfor %}
rejected as (

    select
        raw_table,
        file,
        record_number,
        'unreadable' as row_status,
        'not_split' as reject_code,
        cast(null as string) as column_name,
        value,
        reason,
        cast(null as decimal(18, 2)) as amount
    from unreadable
    {% for raw_table in raw_tables %}
    {%- set amount = amounts.get(raw_table, "null") %}
    union all

    select
        '{{ raw_table }}' as raw_table,
        file,
        record_number,
        row_status,
        reject_code,
        reject_column as column_name,
        reject_value as value,
        reject_reason as reason,
        cast({{ amount }} as decimal(18, 2)) as amount
    from {{ raw_table }}
    where row_status <> 'accepted'

    union all

    select
        '{{ raw_table }}' as raw_table,
        file,
        record_number,
        row_status,
        note_code as reject_code,
        note_column as column_name,
        note_value as value,
        note_reason as reason,
        cast({{ amount }} as decimal(18, 2)) as amount
    from {{ raw_table }}
    where row_status = 'accepted' and note_code is not null
    {% endfor %}
)

select * from rejected
