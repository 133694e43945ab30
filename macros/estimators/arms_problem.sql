{#- Why two arms of geos cannot be compared with an error over geos, as in reasons.csv; null where they can. -#}
{% macro arms_problem(geos_treated, geos_control, estimate, variance) -%}
    case
        when {{ geos_treated }} = 0 then 'no_treated_region'
        when {{ geos_control }} = 0 then 'no_control_region'
        when {{ geos_treated }} = 1 or {{ geos_control }} = 1 then 'one_region_in_an_arm'
        when {{ estimate }} is null then 'no_revenue'
        when {{ variance }} <= 0 then 'no_noise_over_regions'
    end
{%- endmacro %}
