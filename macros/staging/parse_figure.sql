{#- Text to a decimal wide enough for whatever is measured: 18 digits before the point and 12 after it. Engines read text into a
    decimal of more than 18 digits very slowly. Plain numbers below a million therefore come first, then plain ones put together from
    what stands before and after the point. -#}
{% macro parse_figure(text) -%}
    {%- set type = "decimal(30, 12)" -%}
    {%- set sign = "case when " ~ text ~ " like '-%' then '-0.' else '0.' end" -%}
    coalesce(
        cast(try_cast({{ text }} as decimal(18, 12)) as {{ type }}),
        case
            when {{ text }} not like '%e%' and {{ text }} not like '%E%' and split_part({{ text }}, '.', 3) = ''
                then cast(
                    cast(try_cast(split_part({{ text }}, '.', 1) as decimal(18, 0)) as {{ type }})
                    + cast(try_cast(concat({{ sign }}, split_part({{ text }}, '.', 2)) as decimal(18, 12)) as {{ type }}) as {{ type }}
                )
        end,
        {{ parse_number(text, type) }}
    )
{%- endmacro %}
