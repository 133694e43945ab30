{#- How spellings are compared: without regard to case, space, underscore, hyphen, dot or slash. -#}
{% macro spelling(text) -%}
    translate(lower({{ text }}), ' _-./', '')
{%- endmacro %}
