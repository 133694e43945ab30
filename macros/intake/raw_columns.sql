{#- The columns that a raw table may have, as declared with the source: [{name, required}, …]. -#}
{% macro raw_columns(raw_table) %}
    {%- set columns = [] -%}
    {%- for source_table in graph.get("sources", {}).values() if source_table.source_name == "raw" and source_table.name == raw_table -%}
        {%- for column in source_table.columns.values() -%}
            {%- do columns.append({"name": column.name, "required": column.config.meta.get("required", false)}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(columns) }}
{% endmacro %}
