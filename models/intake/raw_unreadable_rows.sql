{{ config(materialized="table") }}
-- Records of CSV files that cannot be split into cells: too many or too few, a quote without its end, bytes that are not UTF-8.
-- DuckDB keeps them in two temporary tables of the connection that reads a file, so each raw table with such files is read
-- through first.
{%- set raw_tables = [
    ref("raw_influencers"), ref("raw_posts"), ref("raw_tracking_data"), ref("raw_payouts"),
    ref("raw_campaigns"), ref("raw_campaign_regions"), ref("raw_regions"), ref("raw_products"),
    ref("raw_geo_experiments"), ref("raw_geo_assignments"), ref("raw_geo_panel"),
] %}
{%- set csv_tables = [] %}
{%- if execute and load_relation(ref("raw_headers")) %}
    {%- set csv_tables = run_query(
        "select distinct 'raw_' || raw_table as model from " ~ ref("raw_headers") ~ " where format = 'csv'"
    ).columns["model"].values() %}
    {%- for raw_table in raw_tables if flags.WHICH in ["build", "run"] and raw_table.identifier in csv_tables %}
        {#- Without the numbers of the records, which are counted one by one, several threads read. #}
        {%- do run_query("select count(columns(* exclude (record_number))) from " ~ raw_table) %}
    {%- endfor %}
{%- endif %}

with

headers as (select * from {{ ref("raw_headers") }}),

{% if csv_tables -%}
rejects as (

    select
        reject_scans.file_path as path,
        -- What DuckDB calls a line is a record: one with a new line in a cell counts once. The header is the first.
        reject_errors.line - 1 as record_number,
        reject_errors.csv_line,
        lower(min(reject_errors.error_message)) as reason
    from reject_errors
    inner join reject_scans using (scan_id, file_id)
    group by all

),
{%- else -%}
rejects as (

    select
        null::varchar as path,
        null::bigint as record_number,
        null::varchar as csv_line,
        null::varchar as reason
    where false

),
{%- endif %}

files as (

    select distinct
        raw_table,
        file,
        path
    from headers

),

unreadable as (

    select
        files.raw_table,
        files.file,
        rejects.record_number,
        rejects.csv_line as value,
        'cannot be split into cells: ' || rejects.reason as reason
    from rejects
    inner join files using (path)

)

select * from unreadable
