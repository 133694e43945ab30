{#- Of every model that is built: what went into it, and what it then contained, each as a hash. -#}
{% macro versions() %}
    {{ return(api.Relation.create(database=target.database, schema="builds", identifier="versions")) }}
{% endmacro %}


{#- Before a build: makes the table of versions, with that of what every model depends on: the functions of the file, Python code and
    packages, and the engine.

    functions_made: the statements that made the functions; none where nothing is built -#}
{% macro prepare_versions(functions_made) %}
    {%- if functions_made -%}
        {%- do run_query(
            "create schema if not exists " ~ adapter.quote(target.database) ~ ".builds;"
            ~ "create table if not exists " ~ versions() ~ " (model varchar primary key, inputs varchar, content varchar);"
            ~ "insert or replace into " ~ versions()
            ~ " select 'everywhere', '', md5(concat('" ~ local_md5(functions_made | join(";")) ~ "', code_version(), version()))"
        ) -%}
    {%- endif -%}
{% endmacro %}


{#- How the model at hand stands: {relation, is_known, inputs, is_built}. Its inputs are its own code and configuration and the content
    of all that it reads. It is built where it was built of the same; one that reads nothing that dbt knows may read something else,
    such as a file, and is built always. -#}
{% macro version_now() %}
    {%- set own = [compiled_code, tojson(model.config, sort_keys=true), tojson(model.columns, sort_keys=true), model.description] -%}
    {%- set parents = ["everywhere"] -%}
    {%- for parent in model.depends_on.nodes -%}
        {%- if parent.startswith("seed.") -%}
            {%- do own.append(graph.nodes[parent].checksum.checksum ~ tojson(graph.nodes[parent].config, sort_keys=true)) -%}
        {%- elif parent.startswith("source.") -%}
            {%- do own.append(state_of_files(graph.sources[parent].identifier)) -%}
        {%- else -%}
            {%- do parents.append(parent) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set found = run_query(
        "select md5(concat('" ~ local_md5(own | join("|")) ~ "', string_agg(content, '|' order by model))) as inputs,"
        ~ " count(*) as known,"
        ~ " (select inputs from " ~ versions() ~ " where model = '" ~ model.unique_id ~ "') as built_of"
        ~ " from " ~ versions() ~ " where model in ('" ~ parents | join("', '") ~ "')"
    ).rows[0] -%}
    {%- set inputs = found["inputs"] if found["known"] == parents | length else none -%}
    {%- set relation = load_cached_relation(this) -%}
    {{ return({
        "relation": relation,
        "is_known": found["built_of"] is not none,
        "inputs": inputs,
        "is_built": relation is not none
            and relation.type == config.get("materialized")
            and inputs is not none
            and inputs == found["built_of"]
            and model.depends_on.nodes | length > 0
            and not should_full_refresh()
            and not config.get("meta", {}).get("always_rebuilt"),
    }) }}
{% endmacro %}


{#- While a model is being built it has no version, so that one that breaks off is built again. -#}
{% macro forget_version() %}
    {%- do adapter.execute("delete from " ~ versions() ~ " where model = '" ~ model.unique_id ~ "'", auto_begin=false) -%}
{% endmacro %}


{#- Records what was built of which inputs. The content of a table is a hash of its columns and rows: what reads it is left as it is
    where that is the same as before. Of a table with more than a million rows that would take longer than it is worth: it counts as
    changed, as a view does. -#}
{% macro record_version(inputs, table=none) %}
    {%- set content -%}
        {%- if table -%}
            (
                select
                    case
                        when count(*) > 1000000 then '{{ inputs }}'
                        else md5(concat_ws('|', count(*), sum(hash(found)::hugeint), (
                            select string_agg(column_name || ' ' || data_type, '|' order by column_index)
                            from duckdb_columns()
                            where
                                database_name = '{{ table.database }}'
                                and schema_name = '{{ table.schema }}'
                                and table_name = '{{ table.identifier }}'
                        )))
                    end
                from (select * from {{ table }} limit 1000001) as found
            )
        {%- else -%}
            '{{ inputs }}'
        {%- endif -%}
    {%- endset -%}
    {%- if inputs -%}
        {%- do adapter.execute(
            "insert into " ~ versions() ~ " values ('" ~ model.unique_id ~ "', '" ~ inputs ~ "', " ~ content ~ ")", auto_begin=false
        ) -%}
    {%- endif -%}
{% endmacro %}


{#- When a build is over: says how much of it was there already. -#}
{% macro log_unchanged(results) %}
    {%- set models = results | selectattr("node.resource_type", "equalto", "model") | list -%}
    {%- set unchanged = models | selectattr("message", "equalto", "UNCHANGED") | list -%}
    {%- if unchanged -%}
        {%- do log(
            "Helios: of " ~ models | length ~ " models " ~ unchanged | length ~ " were left as they are, since nothing of them has changed."
            ~ " With --full-refresh all are built anew.", info=true
        ) -%}
    {%- endif -%}
{% endmacro %}
