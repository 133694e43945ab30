{#- The folder with the truth of a simulated world, as raw_folder. A relative one is seen from the project's root. -#}
{% macro truth_folder() %}
    {%- set folder = env_var("HELIOS_TRUTH", "seeds/truth").replace("\\", "/").rstrip("/") -%}
    {%- if not modules.re.match("/|[A-Za-z]:", folder) -%}
        {%- set folder = invocation_args_dict.project_dir.replace("\\", "/") ~ "/" ~ folder -%}
    {%- endif -%}
    {{ return(folder) }}
{% endmacro %}
