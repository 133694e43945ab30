{#- What an interval of iROAS says of the break-even; nothing, where most of the spend could not be measured. -#}
{% macro verdict(iroas_low, iroas_high, break_even, spend_measured_share) -%}
    case
        when {{ iroas_low }} is null or coalesce({{ spend_measured_share }}, 0) < 0.5 then 'not measurable'
        when {{ iroas_low }} > {{ break_even }} then 'profitable'
        when {{ iroas_high }} < {{ break_even }} then 'unprofitable'
        else 'inconclusive'
    end
{%- endmacro %}
