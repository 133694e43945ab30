{#- A sentence of seeds/reference/reasons.csv with its placeholders, such as {break_even}, filled in.

    sentence: SQL expression of the sentence · arguments: SQL expression of the text by placeholder -#}
{% macro reason_in_words(sentence, arguments) -%}
    {%- set filled = namespace(sql=sentence) -%}
    {%- for name, text in arguments.items() -%}
        {%- set filled.sql = "replace(" ~ filled.sql ~ ", '{" ~ name ~ "}', coalesce(" ~ text ~ ", ''))" -%}
    {%- endfor -%}
    {{ filled.sql }}
{%- endmacro %}


{#- What the sentences about intervals name: level and break-even as people write them. -#}
{% macro interval_arguments(ci_level, break_even) -%}
    {{ return({
        "ci_level": "printf('%g %%', 100 * " ~ ci_level ~ ")",
        "break_even": "printf('%.4g', " ~ break_even ~ ")",
    }) }}
{%- endmacro %}
