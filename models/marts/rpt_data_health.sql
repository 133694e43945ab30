{%- set raw_tables = {
    "influencers": ("null", "joined_date"),
    "influencer_keys": ("null", "null::date"),
    "posts": ("null", "post_date"),
    "tracking_data": ("revenue", "order_date"),
    "payouts": ("total_payout", "event_date"),
    "campaigns": ("null", "start_date"),
    "campaign_regions": ("null", "null::date"),
    "test_plans": ("null", "start_date"),
    "regions": ("null", "null::date"),
    "products": ("null", "null::date"),
    "geo_experiments": ("null", "pretest_start"),
    "geo_assignments": ("null", "null::date"),
    "geo_panel": ("null", "date_day"),
} %}

with

raw_files as (select * from {{ ref("raw_files") }}),

headers as (select * from {{ ref("raw_headers") }}),

unreadable as (select * from {{ ref("raw_unreadable_rows") }}),

file_notes as (select * from {{ ref("rpt_file_notes") }}),
{% for raw_table in raw_tables %}
{{ raw_table }} as (select * from {{ ref("stg_" ~ raw_table) }}),
{% endfor %}
-- Money without regard to its sign, so that what was left out does not cancel out.
staged as (
    {% for raw_table, (amount, day) in raw_tables.items() %}
    select
        '{{ raw_table }}' as raw_table,
        count(*) as rows_staged,
        count(*) filter (where row_status = 'accepted') as rows_accepted,
        count(*) filter (where row_status = 'rejected') as rows_rejected,
        count(*) filter (where row_status = 'superseded') as rows_superseded,
        count(*) filter (where row_status = 'duplicate') as duplicates,
        count(*) filter (where row_status = 'accepted' and note_code is not null) as rows_noted,
        sum(abs({{ amount }}))::decimal(18, 2) as amount_read,
        (sum(abs({{ amount }})) filter (where row_status = 'accepted'))::decimal(18, 2) as amount_accepted,
        (sum(abs({{ amount }})) filter (where row_status = 'rejected'))::decimal(18, 2) as amount_rejected,
        (sum(abs({{ amount }})) filter (where row_status = 'superseded'))::decimal(18, 2) as amount_superseded,
        (sum(abs({{ amount }})) filter (where row_status = 'duplicate'))::decimal(18, 2) as amount_duplicates,
        min({{ day }}) filter (where row_status = 'accepted') as first_date,
        max({{ day }}) filter (where row_status = 'accepted') as last_date
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

file_counts as (

    select
        raw_table,
        count(*) as files
    from raw_files
    where is_read
    group by all

),

header_counts as (

    select
        raw_table,
        string_agg(distinct header, ', ' order by header) filter (where column_name is null) as unknown_headers
    from headers
    group by all

),

notes as (

    select
        raw_table,
        count(distinct file)::bigint as files,
        string_agg(file || ': ' || note, '; ' order by file, note) as notes
    from file_notes
    group by all

),

tables as (

    select
        staged.raw_table,
        coalesce(file_counts.files, 0)::bigint as files,
        (staged.rows_staged + coalesce(unreadable_counts.rows_unreadable, 0))::bigint as rows_read,
        staged.rows_accepted::bigint as rows_accepted,
        staged.rows_rejected::bigint as rows_rejected,
        staged.rows_superseded::bigint as rows_superseded,
        staged.duplicates::bigint as duplicates,
        coalesce(unreadable_counts.rows_unreadable, 0)::bigint as rows_unreadable,
        staged.rows_noted::bigint as rows_noted,
        coalesce(staged.amount_read, 0)::decimal(18, 2) as amount_read,
        coalesce(staged.amount_accepted, 0)::decimal(18, 2) as amount_accepted,
        coalesce(staged.amount_rejected, 0)::decimal(18, 2) as amount_rejected,
        coalesce(staged.amount_superseded, 0)::decimal(18, 2) as amount_superseded,
        coalesce(staged.amount_duplicates, 0)::decimal(18, 2) as amount_duplicates,
        staged.first_date,
        staged.last_date,
        header_counts.unknown_headers,
        notes.notes
    from staged
    left join unreadable_counts
        on staged.raw_table = unreadable_counts.raw_table
    left join file_counts
        on staged.raw_table = file_counts.raw_table
    left join header_counts
        on staged.raw_table = header_counts.raw_table
    left join notes
        on staged.raw_table = notes.raw_table

),

-- Files that are read as no table stand in a row of their own.
files_not_read as (

    select
        raw_table,
        files,
        0::bigint as rows_read,
        0::bigint as rows_accepted,
        0::bigint as rows_rejected,
        0::bigint as rows_superseded,
        0::bigint as duplicates,
        0::bigint as rows_unreadable,
        0::bigint as rows_noted,
        0::decimal(18, 2) as amount_read,
        0::decimal(18, 2) as amount_accepted,
        0::decimal(18, 2) as amount_rejected,
        0::decimal(18, 2) as amount_superseded,
        0::decimal(18, 2) as amount_duplicates,
        null::date as first_date,
        null::date as last_date,
        null::varchar as unknown_headers,
        notes
    from notes
    where raw_table = '{{ var("none_member") }}'

),

everything as (

    select * from tables
    union all
    select * from files_not_read

),

health as (

    select
        *,
        rows_accepted::double / nullif(rows_read, 0) as accepted_share
    from everything

)

select * from health
