{#- Text without blanks around it; tabs and no-break spaces, which spreadsheets and web pages leave behind, are blanks too.
    Most cells need nothing of it, which is cheap to see: they have only characters of one byte, and no blank to take off. -#}
{% macro trimmed(text) -%}
    {%- set blanks = "\t\u00a0\u200b\ufeff" -%}
    case
        when
            bit_length({{ text }}) = 8 * length({{ text }})
            and {{ text }} not like '% ' and {{ text }} not like ' %' and {{ text }} not like '%{{ "\t" }}%'
            then {{ text }}
        else trim(translate({{ text }}, '{{ blanks }}', '{{ " " * (blanks | length) }}'))
    end
{%- endmacro %}
