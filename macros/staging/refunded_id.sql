{#- The id of the order that a row with an id such as 1001-R, 1001-refund-2 or 1001.1 takes money from. -#}
{% macro refunded_id(text) -%}
    regexp_replace({{ text }}, '[-_./# ]+(([rR]|[rR][eE][fF][uU][nN][dD]|[rR][eE][tT]|[rR][eE][tT][uU][rR][nN]|[cC][nN])[-_. ]?[0-9]*|[0-9]+)$', '')
{%- endmacro %}
