{{ config(materialized="table") }}
-- Records of text files that cannot be split into cells, as intake/records.py found them.
{%- for file in exports().unreadable %}
select
    cast('{{ file.raw_table }}' as varchar) as raw_table,
    cast('{{ sql_text(file.file) }}' as varchar) as file,
    record_number,
    line_number,
    lines,
    value,
    reason
from read_parquet('{{ path_text(file.path) }}')
{{ "union all" if not loop.last }}
{%- else %}
select
    cast(null as varchar) as raw_table,
    cast(null as varchar) as file,
    cast(null as bigint) as record_number,
    cast(null as bigint) as line_number,
    cast(null as bigint) as lines,
    cast(null as varchar) as value,
    cast(null as varchar) as reason
where false
{%- endfor %}
