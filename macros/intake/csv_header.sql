{#- The header of a CSV file: {delimiter, names}. The delimiter is whichever of comma, semicolon, tab and bar the first line has
    most of; DuckDB's own guess looks at the rows, where a stray quote or # leads it astray. -#}
{% macro csv_header(file) %}
    {%- set first_line = run_query(
        "select line from read_csv('" ~ path_text(file.path) ~ "', auto_detect = false, header = false, delim = '\x01',"
        ~ " quote = '', escape = '', strict_mode = false, ignore_errors = true, columns = {'line': 'varchar'}) limit 1"
    ).columns["line"].values() -%}
    {%- set line = first_line[0] if first_line | length else none -%}
    {%- if not line or "\x00" in line -%}
        {{ exceptions.raise_compiler_error(
            file.name ~ " is " ~ ("not UTF-8 text" if line else "empty or not UTF-8 text")
            ~ ". Save it as 'CSV UTF-8', or remove it if the table is optional."
        ) }}
    {%- endif -%}
    {%- set best = namespace(delimiter=",") -%}
    {%- for delimiter in [";", "\t", "|"] if line.count(delimiter) > line.count(best.delimiter) -%}
        {%- set best.delimiter = delimiter -%}
    {%- endfor -%}
    {%- set names = [] -%}
    {%- set cell = '(?:"((?:[^"]|"")*)"|([^' ~ best.delimiter ~ ']*))[' ~ best.delimiter ~ ']' -%}
    {%- for quoted, plain in modules.re.findall(cell, line.rstrip("\r") ~ best.delimiter) -%}
        {%- do names.append((quoted or plain).replace('""', '"').strip()) -%}
    {%- endfor -%}
    {{ return({"delimiter": best.delimiter, "names": names}) }}
{% endmacro %}
