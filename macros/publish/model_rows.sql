{#- What dbt knows of every model, seed and raw table, as a SQL query: model, layer, description, formula, parents, rows.
    The formula of a model lists the formulas of its columns, as declared in their meta. -#}
{% macro model_rows() %}
    {%- set rows = [] -%}
    {%- if execute -%}
        {%- set documented = graph.nodes.values() | selectattr("resource_type", "in", ["model", "seed"]) | list
            + graph.sources.values() | list -%}
        {%- for node in documented if node.package_name == "helios" -%}
            {%- set formulas = [] -%}
            {#- Columns that the function performance() makes show what it runs. -#}
            {%- set ran = performance_formulas()
                if "macro.helios.performance_of" in node.get("depends_on", {}).get("macros", []) else {} -%}
            {%- for column in node.columns.values() if column.config.meta.get("formula") or column.name in ran -%}
                {%- do formulas.append(column.name ~ " = " ~ ran.get(column.name, column.config.meta.get("formula"))) -%}
            {%- endfor -%}
            {%- set parents = [] -%}
            {%- for parent in node.get("depends_on", {}).get("nodes", []) -%}
                {%- do parents.append(parent.split(".")[2:] | join(".")) -%}
            {%- endfor -%}
            {%- set is_source = node.resource_type == "source" -%}
            {%- do rows.append({
                "model": "raw." ~ node.name if is_source else node.name,
                "layer": "raw" if is_source else node.schema,
                "description": node.description.strip(),
                "formula": formulas | join("\n"),
                "parents": parents | sort | join(", "),
                "counted": none if is_source or node.config.materialized == "view" or node.name == this.name
                    else node.relation_name,
            }) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- for row in rows | sort(attribute="model") %}
    select
        '{{ row.model }}' as model,
        '{{ row.layer }}' as layer,
        '{{ sql_text(row.description) }}' as description,
        nullif('{{ sql_text(row.formula) }}', '') as formula,
        nullif('{{ row.parents }}', '') as parents,
        {{ "(select count(*) from " ~ row.counted ~ ")" if row.counted else "null::bigint" }} as rows
    {{ "union all" if not loop.last }}
    {%- else %}
    select
        null::varchar as model,
        null::varchar as layer,
        null::varchar as description,
        null::varchar as formula,
        null::varchar as parents,
        null::bigint as rows
    where false
    {%- endfor %}
{% endmacro %}
