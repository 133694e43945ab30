{#- Every record of a raw table as text under canonical column names, with the file and the record's number in it (the first
    record under the header is 1). A missing optional column or table is null or empty. Lines that cannot be split into cells
    are left out here and kept by raw_unreadable_rows, from DuckDB's own list of rejects.

    raw_table: source('raw', …) · raw_headers: ref('raw_headers'), which says what each file's headers mean
    · column_synonyms: ref('column_synonyms'), named in the message where a column is missing -#}
{% macro read_raw_table(raw_table, raw_headers, column_synonyms) %}
    {%- set columns = raw_columns(raw_table.identifier) if execute else [] -%}
    {%- set files = files_with_headers(raw_table.identifier, raw_headers) if execute else [] -%}
    {%- for file in files %}
        {%- do check_headers(raw_table.identifier, columns, file, column_synonyms) %}
select
    cast('{{ sql_text(file.name) }}' as string) as file,
    {{ file.record_number }} as record_number,
        {%- for column in columns %}
            {%- set header = file.headers | selectattr("column_name", "equalto", column.name) | first %}
    cast({{ header.expression if header else "null" }} as string) as {{ column.name }},
        {%- endfor %}
from {{ file.reader }}
        {%- if not loop.last %}

union all
        {% endif %}
    {%- else %}
select
    cast(null as string) as file,
    cast(null as bigint) as record_number,
        {%- for column in columns %}
    cast(null as string) as {{ column.name }},
        {%- endfor %}
where false
    {%- endfor %}
{% endmacro %}


{#- The files of a raw table with what their headers mean:
    [{name, reader, record_number, headers: [{header, column_name, expression}]}]. -#}
{% macro files_with_headers(raw_table, raw_headers) %}
    {%- set files = {} -%}
    {#- Before the first build there is no raw_headers, and `dbt compile` shows the empty table. -#}
    {%- if load_relation(raw_headers) -%}
        {%- set rows = run_query(
            "select * from " ~ raw_headers ~ " where raw_table = '" ~ raw_table ~ "' order by file, position"
        ).rows -%}
        {%- for row in rows -%}
            {%- set file = files.setdefault(row["file"], {"name": row["file"], "first": row, "headers": []}) -%}
            {%- set expression = "c" ~ row["position"] if row["format"] == "csv" else adapter.quote(row["header"]) -%}
            {%- do file.headers.append({
                "header": row["header"], "column_name": row["column_name"], "expression": expression,
            }) -%}
        {%- endfor -%}
        {%- for file in files.values() -%}
            {#- Parquet files number their rows, which lets several threads read one; rows of a CSV file are counted one by one. -#}
            {%- do file.update({
                "reader": raw_reader(file.first, file.headers),
                "record_number": "row_number() over ()" if file.first["format"] == "csv" else "file_row_number + 1",
            }) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(files.values() | list) }}
{% endmacro %}


{% macro raw_reader(file, headers) %}
    {%- if file["format"] == "parquet" -%}
        {{ return("read_parquet('" ~ path_text(file["path"]) ~ "', file_row_number = true)") }}
    {%- endif -%}
    {%- set cells = headers | map(attribute="expression") | join("': 'varchar', '") -%}
    {{ return(
        "read_csv('" ~ path_text(file["path"]) ~ "', auto_detect = false, header = true, delim = '" ~ sql_text(file["delimiter"])
        ~ "', quote = '\"', escape = '\"', comment = '', store_rejects = true, columns = {'" ~ cells ~ "': 'varchar'})"
    ) }}
{% endmacro %}


{#- Stops the build where a required column is missing or two headers mean the same column. -#}
{% macro check_headers(raw_table, columns, file, column_synonyms) %}
    {%- for column in columns -%}
        {%- set found = file.headers | selectattr("column_name", "equalto", column.name) | map(attribute="header") | list -%}
        {%- if found | length > 1 -%}
            {{ exceptions.raise_compiler_error(
                file.name ~ ": the headers '" ~ found | join("' and '") ~ "' both mean " ~ column.name
                ~ ". Rename or remove one of them."
            ) }}
        {%- elif column.required and not found -%}
            {%- set spellings = run_query(
                "select spelling from " ~ column_synonyms ~ " where raw_table = '" ~ raw_table
                ~ "' and column_name = '" ~ column.name ~ "' order by spelling"
            ).columns["spelling"].values() -%}
            {{ exceptions.raise_compiler_error(
                file.name ~ ": the required column " ~ column.name ~ " is missing. Accepted spellings: "
                ~ ([column.name] + spellings | list) | join(", ")
                ~ " (without regard to case, space or underscore). Rename the header, or add its spelling to"
                ~ " seeds/reference/column_synonyms.csv."
            ) }}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}
