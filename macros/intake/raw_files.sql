{#- The files of a raw table: <table>.csv, <table>.parquet, or every .csv and .parquet in <table>/.
    Returns [{path, name, format}, …], ordered by name. Stops where a table comes in two shapes at once, since its rows would
    count twice. -#}
{% macro raw_files(raw_table) %}
    {%- set folder = raw_folder() -%}
    {%- set listing = run_query(
        "select replace(file, '\\', '/') as path from glob('" ~ path_text(folder) ~ "/*')"
        ~ " union all select replace(file, '\\', '/') from glob('" ~ path_text(folder) ~ "/*/*') order by path"
    ) -%}
    {%- set files, shapes = [], [] -%}
    {%- for path in listing.columns["path"].values() -%}
        {%- set name = path[folder | length + 1:] -%}
        {%- if modules.re.match("^" ~ raw_table ~ "(/[^/]+)?[.](csv|parquet)$", name.lower()) -%}
            {%- do files.append({"path": path, "name": name, "format": name.lower().split(".")[-1]}) -%}
            {%- set shape = raw_table ~ "/" if "/" in name else name -%}
            {%- do shapes.append(shape) if shape not in shapes -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if shapes | length > 1 -%}
        {{ exceptions.raise_compiler_error(
            folder ~ " has " ~ shapes | join(" and ") ~ ": the rows of " ~ raw_table ~ " would count twice. Keep one of them."
        ) }}
    {%- endif -%}
    {{ return(files) }}
{% endmacro %}
