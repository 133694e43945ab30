{#- The CTE `trimmed`: the rows of a raw table with their cells trimmed. Of the cells as they were it keeps the copy_key and, for a
    row without id, the content_key that names it. -#}
{% macro trimmed_rows(raw_table, columns, id_column=none) -%}
trimmed as (

    select
        file,
        record_number,
        {{ copy_key(columns) }} as copy_key,
        {%- if id_column %}
        case when {{ clean_text(trimmed(id_column)) }} is null then {{ content_key(columns) }} end as content_key,
        {%- endif %}
        {%- for column in columns %}
        {{ trimmed(column) }} as {{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    from {{ raw_table }}

)
{%- endmacro %}
