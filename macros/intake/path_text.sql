{#- A path as the inside of a quoted SQL text where DuckDB expects a pattern: brackets, stars and question marks stand for themselves. -#}
{% macro path_text(path) %}
    {{ return(sql_text(modules.re.sub("([\\[*?])", "[\\1]", path))) }}
{% endmacro %}
