{#- The folder with the raw exports, with forward slashes and none at the end. A relative one is seen from the project's root. -#}
{% macro raw_folder() %}
    {%- set folder = env_var("HELIOS_RAW", "seeds/raw").replace("\\", "/").rstrip("/") -%}
    {%- if not modules.re.match("/|[A-Za-z]:", folder) -%}
        {%- set folder = invocation_args_dict.project_dir.replace("\\", "/") ~ "/" ~ folder -%}
    {%- endif -%}
    {{ return(folder) }}
{% endmacro %}
