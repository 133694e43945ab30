{#- Every record of a raw table as text under the names of the contract, with file, file_number (the newest export has the
    highest), record_number in the file (the first record under the header is 1) and row_hash of the whole record. A missing
    optional column or table is null or empty. intake/exports.py writes the select of each file. -#}
{% macro read_raw_table(raw_table) %}
    {%- set selects = exports().selects.get(raw_table.identifier, []) %}
    {%- if selects %}
{{ selects | join("\n\nunion all\n\n") }}
    {%- else %}
select
    cast(null as varchar) as file,
    cast(null as integer) as file_number,
    cast(null as bigint) as record_number,
    cast(null as ubigint) as row_hash
        {%- for column in raw_contract().get(raw_table.identifier, []) %},
    cast(null as varchar) as {{ column.name }}
        {%- endfor %}
where false
    {%- endif %}
{% endmacro %}
