{#- Before a build: stops with one line where a setting of it, or a variable that readers of the published file rely on, is none that they can use. -#}
{% macro stop_with_unusable_settings() %}
    {%- if execute and flags.WHICH in ["build", "run"] -%}
        {%- set currency, stale_after_days = var("currency"), var("stale_after_days") -%}
        {%- set problems = [] -%}
        {%- if not modules.re.fullmatch("[A-Z]{3}", currency | string) -%}
            {%- do problems.append(
                "The variable currency is an ISO 4217 code of three capital letters, such as INR; it is set to " ~ currency ~ "."
            ) -%}
        {%- endif -%}
        {%- if stale_after_days is not integer or stale_after_days < 1 -%}
            {%- do problems.append(
                "The variable stale_after_days is a whole number of days, at least 1; it is set to " ~ stale_after_days ~ "."
            ) -%}
        {%- endif -%}
        {%- if var("break_even") not in ["margin", "revenue"] and (var("break_even") is not number or var("break_even") <= 0) -%}
            {%- do problems.append(
                "The variable break_even is margin, revenue or a number above 0; it is set to " ~ var("break_even") ~ "."
            ) -%}
        {%- endif -%}
        {%- for share in ["min_accepted_share", "max_revenue_drop", "min_cost_known_share", "max_other_period_share"] -%}
            {%- if var(share) is not number or var(share) < 0 or var(share) > 1 -%}
                {%- do problems.append("The variable " ~ share ~ " is a share from 0 to 1; it is set to " ~ var(share) ~ ".") -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if var("payout_tolerance") is not number or var("payout_tolerance") < 0 -%}
            {%- do problems.append(
                "The variable payout_tolerance is an amount of money, at least 0; it is set to " ~ var("payout_tolerance") ~ "."
            ) -%}
        {%- endif -%}
        {%- if var("repeated_payout_days") is not integer or var("repeated_payout_days") < 0 -%}
            {%- do problems.append(
                "The variable repeated_payout_days is a whole number of days, at least 0; it is set to " ~ var("repeated_payout_days") ~ "."
            ) -%}
        {%- endif -%}
        {#- An abbreviation such as IST is known to the engine and stands for three zones of the world. -#}
        {%- set zones = run_query(
            "select count(*) from pg_timezone_names() where name = '" ~ sql_text(var("time_zone"))
            ~ "' and (contains(name, '/') or name = 'UTC')"
        ).columns[0].values()[0] -%}
        {%- if not zones -%}
            {%- do problems.append(
                "The variable time_zone is an IANA name such as Asia/Kolkata; it is set to " ~ var("time_zone") ~ "."
            ) -%}
        {%- endif -%}
        {%- if not modules.re.fullmatch("[0-9.]+ *[KMGT]i?B", env_var("HELIOS_MEMORY", "4GB")) -%}
            {%- do problems.append("HELIOS_MEMORY is a size such as 4GB; it is set to " ~ env_var("HELIOS_MEMORY") ~ ".") -%}
        {%- endif -%}
        {%- if problems -%}
            {{ exceptions.raise_compiler_error(problems | join(" ") ~ " Correct it in dbt_project.yml, --vars or the environment") }}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}
