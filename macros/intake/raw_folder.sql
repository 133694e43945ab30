{#- The folder with the raw exports, with forward slashes and none at the end. -#}
{% macro raw_folder() %}
    {{ return(env_var("HELIOS_RAW", "seeds/raw").replace("\\", "/").rstrip("/")) }}
{% endmacro %}
