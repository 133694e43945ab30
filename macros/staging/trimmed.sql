{#- Text without blanks around it; tabs, new lines, no-break spaces and marks that show nothing, which spreadsheets and web pages
    leave behind, are blanks too. New lines within a text stay. Most cells need nothing of it, which is cheap to see: they have only
    characters of one byte, and no blank to take off. -#}
{% macro trimmed(text) -%}
    {%- set blanks = "\t\u00a0\u2007\u202f\u200b\u200c\u200d\u200e\u200f\u2060\ufeff" -%}
    {%- set newlines = "\r\n" -%}
    case
        when
            bit_length({{ text }}) = 8 * length({{ text }})
            and {{ text }} not like '% ' and {{ text }} not like ' %'
            and {{ text }} not like '%{{ "\t" }}%' and {{ text }} not like '%{{ "\n" }}%' and {{ text }} not like '%{{ "\r" }}%'
            then {{ text }}
        else regexp_replace(
            regexp_replace(translate({{ text }}, '{{ blanks }}', '{{ " " * (blanks | length) }}'), '^[ {{ newlines }}]+', ''),
            '[ {{ newlines }}]+$', ''
        )
    end
{%- endmacro %}
