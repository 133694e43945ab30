{#- The codes of a cell, one row each: what stands between blanks, new lines, commas, semicolons, bars, slashes, colons, quotes and
    brackets of any kind, in capitals. A code may hold a %, an underscore, a hyphen or a dot. -#}
{% macro split_codes(text) -%}
    {%- set written = default__split_codes if var("dialect") == "spark" else adapter.dispatch("split_codes") -%}
    {{ written(text) }}
{%- endmacro %}

{% macro default__split_codes(text) -%}
    explode(split(upper({{ text }}), '{{ code_separators() }}'))
{%- endmacro %}

{% macro duckdb__split_codes(text) -%}
    unnest(string_split_regex(upper({{ text }}), '{{ code_separators() }}'))
{%- endmacro %}

{#- U+200B and its like show nothing; # stands before codes in chats. -#}
{% macro code_separators() -%}
    [ ,;|/:#"''’‘`(){{ "{}" }}<>\[\]{{ "\t\r\n\u00a0\u2007\u202f\u200b\u200c\u200d\u200e\u200f\u2060\ufeff" }}]+
{%- endmacro %}
