{#- The reason of a verdict that an interval allows: a code of seeds/reference/reasons.csv. -#}
{% macro reason_of_interval(verdict) -%}
    case {{ verdict }}
        when 'profitable' then 'interval_above'
        when 'unprofitable' then 'interval_below'
        when 'inconclusive' then 'interval_contains'
    end
{%- endmacro %}
