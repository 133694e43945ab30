{#- Rows that a macro has at hand as a query: dicts with the keys of `columns`, which gives their types by name. -#}
{% macro rows_of(rows, columns) %}
    select
        {%- for name, type in columns.items() %}
        cast({{ name }} as {{ type }}) as {{ name }}{{ "," if not loop.last }}
        {%- endfor %}
    from (
        values
        {%- for row in rows %}
            (
                {%- for name in columns -%}
                    {{ "null" if row[name] is none else "'" ~ sql_text(row[name]) ~ "'" }}{{ ", " if not loop.last }}
                {%- endfor -%}
            ){{ "," if not loop.last }}
        {%- else %}
            ({{ (["null"] * columns | length) | join(", ") }})
        {%- endfor %}
    ) as given ({{ columns | join(", ") }})
    {{- "" if rows else "\n    where false" }}
{% endmacro %}
