{#- Three columns that say why a row is rejected, all null where it is not: the first cell at fault, its value, and every
    complaint in words. `problems` is a list made with the macros of problems.sql. -#}
{% macro reject_columns(problems) %}
        case
            {%- for problem in problems %}
            when {{ problem.condition }} then '{{ problem.column }}'
            {%- endfor %}
        end as rejected_column,
        case
            {%- for problem in problems %}
            when {{ problem.condition }} then {{ problem.cell }}
            {%- endfor %}
        end as rejected_value,
        nullif(concat_ws('; '
            {%- for problem in problems %},
            case when {{ problem.condition }}
                then concat('{{ problem.column }} ', coalesce('"' || {{ problem.cell }} || '" ', ''), '{{ problem.complaint }}')
            end
            {%- endfor %}
        ), '') as reject_reason
{%- endmacro %}
