{#- What most cells are, read fast: a number that an engine reads by itself. Null for any other; number_cells has these.

    decimal_mark: of the file. In a file with decimal commas a point is no decimal mark. -#}
{% macro plain_number(cell, kind, decimal_mark) -%}
    case when {{ decimal_mark }} = 'point' or {{ cell }} not like '%.%' then cast(try_cast({{ cell }} as {{ plain_type(kind) }}) as {{ number_type(kind) }}) end
{%- endmacro %}

{#- Engines read text into a decimal of more than 18 digits very slowly. -#}
{% macro plain_type(kind) -%}
    {{ {"amount": "decimal(18, 2)", "figure": "decimal(18, 12)", "share": "decimal(18, 12)"}.get(kind, "decimal(18, 6)") }}
{%- endmacro %}

{% macro number_type(kind) -%}
    {{ {"amount": "decimal(18, 2)", "figure": "decimal(30, 12)", "share": "decimal(30, 12)"}.get(kind, "decimal(18, 6)") }}
{%- endmacro %}

{#- The column of number_cells that holds numbers of a kind: what units it may have differs. -#}
{% macro number_column(kind) -%}
    {{ {"count": "plain", "figure": "plain"}.get(kind, kind) }}
{%- endmacro %}

{#- The day of an ISO date or of a time without zone. Null for any other cell; date_cells has these. -#}
{% macro iso_date(cell) -%}
    case
        when length({{ cell }}) = 10 then try_cast({{ cell }} as date)
        when {{ cell }} like '____-__-__%' and not {{ has_zone(cell) }} then cast(try_cast({{ cell }} as timestamp) as date)
    end
{%- endmacro %}

{#- Whether a time ends with a zone: Z, +05:30, +0530, UTC, IST. -#}
{% macro has_zone(cell) -%}
    (
        upper(right({{ cell }}, 1)) in ('Z', 'C', 'T')
        or substring({{ cell }}, length({{ cell }}) - 5, 1) in ('+', '-')
        or substring({{ cell }}, length({{ cell }}) - 4, 1) in ('+', '-')
        or substring({{ cell }}, length({{ cell }}) - 2, 1) in ('+', '-')
    )
{%- endmacro %}

{#- Every different cell of some kinds of columns, as a query: raw_table, file, column_name, kind, cell. -#}
{% macro cells_of_kinds(kinds) %}
    {%- set ctes = [] %}
    {%- for raw_table, columns in raw_contract().items() %}
        {%- for column in columns if column.kind in kinds %}
            {%- do ctes.append((raw_table, column)) %}
        {%- endfor %}
    {%- endfor %}
    {%- for raw_table, column in ctes %}
    select distinct
        '{{ raw_table }}' as raw_table,
        file,
        '{{ column.name }}' as column_name,
        '{{ column.kind }}' as kind,
        {{ column.name }} as cell
    from raw_{{ raw_table }}
        {%- if not loop.last %}

    union all
        {% endif %}
    {%- else %}
    select
        cast(null as string) as raw_table,
        cast(null as string) as file,
        cast(null as string) as column_name,
        cast(null as string) as kind,
        cast(null as string) as cell
    where false
    {%- endfor %}
{% endmacro %}

{#- How the variable currency may stand beside an amount, as alternatives of a regular expression in lower case; $ of another currency
    makes an amount unreadable. -#}
{% macro currency_signs() -%}
    {%- set signs = {"INR": ["₹", "inr"], "USD": ["us[$]", "[$]", "usd"], "EUR": ["€", "eur"], "GBP": ["£", "gbp"], "AED": ["aed", "dhs?[.]?"]} -%}
    {{ signs.get(var("currency"), [var("currency") | lower]) | join("|") }}
{%- endmacro %}
