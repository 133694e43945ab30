{#- The last step of a build: writes the marts, with keys and comments, to a fresh file and swaps it in for helios.duckdb.

    Only a complete build publishes. This hook is also rendered under compile, docs generate, test, run and partial builds, where
    there are few or no results and "all passed" would be true of nothing. -#}
{% macro publish(results) %}
    {%- if execute -%}
        {%- set obstacle = why_not_published(results) -%}
        {%- if obstacle -%}
            {%- do log("Helios: nothing was published, since " ~ obstacle ~ ".", info=true) -%}
        {%- else -%}
            {%- set new_file = published_file() ~ ".new" -%}
            {%- do run_query(record_compiled_sql(results)) -%}
            {%- do run_query("select remove_file('" ~ sql_text(new_file) ~ "')") -%}
            {#- A storage version that DuckDB 1.2 and later open, whatever version builds. -#}
            {%- do run_query("attach '" ~ sql_text(new_file) ~ "' as published (storage_version 'v1.2.0')") -%}
            {#- Foreign keys cannot name another database, so the new file is the current one while it is written. -#}
            {%- do run_query("use published") -%}
            {%- do run_query((["begin"] + published_statements() + ["commit"]) | join(";\n")) -%}
            {%- do run_query("use " ~ adapter.quote(target.database)) -%}
            {%- do run_query("detach published") -%}
            {%- do run_query("select replace_file('" ~ sql_text(new_file) ~ "', '" ~ sql_text(published_file()) ~ "')") -%}
            {%- do log("Helios: published " ~ published_file(), info=true) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}


{#- Why these results are not those of a complete build that passed; none if they are. -#}
{% macro why_not_published(results) %}
    {%- if flags.WHICH != "build" -%}
        {{ return("only dbt build publishes") }}
    {%- endif -%}
    {%- if invocation_args_dict.get("empty") or invocation_args_dict.get("sample") -%}
        {{ return("this build left rows out") }}
    {%- endif -%}
    {#- Unit tests are not in the graph, and look at no row of the exports: leaving them out leaves nothing of the data untested. -#}
    {%- set finished = results | map(attribute="node.unique_id") | list -%}
    {%- for node in graph.nodes.values() if node.config.enabled and node.config.materialized != "ephemeral" -%}
        {%- if node.resource_type in ["model", "seed", "snapshot", "test"] and node.unique_id not in finished -%}
            {{ return("this build left models or tests out") }}
        {%- endif -%}
    {%- endfor -%}
    {#- An exposure is among the results too; there is nothing to do for it. -#}
    {%- for result in results if result.status not in ["success", "pass", "warn", "no-op"] -%}
        {{ return("not everything passed") }}
    {%- endfor -%}
    {%- set changed = raw_files_changed() -%}
    {%- if changed -%}
        {{ return(
            changed | join(", ") ~ (" has" if changed | length == 1 else " have")
            ~ " changed since this build looked at the exports. Build again when nothing writes there"
        ) }}
    {%- endif -%}
    {{ return(why_below_the_floor()) }}
{% endmacro %}


{#- Why what was read is too little to take the place of what is published: a table of which less than min_accepted_share of the rows
    is accepted, or revenue that falls by more than max_revenue_drop against the published file of the same exports; none if it is
    enough. Exports of the simulator are as large as they are meant to be. -#}
{% macro why_below_the_floor() %}
    {%- set reasons = [] -%}
    {%- set tables = run_query(
        "select raw_table, rows_accepted, rows_read - duplicates - rows_superseded as rows_different from "
        ~ api.Relation.create(database=target.database, schema="marts", identifier="rpt_data_health")
        ~ " where rows_different > 0 and rows_accepted < " ~ var("min_accepted_share") ~ " * rows_different order by raw_table"
    ).rows -%}
    {%- for table in tables -%}
        {%- do reasons.append(
            "of " ~ table["rows_different"] ~ " rows of " ~ table["raw_table"] ~ " only " ~ table["rows_accepted"]
            ~ " were accepted (fct_rejected_rows in " ~ target.path ~ " says why), less than min_accepted_share: "
            ~ var("min_accepted_share") ~ ". If that is right, build with --vars '{min_accepted_share: 0}'"
        ) -%}
    {%- endfor -%}
    {%- set before = run_query(
        "select published_revenue('" ~ sql_text(published_file()) ~ "', '" ~ exports_id() ~ "')"
    ).columns[0].values()[0] -%}
    {%- if before -%}
        {%- set now = run_query(
            "select coalesce(sum(revenue), 0) from "
            ~ api.Relation.create(database=target.database, schema="marts", identifier="fct_revenue_days")
        ).columns[0].values()[0] -%}
        {%- if now | float < (1 - var("max_revenue_drop")) * before | float -%}
            {%- do reasons.append(
                "revenue falls from " ~ before | round(2) ~ " in the published file to " ~ now
                ~ ", by more than max_revenue_drop: " ~ var("max_revenue_drop")
                ~ ". If that is right, build with --vars '{max_revenue_drop: 1}'"
            ) -%}
        {%- endif -%}
    {%- endif -%}
    {{ return(reasons | join("; and ") or none) }}
{% endmacro %}


{#- What tells the exports of one folder from those of another, without its name: the published file may travel. Empty for exports of
    the simulator. -#}
{% macro exports_id() %}
    {%- set simulated = run_query(
        "select count(*) from glob('" ~ path_text(raw_folder()) ~ "/.simulated.json')"
    ).columns[0].values()[0] -%}
    {{ return("" if simulated else local_md5(raw_folder())) }}
{% endmacro %}


{% macro published_file() %}
    {{ return(modules.re.sub("build[.]duckdb$", "helios.duckdb", target.path)) }}
{% endmacro %}


{#- Fills meta_models with the SQL, or Python, that each model ran. The folders are written as $HELIOS_RAW and
    $HELIOS_TRUTH: the file may travel. -#}
{% macro record_compiled_sql(results) %}
    update {{ api.Relation.create(database=target.database, schema="marts", identifier="meta_models") }} as meta_models
    set compiled_sql = ran.compiled_sql
    from (
        values
        {%- for result in results if result.node.resource_type == "model" %}
            {#- What dbt adds to a model in Python is no part of how it is computed. -#}
            {%- set code = result.node.compiled_code if result.node.language == "sql" else result.node.raw_code -%}
            {%- set compiled = code.strip()
                .replace(path_text(raw_folder()) ~ "/", "$HELIOS_RAW/")
                .replace(sql_text(raw_folder()) ~ "/", "$HELIOS_RAW/")
                .replace(path_text(copies_folder()) ~ "/", "$HELIOS_WAREHOUSE/copies/")
                .replace(path_text(truth_folder()) ~ "/", "$HELIOS_TRUTH/") %}
            ('{{ result.node.name }}', '{{ sql_text(compiled) }}')
            {{- "," if not loop.last }}
        {%- endfor %}
    ) as ran (model, compiled_sql)
    where meta_models.model = ran.model
{% endmacro %}
