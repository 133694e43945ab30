{#- Text to date: ISO dates and timestamps, compact dates (20250131), day or month first with a slash, dash or dot
    (dbt variable dates_day_first), and 31-Jan-2025. Null where it is none of them. -#}
{% macro parse_date(text) -%}
    {%- set written = default__parse_date if var("dialect") == "spark" else adapter.dispatch("parse_date") -%}
    {{ written(text) }}
{%- endmacro %}

{% macro default__parse_date(text) -%}
    {%- set numeric = "d/M/y" if var("dates_day_first") else "M/d/y" -%}
    coalesce(
        try_cast({{ text }} as date),
        try_cast(try_to_timestamp({{ text }}, 'yyyyMMdd') as date),
        try_cast(try_to_timestamp(translate({{ text }}, '-.', '//'), '{{ numeric }}') as date),
        try_cast(try_to_timestamp({{ text }}, 'd-MMM-y') as date)
    )
{%- endmacro %}

{% macro duckdb__parse_date(text) -%}
    {%- set numeric = "%d/%m/%Y" if var("dates_day_first") else "%m/%d/%Y" -%}
    coalesce(
        try_cast({{ text }} as date),
        cast(try_cast({{ text }} as timestamp) as date),
        cast(try_strptime({{ text }}, '%Y%m%d') as date),
        cast(try_strptime(translate({{ text }}, '-.', '//'), ['{{ numeric }}', '{{ numeric }} %H:%M', '{{ numeric }} %H:%M:%S']) as date),
        cast(try_strptime({{ text }}, ['%d-%b-%Y', '%d %b %Y']) as date)
    )
{%- endmacro %}
