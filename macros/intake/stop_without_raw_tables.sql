{#- Before a build: stops with one line where needed raw tables are not there, and says which files are not read, so that a
    misspelt name does not pass for a missing table. -#}
{% macro stop_without_raw_tables() %}
    {%- if execute and flags.WHICH in ["build", "run"] -%}
        {%- set groups, read = {}, [] -%}
        {%- for source_table in graph.sources.values() if source_table.source_name == "raw" -%}
            {%- set files = raw_files(source_table.name) -%}
            {%- do read.extend(files | map(attribute="path")) -%}
            {%- set meta = source_table.config.meta -%}
            {%- if meta.get("group") -%}
                {%- set group = groups.setdefault(meta.group, {"required": [], "found": [], "missing": []}) -%}
                {%- do group.required.append(source_table.name) if meta.get("required") -%}
                {%- do group.found.append(source_table.name) if files -%}
                {%- do group.missing.append(source_table.name) if meta.get("required") and not files -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do tell_files_not_read(read) -%}
        {%- set advice = "Put <table>.csv there, set HELIOS_RAW to the folder with your exports, or make simulated ones:"
            ~ " python -m simulate" -%}
        {%- set begun = groups.values() | selectattr("found") | list -%}
        {%- set missing = begun | sum(attribute="missing", start=[]) -%}
        {%- if missing -%}
            {%- set found = begun | selectattr("missing") | sum(attribute="found", start=[]) -%}
            {{ exceptions.raise_compiler_error(
                "There is no " ~ missing | join(" and no ") ~ " table in the folder " ~ raw_folder() ~ ", without which "
                ~ found | join(" and ") ~ " cannot be used. " ~ advice
            ) }}
        {%- elif not begun -%}
            {%- set needed = [] -%}
            {%- for group in groups.values() -%}
                {%- do needed.append(group.required | join(" and ")) -%}
            {%- endfor -%}
            {{ exceptions.raise_compiler_error(
                "There are no exports in the folder " ~ raw_folder() ~ ". Needed are the tables " ~ needed | join(", or ") ~ ". "
                ~ advice
            ) }}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}


{% macro tell_files_not_read(read) %}
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
{% endmacro %}
