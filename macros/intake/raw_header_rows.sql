{#- One row per header of every raw file, as a SQL query: raw_table, file, path, format, delimiter, position, header.
    Headers are read when the model runs, never while parsing, so that a changed file is always seen. -#}
{% macro raw_header_rows() %}
    {%- set rows = [] -%}
    {%- if execute -%}
        {%- for source_table in graph.sources.values() if source_table.source_name == "raw" -%}
            {%- for file in raw_files(source_table.name) -%}
                {%- if file.format == "csv" -%}
                    {%- set header = csv_header(file) -%}
                {%- else -%}
                    {%- set described = run_query("describe select * from read_parquet('" ~ path_text(file.path) ~ "')") -%}
                    {%- set header = {"delimiter": "", "names": described.columns["column_name"].values()} -%}
                {%- endif -%}
                {%- for name in header.names -%}
                    {%- set cells = [source_table.name, file.name, file.path, file.format, header.delimiter] -%}
                    {%- do rows.append(
                        "('" ~ cells | map("replace", "'", "''") | join("', '") ~ "', " ~ loop.index ~ ", '" ~ sql_text(name) ~ "')"
                    ) -%}
                {%- endfor -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    select
        cast(raw_table as string) as raw_table,
        cast(file as string) as file,
        cast(path as string) as path,
        cast(format as string) as format,
        cast(delimiter as string) as delimiter,
        cast(position as integer) as position,
        cast(header as string) as header
    from (
        values
            {{ rows | join(",\n            ") if rows else "(null, null, null, null, null, null, null)" }}
    ) as headers (raw_table, file, path, format, delimiter, position, header)
    where raw_table is not null
{% endmacro %}
