{#- A trimmed cell; null where it holds a word for nothing (seed nothing_words). Spreadsheets put an apostrophe before what
    they are to leave alone, which is taken off. Names and captions may be any word but those that programs write for nothing.

    kind: of the contract: id, name, or any other · nothing: what nothing_words() says, where it was asked already -#}
{% macro clean_cell(text, kind="text", nothing=none) -%}
    {%- if kind == "name" -%}
        case when lower({{ text }}) not in ('', 'null', 'none', 'nan', 'nat', 'n/a', '#n/a', '{{ var("none_member") }}') then {{ text }} end
    {%- else -%}
        case
            {%- if kind == "id" %}
            -- A whole number written as 12.0, as spreadsheets and pandas do to columns with gaps, is 12.
            when {{ text }} like '%0' and {{ matches(text, "^[0-9]+[.]0+$") }} then split_part({{ text }}, '.', 1)
            -- 6.10E+12 is what a spreadsheet makes of a long number: many ids become one, which is none.
            when {{ text }} like '%+%' and {{ matches(text, "^[0-9][.][0-9]+[eE][+][0-9]{2}$") }} then null
            {%- endif %}
            when lower({{ text }}) in ({{ nothing or nothing_words() }}) then null
            when {{ text }} like '''%' then nullif(trim(substring({{ text }}, 2)), '')
            else {{ text }}
        end
    {%- endif -%}
{%- endmacro %}

{#- Words for nothing as the inside of a SQL list: those of seeds/reference/nothing_words.csv, read from the file, so that every
    model has them while it is compiled. -#}
{% macro nothing_words() -%}
    {%- set words = ["", var("none_member")] -%}
    {%- if execute -%}
        {%- set seed = invocation_args_dict.project_dir.replace("\\", "/") ~ "/seeds/reference/nothing_words.csv" -%}
        {%- do words.extend(
            run_query("select word from read_csv('" ~ path_text(seed) ~ "', header = true, all_varchar = true)").columns[0].values()
        ) -%}
    {%- endif -%}
    '{{ words | map("lower") | map("replace", "'", "''") | join("', '") }}'
{%- endmacro %}
