{#- What is wrong with a cell: each returns {column, cell, condition, complaint} for reject_columns().
    `cell` is the cleaned text, `parsed` its typed value. -#}
{% macro is_empty(column, cell) -%}
    {{ return({"column": column, "cell": cell, "condition": cell ~ " is null", "complaint": "is empty"}) }}
{%- endmacro %}

{% macro is_unreadable(column, cell, parsed, expected) -%}
    {{ return({
        "column": column, "cell": cell, "complaint": "is not " ~ expected,
        "condition": cell ~ " is not null and " ~ parsed ~ " is null",
    }) }}
{%- endmacro %}

{% macro is_unlikely_date(column, cell, parsed) -%}
    {{ return({
        "column": column, "cell": cell, "complaint": "is not between 2000 and 2099",
        "condition": parsed ~ " not between date '2000-01-01' and date '2099-12-31'",
    }) }}
{%- endmacro %}

{% macro is_negative(column, cell, parsed) -%}
    {{ return({"column": column, "cell": cell, "condition": parsed ~ " < 0", "complaint": "is negative"}) }}
{%- endmacro %}

{% macro is_orphan(column, cell, found, members="influencers") -%}
    {{ return({
        "column": column, "cell": cell, "complaint": "is not among the accepted " ~ members,
        "condition": cell ~ " is not null and " ~ found ~ " is null",
    }) }}
{%- endmacro %}

{#- Any other condition that a good cell does not meet. -#}
{% macro is_wrong(column, cell, condition, complaint) -%}
    {{ return({"column": column, "cell": cell, "condition": condition, "complaint": complaint}) }}
{%- endmacro %}

{#- Problems of counts whose cells are named <metric>_text and whose typed values are named <metric>. -#}
{% macro are_not_counts(metrics) -%}
    {%- set problems = [] -%}
    {%- for metric in metrics -%}
        {%- do problems.append(is_unreadable(metric, metric ~ "_text", metric, "a whole number")) -%}
        {%- do problems.append(is_negative(metric, metric ~ "_text", metric)) -%}
    {%- endfor -%}
    {{ return(problems) }}
{%- endmacro %}

{#- Problems of days whose cells are named <day>_text and whose typed values are named <day>. -#}
{% macro are_not_dates(days, required=true) -%}
    {%- set problems = [] -%}
    {%- for day in days -%}
        {%- do problems.append(is_empty(day, day ~ "_text")) if required -%}
        {%- do problems.append(is_unreadable(day, day ~ "_text", day, "a date")) -%}
        {%- do problems.append(is_unlikely_date(day, day ~ "_text", day)) -%}
    {%- endfor -%}
    {{ return(problems) }}
{%- endmacro %}
