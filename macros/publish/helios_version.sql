{#- The version of Helios, as dbt_project.yml has it: dbt itself does not show it to models. -#}
{% macro helios_version() %}
    {%- set file = invocation_args_dict.project_dir.replace("\\", "/") ~ "/dbt_project.yml" -%}
    {%- set project = run_query("select content from read_text('" ~ path_text(file) ~ "')").columns[0].values()[0] -%}
    {{ return(fromyaml(project).version) }}
{% endmacro %}
