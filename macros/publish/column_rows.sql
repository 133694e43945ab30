{#- How to show every column of every published mart, as rows of values: mart, column, number, label, unit, number format, direction,
    places among headlines and in the ranking, and description. They are declared in a column's meta. Label, unit, number format and
    direction once: columns of one name are called alike unless they say otherwise, and
    a label with is_own_label is for its mart alone; what is not declared follows from name and type. -#}
{% macro column_rows() %}
    {%- set marts = graph.nodes.values() | selectattr("resource_type", "equalto", "model")
        | selectattr("schema", "equalto", "marts") | sort(attribute="name") | list if execute else [] -%}
    {%- set of_name, rows = declared_of_names(marts), [] -%}
    {%- for mart in marts -%}
        {%- for column in mart.columns.values() -%}
            {%- set declared = dict(of_name.get(column.name, {}), **column.config.meta) -%}
            {%- set unit = declared.get("unit", unit_of_type(column.data_type)) -%}
            {%- set cells = [
                mart.name, column.name, loop.index, declared.get("label", column.name.replace("_", " ") | capitalize), unit,
                declared.get("number_format", number_format_of_unit(unit)), declared.get("direction", "neither"),
                column.config.meta.get("headline", ""), column.config.meta.get("ranking", ""), column.description.strip(),
            ] -%}
            {%- do rows.append("('" ~ cells | map("string") | map("replace", "'", "''") | join("', '") ~ "')") -%}
        {%- endfor -%}
    {%- endfor -%}
    values
        {{ rows | join(",\n        ") or "('', '', '0', '', '', '', '', '', '', '')" }}
{%- endmacro %}


{#- What columns of a name declare between them: {name: {label, unit, number_format, direction}}. -#}
{% macro declared_of_names(marts) %}
    {%- set of_name = {} -%}
    {%- for mart in marts -%}
        {%- for column in mart.columns.values() -%}
            {%- for key in ["label", "unit", "number_format", "direction"]
                if key in column.config.meta and not (key == "label" and column.config.meta.get("is_own_label")) -%}
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
