{#- CTEs from `raw_rows` to `typed`: every column of a raw table trimmed, without words for nothing, and of its type, as the contract
    declares its kind. Wants the import CTEs raw_rows, column_formats, number_cells, date_cells and value_synonyms.

    `typed` has file, file_number, record_number and row_hash; content_key, a hash of the cells of a row whose id_column is empty; a column for every column of the
    contract, and the cell as <column>_text beside those that are not text. What cannot be read is null. -#}
{% macro typed_rows(raw_table, id_column=none) %}
    {%- set columns = raw_contract().get(raw_table, []) %}
    {%- set dates = columns | selectattr("kind", "equalto", "date") | list %}
    {%- set numbers = columns | selectattr("kind", "in", number_kinds()) | list %}
    {%- set words = columns | selectattr("kind", "equalto", "words") | list %}
    {%- set texts = ["id", "name", "text"] %}
    {%- set nothing = nothing_words() %}
file_formats as (

    select
        file,
        max(decimal_mark) as decimal_mark,
        max(time_zone) as time_zone
        {%- for column in dates %},
        max(case when column_name = '{{ column.name }}' then date_order end) as {{ column.name }}_order
        {%- endfor %}
    from column_formats
    where raw_table = '{{ raw_table }}'
    group by file

),

trimmed as (

    select
        file,
        file_number,
        record_number,
        row_hash
        {%- for column in columns %},
        {{ trimmed(column.name) }} as {{ column.name }}
        {%- endfor %}
    from raw_rows

),

cleaned as (

    select
        file,
        file_number,
        record_number,
        row_hash
        {%- for column in columns %},
        {{ clean_cell(column.name, column.kind, nothing) }} as {{ column.name }}
        {%- endfor %}
    from trimmed

),

typed as (

    select
        cleaned.file,
        cleaned.file_number,
        cleaned.record_number,
        cleaned.row_hash
        {%- if id_column %},
        case when cleaned.{{ id_column }} is null then {{ content_key(columns | map(attribute="name"), "cleaned") }} end as content_key
        {%- endif %}
        {%- for column in columns %}
            {%- set cell = "cleaned." ~ column.name %}
            {%- if column.kind == "date" and not column.filled %},
        case when not ({{ is_likely_day(read_date(column, cell)) }}) then null else {{ cell }} end as {{ column.name }}_text
            {%- elif column.kind not in texts %},
        {{ cell }} as {{ column.name }}_text
            {%- endif %},
            {%- if column.kind in texts %}
        {{ cell }}
            {%- elif column.kind == "date" %}
        {{ typed_date(column, cell) }} as {{ column.name }}
            {%- elif column.kind == "flag" %}
        {{ parse_flag(cell, column.true_words, column.false_words) }} as {{ column.name }}
            {%- elif column.kind == "words" and column.open %}
        coalesce({{ column.name }}_words.value, {{ cell }}) as {{ column.name }}
            {%- elif column.kind == "words" %}
        {{ column.name }}_words.value as {{ column.name }}
            {%- else %}
        {{ typed_number(column, cell) }} as {{ column.name }}
            {%- endif %}
        {%- endfor %}
    from cleaned
    left join file_formats
        on cleaned.file = file_formats.file
    {%- for column in dates %}
    left join date_cells as {{ column.name }}_cells
        on cleaned.{{ column.name }} = {{ column.name }}_cells.written
        and coalesce(file_formats.{{ column.name }}_order, '') = {{ column.name }}_cells.date_order
        and coalesce(file_formats.time_zone, '') = {{ column.name }}_cells.time_zone
    {%- endfor %}
    {%- for column in numbers %}
    left join number_cells as {{ column.name }}_cells
        on cleaned.{{ column.name }} = {{ column.name }}_cells.written
        and coalesce(file_formats.decimal_mark, 'point') = {{ column.name }}_cells.decimal_mark
    {%- endfor %}
    {%- for column in words %}
    left join value_synonyms as {{ column.name }}_words
        on {{ column.name }}_words.field = '{{ column.words }}'
        and {{ normalize_name("cleaned." ~ column.name) }} = {{ normalize_name(column.name ~ "_words.spelling") }}
    {%- endfor %}

)
{%- endmacro %}

{#- The day of a cell. -#}
{% macro read_date(column, cell) -%}
    coalesce(case when file_formats.time_zone is null then {{ iso_date(cell) }} end, {{ column.name }}_cells.date_day)
{%- endmacro %}

{#- The day of a cell. Dates far off are what databases write for none (1900-01-01, 1970-01-01, 9999-12-31): none, where a day is
    optional. -#}
{% macro typed_date(column, cell) -%}
    {%- if column.filled -%}
        {{ read_date(column, cell) }}
    {%- else -%}
        case when {{ is_likely_day(read_date(column, cell)) }} then {{ read_date(column, cell) }} end
    {%- endif -%}
{%- endmacro %}

{#- The number of a cell, in the type of its kind. -#}
{% macro typed_number(column, cell) -%}
    {%- set type = number_type(column.kind) -%}
    {%- set number = "coalesce(" ~ plain_number(cell, column.kind, "coalesce(file_formats.decimal_mark, 'point')") ~ ", cast(" ~ column.name ~ "_cells."
        ~ number_column(column.kind) ~ " as " ~ type ~ "))" -%}
    {#- What costs the row where it is negative stays, for the reader of the reason. -#}
    {%- set conditions = [] -%}
    {%- do conditions.append(number ~ " = floor(" ~ number ~ ")") if column.kind in ["audience", "count"] -%}
    {%- do conditions.append(number ~ " >= 0") if not (column.fatal or column.either_sign) -%}
    {%- set likely = "case when " ~ conditions | join(" and ") ~ " then " ~ number ~ " end" if conditions else number -%}
    {%- if column.kind in ["audience", "count"] -%}
        cast({{ likely }} as bigint)
    {%- elif column.kind == "share" -%}
        cast({{ likely }} as double)
    {%- else -%}
        {{ likely }}
    {%- endif -%}
{%- endmacro %}
