{#- A sentence of seeds/reference/reasons.csv with its placeholders, such as {break_even}, filled in.

    sentence: SQL expression of the sentence · arguments: SQL expression of the text by placeholder -#}
{% macro reason_in_words(sentence, arguments) -%}
    {%- set filled = namespace(sql=sentence) -%}
    {%- for name, text in arguments.items() -%}
        {%- set filled.sql = "replace(" ~ filled.sql ~ ", '{" ~ name ~ "}', coalesce(" ~ text ~ ", ''))" -%}
    {%- endfor -%}
    {{ filled.sql }}
{%- endmacro %}


{#- What the sentences about intervals name: level and break-even with its basis as people write them. -#}
{% macro interval_arguments(ci_level, break_even, break_even_basis) -%}
    {{ return({
        "ci_level": "printf('%g %%', 100 * " ~ ci_level ~ ")",
        "break_even": "printf('%.4g', " ~ break_even ~ ") || case " ~ break_even_basis
            ~ " when 'margin' then ' (by margin)' when 'revenue' then ' (by revenue)' else ' (as set)' end",
    }) }}
{%- endmacro %}
