{#- After the formats of files are found: stops where a column is written in two ways, since nobody can tell which of them an ambiguous
    cell is in. Names every file and column at once. -#}
{% macro stop_at_contradictions(formats) %}
    {%- if execute and flags.WHICH in ["build", "run"] -%}
        {%- set rows = run_query(
            "select * from " ~ formats ~ " where date_order = 'both' or decimal_mark = 'both' order by raw_table, file, column_name"
        ).rows -%}
        {%- set problems = [] -%}
        {%- for row in rows -%}
            {%- if row["kind"] == "date" -%}
                {%- do problems.append(
                    row["file"] ~ ": the days in column " ~ row["column_name"] ~ " are written in two ways, as \"" ~ row["first_example"]
                    ~ "\" (day first) and \"" ~ row["second_example"] ~ "\" (month first). Write them in one way, best as 2025-07-31,"
                    ~ " or split the file"
                ) -%}
            {%- else -%}
                {%- do problems.append(
                    row["file"] ~ ": numbers are written in two ways, as \"" ~ row["first_example"] ~ "\" (decimal comma) and \""
                    ~ row["second_example"] ~ "\" (decimal point). Write them in one way, or split the file"
                ) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if problems -%}
            {{ exceptions.raise_compiler_error(problems | join(". ") ~ ".") }}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}
