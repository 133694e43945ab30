{#- Before a build: names every file that is not read or was read with an assumption, so that a misspelt name does not pass for
    a missing table, and stops where needed raw tables are not there or a file cannot be read, one line each. -#}
{% macro stop_without_raw_tables() %}
    {%- set found = look_at_exports(begins=true) -%}
    {%- for file in found.files if file.note and file.note not in found.problems -%}
        {%- do log("Helios: " ~ ("" if file.is_read else "not read: ") ~ file.file ~ ": " ~ file.note, info=true) -%}
    {%- endfor -%}
    {%- if found.problems -%}
        {{ exceptions.raise_compiler_error(found.problems | join("\n")) }}
    {%- endif -%}
{% endmacro %}
