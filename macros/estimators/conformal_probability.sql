{#- The probability that an effect is larger than a value, from a two-sided conformal p-value: that of the most plausible effect which lies
    on the value's other side of the estimate, or at the value itself. -#}
{% macro conformal_probability(estimate, value, shifts_up_to_value, shifts_from_value, all_shifts) -%}
    case
        when {{ estimate }} > {{ value }} then 1 - {{ shifts_up_to_value }} / {{ all_shifts }} / 2
        when {{ estimate }} < {{ value }} then {{ shifts_from_value }} / {{ all_shifts }} / 2
        when {{ estimate }} = {{ value }} then 0.5
    end
{%- endmacro %}
