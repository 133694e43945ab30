{#- Fails for a spelling that stands in two rows, case, spaces and the like left aside: a row that matches both would come twice.
    `within` is a column in whose members spellings may repeat. -#}
{% test spelled_once(model, column_name, within=none) %}
select
    {{ within ~ "," if within }}
    {{ normalize_name(column_name) }} as spelling,
    count(*) as times
from {{ model }}
group by all
having count(*) > 1
{% endtest %}
