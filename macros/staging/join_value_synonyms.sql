{#- The join that conforms a coded value: `<alias>.value` is what the text means, null where no spelling of the field matches. -#}
{% macro join_value_synonyms(alias, field, text) -%}
    left join value_synonyms as {{ alias }}
        on {{ alias }}.field = '{{ field }}'
        and {{ spelling(text) }} = {{ spelling(alias ~ ".spelling") }}
{%- endmacro %}
