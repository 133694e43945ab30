{#- Clean text to decimal: currency signs, spaces and thousands commas (1,234.50 and 1,23,456.78) are taken off.
    Null where a comma stands anywhere else (1.234,56 and 99,50), so that no number is misread. Plain numbers come first, since
    most are. -#}
{% macro parse_number(text, type="decimal(18, 6)") -%}
    {%- set bare = "regexp_replace(translate(lower(" ~ text ~ "), '₹ ', ''), '^(rs[.]?|inr)', '')" -%}
    coalesce(
        try_cast({{ text }} as {{ type }}),
        case
            when {{ text }} not like '%,%' then try_cast({{ bare }} as {{ type }})
            when {{ matches(bare, "^-?[0-9]{1,3}(,[0-9]{2,3})*,[0-9]{3}([.][0-9]*)?$") }}
                then try_cast(translate({{ bare }}, ',', '') as {{ type }})
        end
    )
{%- endmacro %}
