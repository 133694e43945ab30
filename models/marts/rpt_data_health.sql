{%- set raw_tables = {
    "influencers": ("null", "joined_date"),
    "posts": ("null", "post_date"),
    "tracking_data": ("revenue", "order_date"),
    "payouts": ("total_payout", "event_date"),
    "campaigns": ("null", "start_date"),
    "campaign_regions": ("null", "null::date"),
    "regions": ("null", "null::date"),
    "products": ("null", "null::date"),
    "geo_experiments": ("null", "pretest_start"),
    "geo_assignments": ("null", "null::date"),
    "geo_panel": ("null", "date_day"),
} %}

with

headers as (select * from {{ ref("raw_headers") }}),

unreadable as (select * from {{ ref("raw_unreadable_rows") }}),

rejected as (select * from {{ ref("fct_rejected_rows") }}),
{% for raw_table in raw_tables %}
{{ raw_table }} as (select * from {{ ref("stg_" ~ raw_table ~ "_checked") }}),
{% endfor %}
checked as (
    {% for raw_table, (amount, day) in raw_tables.items() %}
    select
        '{{ raw_table }}' as raw_table,
        count(*) as rows_checked,
        count(*) filter (where outcome = 'accepted') as rows_accepted,
        sum({{ amount }})::decimal(18, 2) as amount_read,
        (sum({{ amount }}) filter (where outcome = 'accepted'))::decimal(18, 2) as amount_accepted,
        min({{ day }}) filter (where outcome = 'accepted') as first_date,
        max({{ day }}) filter (where outcome = 'accepted') as last_date
    from {{ raw_table }}
    {{ "union all" if not loop.last }}
    {% endfor %}
),

unreadable_counts as (

    select
        raw_table,
        count(*) as rows_unreadable
    from unreadable
    group by all

),

rejected_counts as (

    select
        raw_table,
        count(*) filter (where not is_duplicate) as rows_rejected,
        count(*) filter (where is_duplicate) as duplicates,
        sum(amount) filter (where not is_duplicate) as amount_rejected,
        sum(amount) filter (where is_duplicate) as amount_duplicates
    from rejected
    group by all

),

file_counts as (

    select
        raw_table,
        count(distinct file) as files,
        string_agg(distinct header, ', ' order by header) filter (where column_name is null) as unknown_headers
    from headers
    group by all

),

health as (

    select
        checked.raw_table,
        coalesce(file_counts.files, 0)::bigint as files,
        (checked.rows_checked + coalesce(unreadable_counts.rows_unreadable, 0))::bigint as rows_read,
        checked.rows_accepted::bigint as rows_accepted,
        coalesce(rejected_counts.rows_rejected, 0)::bigint as rows_rejected,
        coalesce(rejected_counts.duplicates, 0)::bigint as duplicates,
        coalesce(checked.amount_read, 0)::decimal(18, 2) as amount_read,
        coalesce(checked.amount_accepted, 0)::decimal(18, 2) as amount_accepted,
        coalesce(rejected_counts.amount_rejected, 0)::decimal(18, 2) as amount_rejected,
        coalesce(rejected_counts.amount_duplicates, 0)::decimal(18, 2) as amount_duplicates,
        checked.first_date,
        checked.last_date,
        file_counts.unknown_headers
    from checked
    left join unreadable_counts
        on checked.raw_table = unreadable_counts.raw_table
    left join rejected_counts
        on checked.raw_table = rejected_counts.raw_table
    left join file_counts
        on checked.raw_table = file_counts.raw_table

)

select * from health
