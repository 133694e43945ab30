{#- Text as it was before a link wrote %20 for a blank and the like; any other text as it is. -#}
{% macro url_decoded(text) -%}
    {%- if var("dialect") == "spark" -%}
        {{ default__url_decoded(text) }}
    {%- else -%}
        {{ adapter.dispatch("url_decoded")(text) }}
    {%- endif -%}
{%- endmacro %}

{% macro default__url_decoded(text) -%}
    case when {{ text }} like '%\\%%' then coalesce(try_url_decode({{ text }}), {{ text }}) else {{ text }} end
{%- endmacro %}

{% macro duckdb__url_decoded(text) -%}
    case when contains({{ text }}, '%') then url_decode({{ text }}) else {{ text }} end
{%- endmacro %}
