{#- Before a build: stops where needed raw tables are not there or a file cannot be read, one line each, and names every file
    that is not read or was read with an assumption, so that a misspelt name does not pass for a missing table. -#}
{% macro stop_without_raw_tables() %}
    {%- for file in exports(begins=true).files if file.note -%}
        {%- do log("Helios: " ~ ("" if file.is_read else "not read: ") ~ file.file ~ ": " ~ file.note, info=true) -%}
    {%- endfor -%}
{% endmacro %}
