{#- A hash of a row's text cells, in order, that gives a stable id to a row without one.
    Empty cells are kept as such, so that (a, empty) and (empty, a) differ. -#}
{% macro content_key(columns) -%}
    md5(concat_ws('|', {% for column in columns -%}
        coalesce(replace({{ column }}, '|', '||'), '(empty)'){{ ", " if not loop.last }}
    {%- endfor %}))
{%- endmacro %}
