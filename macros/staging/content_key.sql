{#- A hash of what a row's filled cells hold, which gives a stable id to a row without one. -#}
{% macro content_key(columns, relation) -%}
    md5(concat_ws('|'{% for column in columns -%}
        , '{{ column }}=' || replace({{ relation }}.{{ column }}, '|', '||')
    {%- endfor %}))
{%- endmacro %}
