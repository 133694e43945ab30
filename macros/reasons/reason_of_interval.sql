{#- The reason of a verdict that an interval allows: a code of seeds/reference/reasons.csv. -#}
{% macro reason_of_interval(verdict) -%}
    case {{ verdict }}
        when 'profitable' then 'interval_above'
        when 'unprofitable' then 'interval_below'
        when 'inconclusive' then 'interval_contains'
    end
{%- endmacro %}


{#- The same of an interval that no experiment stands behind: what it would say with one is likely. -#}
{% macro reason_of_observation(verdict) -%}
    case {{ verdict }}
        when 'profitable' then 'likely_profitable'
        when 'unprofitable' then 'likely_unprofitable'
        when 'inconclusive' then 'interval_contains'
    end
{%- endmacro %}
