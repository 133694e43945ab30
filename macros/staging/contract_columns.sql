{#- The columns of a raw table as its contract, the source's YAML, declares them: [{name, kind, …}, …]; _intake__models.yml
    says what each means. Empty while dbt parses, when nothing of the project is known yet. -#}
{% macro contract_columns(raw_table, kinds=none) %}
    {%- set columns = [] -%}
    {%- for source_table in graph.get("sources", {}).values() if source_table.source_name == "raw" and source_table.name == raw_table -%}
        {%- for column in source_table.columns.values() -%}
            {%- set meta = column.config.meta -%}
            {%- if kinds is none or meta.get("kind") in kinds -%}
                {%- do columns.append({
                    "name": column.name,
                    "kind": meta.get("kind"),
                    "words": meta.get("words"),
                    "required": meta.get("required", false),
                    "fatal": meta.get("required", false) or meta.get("fatal", false),
                    "open": meta.get("open", false),
                    "either_sign": meta.get("either_sign", false),
                    "filled": meta.get("required", false) and not meta.get("may_be_empty", false),
                }) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(columns) }}
{% endmacro %}

{#- The raw tables of the contract, by name. -#}
{% macro contract_tables() %}
    {%- set tables = [] -%}
    {%- for source_table in graph.get("sources", {}).values() if source_table.source_name == "raw" -%}
        {%- do tables.append(source_table.name) -%}
    {%- endfor -%}
    {{ return(tables | sort) }}
{% endmacro %}

{#- How a kind of column holds numbers or days; every other kind holds text. -#}
{% macro number_kinds() %}
    {{ return(["amount", "audience", "count", "figure", "rate", "share"]) }}
{% endmacro %}
