{#- dbt's own materializations, which skip a model where nothing of it has changed since it was built: see
    docs/decisions/0024-unchanged-models.md. -#}
{% materialization table, adapter="duckdb", supported_languages=["sql", "python"] %}
    {%- set now = version_now() -%}
    {%- if now.is_built -%}
        {%- call noop_statement("main", "UNCHANGED") -%}{%- endcall -%}
        {{ return({"relations": [now.relation]}) }}
    {%- endif -%}
    {%- do forget_version() if now.is_known -%}
    {%- if model.language == "sql" -%}
        {%- set built = dbt.materialization_table_duckdb() -%}
    {%- else -%}
        {#- dbt runs Python from a materialization's own statement only. -#}
        {%- set relation = this.incorporate(type="table") -%}
        {%- set new = make_intermediate_relation(relation) -%}
        {%- do drop_relation_if_exists(load_cached_relation(new)) -%}
        {%- call statement("main", language="python") -%}
            {{- create_table_as(False, new, compiled_code, "python") }}
        {%- endcall -%}
        {%- do drop_relation_if_exists(now.relation) -%}
        {%- do adapter.rename_relation(new, relation) -%}
        {%- do persist_docs(relation, model) -%}
        {%- do adapter.commit() -%}
        {%- set built = {"relations": [relation]} -%}
    {%- endif -%}
    {%- do record_version(now.inputs, built.relations[0]) -%}
    {{ return(built) }}
{% endmaterialization %}


{% materialization view, adapter="duckdb" %}
    {%- set now = version_now() -%}
    {%- if now.is_built -%}
        {%- call noop_statement("main", "UNCHANGED") -%}{%- endcall -%}
        {{ return({"relations": [now.relation]}) }}
    {%- endif -%}
    {%- do forget_version() if now.is_known -%}
    {%- set built = dbt.materialization_view_default() -%}
    {%- do record_version(now.inputs) -%}
    {{ return(built) }}
{% endmaterialization %}
