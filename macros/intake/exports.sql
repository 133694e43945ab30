{#- What is in the folder of exports, as intake/exports.py sees it: {files, headers, selects, unreadable, problems, states, folder_state}.
    Stops where there are problems, all at once. -#}
{% macro exports() %}
    {%- set found = look_at_exports() -%}
    {%- if found.problems -%}
        {{ exceptions.raise_compiler_error(found.problems | join("\n")) }}
    {%- endif -%}
    {{ return(found) }}
{% endmacro %}


{#- The same with problems and all. Only a build looks at the exports; else there are none. A build that begins looks again where
    a file has changed since; all its models see the exports as they were then. -#}
{% macro look_at_exports(begins=false) %}
    {%- if not (execute and flags.WHICH in ["build", "run", "retry"]) -%}
        {{ return({"files": [], "headers": [], "selects": {}, "unreadable": [], "problems": [], "states": {}, "folder_state": ""}) }}
    {%- endif -%}
    {{ return(fromjson(run_query(
        "select read_exports('" ~ sql_text(raw_folder()) ~ "', '" ~ sql_text(copies_folder()) ~ "', " ~ begins ~ ")"
    ).columns[0].values()[0])) }}
{% endmacro %}


{#- Names, sizes and times of the files of a raw table, as text: where all are the same, so are the files. -#}
{% macro state_of_files(raw_table) %}
    {%- set found, states = look_at_exports(), [] -%}
    {%- for file in found.files if file.raw_table == raw_table and file.is_read -%}
        {%- do states.append(file.file ~ " " ~ found.states[file.file]) -%}
    {%- endfor -%}
    {{ return(states | join("\n")) }}
{% endmacro %}


{#- Where clean copies of files are kept that are not clean themselves: beside the build file. -#}
{% macro copies_folder() %}
    {{ return(modules.re.sub("[^/\\\\]+$", "copies", target.path)) }}
{% endmacro %}


{#- Names of the files that came, went or changed since this build looked at the exports. -#}
{% macro raw_files_changed() %}
    {%- set names = run_query(
        "select unnest(changed_files('" ~ sql_text(raw_folder()) ~ "', '" ~ sql_text(copies_folder()) ~ "')) as file"
    ).columns[0].values() -%}
    {{ return(names | list) }}
{% endmacro %}
