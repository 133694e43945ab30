{#- The probability that an effect is larger than a value, from two-sided p-values: those of the most plausible effect up to the
    value, and from the value on. The estimate's own side of the value is the more probable one. -#}
{% macro conformal_probability(estimate, value, p_up_to_value, p_from_value) -%}
    case
        when {{ estimate }} > {{ value }} then 1 - {{ p_up_to_value }} / 2
        when {{ estimate }} < {{ value }} then {{ p_from_value }} / 2
        when {{ estimate }} = {{ value }} then 0.5
    end
{%- endmacro %}
