{#- When a payout that is not paid yet is due, as seen on a day: what is overdue, what to pay this week, this month and later. -#}
{% macro due_in(due_date, as_of) -%}
    case
        when {{ due_date }} is null then 'no due date'
        when {{ due_date }} < {{ as_of }} then 'overdue'
        when {{ due_date }} <= {{ as_of }} + 7 then 'within 7 days'
        when {{ due_date }} <= {{ as_of }} + 30 then 'within 30 days'
        else 'later'
    end
{%- endmacro %}
