{#- A table of the truth that `simulate` writes, as a SQL query; empty where there is none, as with real data. Files are looked for
    when the model runs, never while parsing, so that a world that was simulated since is seen.

    truth_table: its name · columns: what is read of it, types by name -#}
{% macro read_truth_table(truth_table, columns) %}
    {%- set file = truth_file(truth_table, columns) if execute else none -%}
    select
        {%- for name, type in columns.items() %}
        cast({{ name if file else "null" }} as {{ type }}) as {{ name }}
        {{- "," if not loop.last }}
        {%- endfor %}
    {%- if file %}
    from {{ file }}
    {%- else %}
    where false
    {%- endif %}
{% endmacro %}


{#- The table function that reads <truth_table>.csv or .parquet; none where there is no such file. Stops where a column is missing:
    such a file is not the simulator's. -#}
{% macro truth_file(truth_table, columns) %}
    {%- set path = truth_folder() ~ "/" ~ truth_table -%}
    {%- set readers = {"csv": "read_csv('%s', header = true, all_varchar = true)", "parquet": "read_parquet('%s')"} -%}
    {%- set found = run_query(
        "select regexp_extract(file, '[a-z]+$') as format from glob('" ~ path_text(path) ~ ".*')"
        ~ " where regexp_matches(file, '[.](csv|parquet)$') order by format"
    ).columns["format"].values() -%}
    {%- if found | length > 1 -%}
        {{ exceptions.raise_compiler_error(
            path ~ " is there as .csv and as .parquet. Keep the one that belongs to your exports."
        ) }}
    {%- elif not found -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set reader = readers[found[0]].replace("%s", path_text(path ~ "." ~ found[0])) -%}
    {%- set there = run_query("describe select * from " ~ reader).columns["column_name"].values() -%}
    {%- for name in columns if name not in there -%}
        {{ exceptions.raise_compiler_error(
            path ~ "." ~ found[0] ~ " has no column " ~ name ~ ", so it is no truth that `simulate` wrote."
            ~ " Move it away, or set HELIOS_TRUTH to another folder."
        ) }}
    {%- endfor -%}
    {{ return(reader) }}
{% endmacro %}
