{#- How accounts are compared: @Asha.Fit, asha.fit and https://www.instagram.com/Asha.Fit/?hl=en are one. -#}
{% macro account_key(text) -%}
    regexp_replace(
        regexp_replace(regexp_replace(lower({{ text }}), '[/ ]*([?#].*)?$', ''), '^.*/', ''),
        '^[@ ]+', ''
    )
{%- endmacro %}
