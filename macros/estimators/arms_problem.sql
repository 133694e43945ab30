{#- Why two arms of geos cannot be compared with an error over geos; null where they can. -#}
{% macro arms_problem(geos_treated, geos_control, estimate, variance) -%}
    case
        when {{ geos_treated }} = 0 then 'no treated region'
        when {{ geos_control }} = 0 then 'no control region'
        when {{ geos_treated }} = 1 or {{ geos_control }} = 1 then 'an error over regions needs two in each arm'
        when {{ estimate }} is null then 'no revenue to compare'
        when {{ variance }} <= 0 then 'regions do not differ, so that there is no noise to judge by'
    end
{%- endmacro %}
