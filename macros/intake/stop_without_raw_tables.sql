{#- Before a build: stops where needed raw tables are not there or a file cannot be read, one line each, and names every file
    that is not read or was read with an assumption, so that a misspelt name does not pass for a missing table. -#}
{% macro stop_without_raw_tables() %}
    {%- for file in exports(begins=true).files -%}
        {%- if not file.is_read -%}
            {%- do log("Helios: not read, since " ~ file.note ~ ": " ~ file.file, info=true) -%}
        {%- elif file.note -%}
            {%- do log("Helios: " ~ file.file ~ ": " ~ file.note, info=true) -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}
