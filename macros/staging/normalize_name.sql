{#- How names are compared: without regard to case, blanks, underscore, hyphen, dot, slash, ampersand, apostrophe, and to what a link
    writes for them (%20, +). -#}
{% macro normalize_name(text) -%}
    translate(lower({{ url_decoded(text) }}), ' _-./&+''’‘`"{{ "\t\r\n\u00a0\u200b\u200e\u200f\ufeff" }}', '')
{%- endmacro %}
