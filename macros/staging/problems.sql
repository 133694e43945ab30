{#- What is wrong with a cell: each returns {code, column, cell, condition, complaint}; code is one of seeds/reference/reasons.csv.
    `cell` is the cleaned text, `parsed` its typed value. -#}
{% macro is_empty(column, cell) -%}
    {{ return({"code": "empty", "column": column, "cell": cell, "condition": cell ~ " is null", "complaint": "is empty"}) }}
{%- endmacro %}

{% macro is_unreadable(column, cell, parsed, expected, code="unreadable") -%}
    {{ return({
        "code": code, "column": column, "cell": cell, "complaint": "is not " ~ expected,
        "condition": cell ~ " is not null and " ~ parsed ~ " is null",
    }) }}
{%- endmacro %}

{% macro is_unlikely_date(column, cell, parsed) -%}
    {{ return({
        "code": "out_of_range", "column": column, "cell": cell, "complaint": "is not between 2000 and 2099",
        "condition": "not (" ~ is_likely_day(parsed) ~ ")",
    }) }}
{%- endmacro %}

{#- Whether a day can be one of the business. -#}
{% macro is_likely_day(day) -%}
    {{ day }} between date '2000-01-01' and date '2099-12-31'
{%- endmacro %}

{% macro is_negative(column, cell, parsed) -%}
    {{ return({"code": "negative", "column": column, "cell": cell, "condition": parsed ~ " < 0", "complaint": "is negative"}) }}
{%- endmacro %}

{% macro is_orphan(column, cell, found, members="influencers") -%}
    {{ return({
        "code": "orphan", "column": column, "cell": cell, "complaint": "is not among the accepted " ~ members,
        "condition": cell ~ " is not null and " ~ found ~ " is null",
    }) }}
{%- endmacro %}

{% macro is_other_currency(column, cell) -%}
    {{ return({
        "code": "other_currency", "column": column, "cell": cell,
        "complaint": "is another currency than " ~ var("currency") ~ ", and nothing is converted",
        "condition": "upper(" ~ cell ~ ") not in ('" ~ currency_words() | join("', '") ~ "')",
    }) }}
{%- endmacro %}

{#- An amount that cannot be read since it names a currency, which is another one then. -#}
{% macro is_amount_of_other_currency(column, cell, parsed) -%}
    {%- set signs = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"} -%}
    {%- do signs.pop(var("currency"), none) -%}
    {%- set codes = [
        "AED", "AUD", "BDT", "BHD", "CAD", "CHF", "CNY", "EUR", "GBP", "INR", "JPY", "KWD", "LKR", "NPR", "OMR", "QAR", "SAR", "SGD", "USD",
    ] | reject("equalto", var("currency")) -%}
    {{ return({
        "code": "other_currency", "column": column, "cell": cell,
        "complaint": "is in another currency than " ~ var("currency") ~ ", and nothing is converted",
        "condition": cell ~ " is not null and " ~ parsed ~ " is null and " ~ matches(
            "upper(" ~ cell ~ ")", "[" ~ signs.values() | join ~ "]|(^|[^A-Z])(" ~ codes | join("|") ~ ")([^A-Z]|$)"
        ),
    }) }}
{%- endmacro %}

{#- What a column currency may hold for the variable currency. -#}
{% macro currency_words() -%}
    {%- set words = {"INR": ["INR", "RS", "RS.", "₹", "RUPEES", "INDIAN RUPEE"], "USD": ["USD", "US$", "$"], "EUR": ["EUR", "€"], "GBP": ["GBP", "£"]} -%}
    {{ return(words.get(var("currency"), [var("currency")])) }}
{%- endmacro %}

{#- Any other condition that a good cell does not meet. -#}
{% macro is_wrong(column, cell, condition, complaint, code="contradiction") -%}
    {{ return({"code": code, "column": column, "cell": cell, "condition": condition, "complaint": complaint}) }}
{%- endmacro %}

{#- What the contract asks of the columns of a raw table: what may not be empty is there, what is typed can be read, money and counts
    are not negative, days are likely. `fatal` says which: problems that cost the row, or those that only empty their cell. -#}
{% macro contract_problems(raw_table, fatal=true) -%}
    {%- set expected = {
        "amount": "an amount", "audience": "a whole number", "count": "a whole number", "date": "a date", "figure": "a number",
        "flag": "yes or no", "rate": "a number", "share": "a number",
    } -%}
    {%- set problems = [] -%}
    {%- for column in raw_contract().get(raw_table, []) if column.fatal == fatal -%}
        {%- set is_text = column.kind in ["id", "name", "text"] -%}
        {%- set cell = cell_of(column) -%}
        {%- do problems.append(is_empty(column.name, cell)) if column.filled -%}
        {%- do problems.append(is_amount_of_other_currency(column.name, cell, column.name)) if fatal and column.kind == "amount" -%}
        {%- if not is_text and not column.open -%}
            {%- set or_negative = " from 0 on" if not fatal and not column.either_sign and column.kind in ["amount", "audience", "count"] else "" -%}
            {%- do problems.append(is_unreadable(
                column.name, cell, column.name,
                expected.get(column.kind, "a word of value_synonyms.csv for " ~ column.words) ~ or_negative,
                "unreadable" if fatal else "unreadable_cell"
            )) -%}
        {%- endif -%}
        {%- if fatal and not column.either_sign and column.kind in ["amount", "audience", "count", "rate"] -%}
            {%- do problems.append(is_negative(column.name, cell, column.name)) -%}
        {%- elif fatal and column.kind == "date" -%}
            {%- do problems.append(is_unlikely_date(column.name, cell, column.name)) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(problems) }}
{%- endmacro %}

{#- The number of the first problem that a row has, null where it has none. -#}
{% macro first_problem(problems) -%}
    {%- if problems -%}
        case
            {%- for problem in problems %}
            when {{ problem.condition }} then {{ loop.index }}
            {%- endfor %}
        end
    {%- else -%}
        cast(null as integer)
    {%- endif -%}
{%- endmacro %}

{#- Columns that say what is wrong with a row, all null where nothing is: the code, column and value of the first problem, and every
    complaint in words.

    number: column with the number of the first problem · prefix: of the columns -#}
{% macro explained(problems, number, prefix) %}
    {%- for part, problem_part in {"code": "code", "column": "column"}.items() %}
        case {{ number }}
            {%- for problem in problems %}
            when {{ loop.index }} then '{{ problem[problem_part] }}'
            {%- else %}
            when 0 then ''
            {%- endfor %}
        end as {{ prefix }}_{{ part }},
    {%- endfor %}
        case {{ number }}
            {%- for problem in problems %}
            when {{ loop.index }} then {{ problem.cell }}
            {%- else %}
            when 0 then ''
            {%- endfor %}
        end as {{ prefix }}_value,
        case when {{ number }} is not null then concat_ws('; ', cast(null as string)
            {%- for problem in problems %},
            case when {{ problem.condition }}
                then concat('{{ problem.column }} ', coalesce('"' || {{ problem.cell }} || '" ', ''), '{{ problem.complaint }}')
            end
            {%- endfor %}
        ) end as {{ prefix }}_reason
{%- endmacro %}
