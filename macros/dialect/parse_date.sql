{#- A time so many minutes earlier. -#}
{% macro minutes_earlier(time, minutes) -%}
    {%- set written = default__minutes_earlier if var("dialect") == "spark" else adapter.dispatch("minutes_earlier") -%}
    {{ written(time, minutes) }}
{%- endmacro %}

{% macro default__minutes_earlier(time, minutes) -%}
    {{ time }} - make_dt_interval(0, 0, {{ minutes }})
{%- endmacro %}

{% macro duckdb__minutes_earlier(time, minutes) -%}
    {{ time }} - to_minutes({{ minutes }})
{%- endmacro %}

{#- What a clock in one zone shows when one in another shows a time. -#}
{% macro moved_time(local_time, from_zone, to_zone) -%}
    {%- set written = default__moved_time if var("dialect") == "spark" else adapter.dispatch("moved_time") -%}
    {{ written(local_time, from_zone, to_zone) }}
{%- endmacro %}

{% macro default__moved_time(local_time, from_zone, to_zone) -%}
    from_utc_timestamp(to_utc_timestamp({{ local_time }}, {{ from_zone }}), {{ to_zone }})
{%- endmacro %}

{% macro duckdb__moved_time(local_time, from_zone, to_zone) -%}
    timezone({{ to_zone }}, timezone({{ from_zone }}, {{ local_time }}))
{%- endmacro %}

{#- Text in capitals to a time, midnight where it has none: ISO, compact (20250131), with the month as a number in the order given
    ('day first' or 'month first'), with its name, and the number of a day as spreadsheets count them. Null where it is none. -#}
{% macro local_time(text, date_order) -%}
    {%- set written = default__local_time if var("dialect") == "spark" else adapter.dispatch("local_time") -%}
    {{ written(text, date_order) }}
{%- endmacro %}

{% macro default__local_time(text, date_order) -%}
    coalesce(
        try_cast({{ text }} as timestamp),
        try_to_timestamp({{ text }}, 'yyyyMMdd'),
        case
            when {{ date_order }} = 'month first' then try_to_timestamp(translate(split_part({{ text }}, ' ', 1), '-.', '//'), 'M/d/y')
            else try_to_timestamp(translate(split_part({{ text }}, ' ', 1), '-.', '//'), 'd/M/y')
        end,
        try_to_timestamp(translate({{ text }}, ' ', '-'), 'd-MMM-y')
    )
{%- endmacro %}

{% macro duckdb__local_time(text, date_order) -%}
    {%- set times = ["", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p", " %I:%M%p", "T%H:%M", "T%H:%M:%S"] -%}
    {%- set starts = {
        "day first": ["%d/%m/%y", "%d/%m/%Y"],
        "month first": ["%m/%d/%y", "%m/%d/%Y"],
        "named": ["%d/%b/%y", "%d/%b/%Y", "%d/%B/%Y", "%b/%d/%Y", "%B/%d/%Y", "%Y/%b/%d"],
        "year first": ["%Y/%m/%d"],
    } -%}
    {%- set formats = {} -%}
    {%- for order, days in starts.items() -%}
        {%- set written = [] -%}
        {%- for day in days -%}
            {%- for time in times -%}
                {%- do written.append("'" ~ day ~ time ~ "'") -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- do formats.update({order: "[" ~ written | join(", ") ~ "]"}) -%}
    {%- endfor -%}
    {#- What stands between day, month and year becomes a slash; the time stays. A zone is left out. -#}
    {%- set zoneless = "regexp_replace(" ~ text ~ ", '(:[0-9]{2}([.][0-9]+)?) *[+-][0-9]{2}(:?[0-9]{2})?$', '\\1')" -%}
    {%- set slashed = "regexp_replace(" ~ zoneless ~ ", '^ *([0-9A-Z]+) *[-/. ] *([0-9A-Z]+) *[-/. ] *([0-9]+)([T ]?) *', '\\1/\\2/\\3\\4')" -%}
    case
        when regexp_matches({{ text }}, '^[0-9]{4}[-/.]')
            then coalesce(try_cast({{ zoneless }} as timestamp), try_strptime({{ slashed }}, {{ formats["year first"] }}))
        when regexp_matches({{ text }}, '^[0-9]{8}$') then try_strptime({{ text }}, '%Y%m%d')
        when regexp_matches({{ text }}, '[A-Z]{3}') then try_strptime({{ slashed }}, {{ formats["named"] }})
        -- Spreadsheets count days from 30 December 1899.
        when regexp_matches({{ text }}, '^[0-9]{5}([.][0-9]+)?$') then
            case
                when try_cast({{ text }} as double) between 36526 and 73050
                    then timestamp '1899-12-30' + to_days(cast(floor(try_cast({{ text }} as double)) as integer))
            end
        when {{ date_order }} = 'month first' then try_strptime({{ slashed }}, {{ formats["month first"] }})
        else try_strptime({{ slashed }}, {{ formats["day first"] }})
    end
{%- endmacro %}
