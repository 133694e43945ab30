{#- The contract of the raw tables, as the YAML of the source declares it: {table: [{name, kind, …}, …]}; _intake__models.yml says what
    each part means. dbt's graph has it, but for a unit test, whose graph is the test alone: there the file is read. Empty while dbt
    parses, when nothing of the project is known yet. -#}
{% macro raw_contract() %}
    {%- set declared = {} -%}
    {%- for table in graph.get("sources", {}).values() if table.source_name == "raw" -%}
        {%- set columns = [] -%}
        {%- for column in table.columns.values() -%}
            {%- do columns.append({"name": column.name, "meta": column.config.meta}) -%}
        {%- endfor -%}
        {%- do declared.update({table.name: columns}) -%}
    {%- endfor -%}
    {%- if execute and not declared -%}
        {%- set file = invocation_args_dict.project_dir.replace("\\", "/") ~ "/models/intake/_intake__sources.yml" -%}
        {%- set text = run_query("select content from read_text('" ~ path_text(file) ~ "')").columns[0].values()[0] -%}
        {%- for table in fromyaml(text).sources[0].tables -%}
            {%- set columns = [] -%}
            {%- for column in table.columns -%}
                {%- do columns.append({"name": column.name, "meta": column.config.meta}) -%}
            {%- endfor -%}
            {%- do declared.update({table.name: columns}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set contract = {} -%}
    {%- for table, columns in declared.items() -%}
        {%- set described = [] -%}
        {%- for column in columns -%}
            {%- set meta = column.meta -%}
            {%- do described.append({
                "name": column.name,
                "kind": meta.get("kind"),
                "words": meta.get("words"),
                "fatal": meta.get("required", false) or meta.get("fatal", false),
                "filled": meta.get("required", false) and not meta.get("may_be_empty", false),
                "open": meta.get("open", false),
                "either_sign": meta.get("either_sign", false),
                "true_words": meta.get("true_words", []),
                "false_words": meta.get("false_words", []),
            }) -%}
        {%- endfor -%}
        {%- do contract.update({table: described}) -%}
    {%- endfor -%}
    {{ return(contract) }}
{% endmacro %}

{#- Kinds of columns that hold numbers; dates are of kind date, and every other kind holds text. -#}
{% macro number_kinds() %}
    {{ return(["amount", "audience", "count", "figure", "rate", "share"]) }}
{% endmacro %}

{#- Columns of typed_rows() that hold the cells of a raw table as text. -#}
{% macro cells_of(raw_table) %}
    {%- set cells = [] -%}
    {%- for column in raw_contract().get(raw_table, []) -%}
        {%- do cells.append(cell_of(column)) -%}
    {%- endfor -%}
    {{ return(cells) }}
{% endmacro %}

{% macro cell_of(column) %}
    {{ return(column.name if column.kind in ["id", "name", "text"] else column.name ~ "_text") }}
{% endmacro %}
