{#- The declared columns of all raw tables as a SQL query: raw_table, column_name, is_required. -#}
{% macro raw_contract_rows() %}
    {%- set rows = [] -%}
    {%- if execute -%}
        {%- for source_table in graph.sources.values() if source_table.source_name == "raw" -%}
            {%- for column in raw_columns(source_table.name) -%}
                {%- do rows.append("('" ~ source_table.name ~ "', '" ~ column.name ~ "', " ~ column.required ~ ")") -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    select
        cast(raw_table as string) as raw_table,
        cast(column_name as string) as column_name,
        cast(is_required as boolean) as is_required
    from (
        values
            {{ rows | join(",\n            ") if rows else "(null, null, null)" }}
    ) as declared (raw_table, column_name, is_required)
{% endmacro %}
