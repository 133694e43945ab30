{#- Text to boolean; null where it is neither yes nor no. A column of the contract may have words of its own for the two, which are
    compared without case, blank, underscore and hyphen. -#}
{% macro parse_flag(text, true_words=[], false_words=[]) -%}
    case
        when lower({{ text }}) in ('true', 't', 'yes', 'y', '1', '1.0') then true
        when lower({{ text }}) in ('false', 'f', 'no', 'n', '0', '0.0') then false
        {%- for words, value in [(true_words, "true"), (false_words, "false")] if words %}
        when translate(lower({{ text }}), ' _-', '') in ('{{ words | join("', '") }}') then {{ value }}
        {%- endfor %}
    end
{%- endmacro %}
