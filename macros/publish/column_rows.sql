{#- How to show every column of every published mart, as a SQL query: mart, column, number, label, unit, number format, direction,
    places on pages and description. Label, unit, number format and direction are declared in a column's meta, once: columns of one name are called
    alike unless they say otherwise. What no one declares follows from name and type. -#}
{% macro column_rows() %}
    {%- set marts = graph.nodes.values() | selectattr("resource_type", "equalto", "model")
        | selectattr("schema", "equalto", "marts") | sort(attribute="name") | list if execute else [] -%}
    {%- set of_name = declared_of_names(marts) -%}
    {%- for mart in marts %}
    {%- set outer = loop %}
    {%- for column in mart.columns.values() %}
    {%- set declared = dict(of_name.get(column.name, {}), **column.config.meta) %}
    {%- set unit = declared.get("unit", unit_of_type(column.data_type)) %}
    {%- set number_format = declared.get("number_format", number_format_of_unit(unit)) %}
    select
        '{{ mart.name }}' as mart,
        '{{ column.name }}' as column_name,
        {{ loop.index }}::integer as column_number,
        '{{ sql_text(declared.get("label", column.name.replace("_", " ") | capitalize)) }}' as label,
        '{{ unit }}' as unit,
        nullif('{{ sql_text(number_format) }}', '') as number_format,
        '{{ declared.get("direction", "neither") }}' as direction,
        {{ column.config.meta.get("headline", "null") }}::integer as headline,
        {{ column.config.meta.get("ranking", "null") }}::integer as ranking,
        '{{ sql_text(column.description.strip()) }}' as description
    {{ "union all" if not (loop.last and outer.last) }}
    {%- endfor %}
    {%- else %}
    select
        null::varchar as mart,
        null::varchar as column_name,
        null::integer as column_number,
        null::varchar as label,
        null::varchar as unit,
        null::varchar as number_format,
        null::varchar as direction,
        null::integer as headline,
        null::integer as ranking,
        null::varchar as description
    where false
    {%- endfor %}
{% endmacro %}


{#- What columns of a name declare between them: {name: {label, unit, number_format, direction}}. -#}
{% macro declared_of_names(marts) %}
    {%- set of_name = {} -%}
    {%- for mart in marts -%}
        {%- for column in mart.columns.values() -%}
            {%- for key in ["label", "unit", "number_format", "direction"] if key in column.config.meta -%}
                {%- do of_name.setdefault(column.name, {}).setdefault(key, column.config.meta[key]) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(of_name) }}
{% endmacro %}


{% macro unit_of_type(data_type) %}
    {%- set units = {"varchar": "text", "date": "date", "boolean": "boolean", "bigint": "count", "integer": "count"} -%}
    {{ return(units.get(data_type, "currency" if data_type.startswith("decimal") else "number")) }}
{% endmacro %}


{#- As spreadsheets write it; empty for text and truth values. -#}
{% macro number_format_of_unit(unit) %}
    {{ return({
        "currency": "#,##0.00", "ratio": '0.00"x"', "percent": "0.0%", "count": "#,##0", "days": "#,##0", "number": "0.00####",
        "date": "yyyy-mm-dd",
    }.get(unit, "")) }}
{% endmacro %}
