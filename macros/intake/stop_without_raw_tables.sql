{#- Before a build: stops with one line where a needed raw table is not there at all, and says which files are not read, so that a
    misspelt name does not pass for a missing table. -#}
{% macro stop_without_raw_tables() %}
    {%- if execute and flags.WHICH in ["build", "run"] -%}
        {%- set found, missing, read = [], [], [] -%}
        {%- for source_table in graph.sources.values() if source_table.source_name == "raw" -%}
            {%- set files = raw_files(source_table.name) -%}
            {%- if files -%}
                {%- do found.append(source_table.name) -%}
                {%- do read.extend(files | map(attribute="path")) -%}
            {%- elif source_table.config.meta.get("required") -%}
                {%- do missing.append(source_table.name) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- set not_read = [] -%}
        {%- for path in run_query("select file from glob('" ~ path_text(raw_folder()) ~ "/*.*')").columns["file"].values() -%}
            {%- if path.replace("\\", "/") not in read -%}
                {%- do not_read.append(path.replace("\\", "/")[raw_folder() | length + 1:]) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if not_read -%}
            {%- do log(
                "Helios: not read, since the name is that of no raw table: " ~ not_read | sort | join(", ")
                ~ " (in " ~ raw_folder() ~ ")", info=true
            ) -%}
        {%- endif -%}
        {%- if missing -%}
            {{ exceptions.raise_compiler_error(
                "There is no " ~ missing | join(" and no ") ~ (" table" if found else " or other raw table") ~ " in the folder "
                ~ raw_folder() ~ ". Put <table>.csv there, set HELIOS_RAW to the folder with your exports, or make simulated"
                ~ " ones: python -m simulate"
            ) }}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}
