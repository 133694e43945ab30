{#- Before a build: stops with one line where a needed raw table is not there at all. -#}
{% macro stop_without_raw_tables() %}
    {%- if execute and flags.WHICH in ["build", "run"] -%}
        {%- set found, missing = [], [] -%}
        {%- for source_table in graph.sources.values() if source_table.source_name == "raw" -%}
            {%- if raw_files(source_table.name) -%}
                {%- do found.append(source_table.name) -%}
            {%- elif source_table.config.meta.get("required") -%}
                {%- do missing.append(source_table.name) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if missing -%}
            {{ exceptions.raise_compiler_error(
                "There is no " ~ missing | join(" and no ") ~ (" table" if found else " or other raw table") ~ " in the folder "
                ~ raw_folder() ~ ". Put <table>.csv there, set HELIOS_RAW to the folder with your exports, or make simulated"
                ~ " ones: python -m simulate --seed 42 --out seeds/raw"
            ) }}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}
