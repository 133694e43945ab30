{#- The formulas of the published file, as functions that any DuckDB client calls: schema.performance(rows, ...),
    schema.decisions(figures, ...) and the scalar ones. They are made in the build database before its models run, so that the reports are
    asked of them, and once more in the published file. A body names no other table or function of the file: an attached file would not find it.

    schema: where to · default_break_even: what performance() holds returns against, where it is not told -#}
{% macro functions(schema="marts", default_break_even="1") %}
    {{ return([
        "create or replace macro " ~ schema ~ ".verdict(iroas_low, iroas_high, break_even, spend_measured_share) as "
            ~ verdict("iroas_low", "iroas_high", "break_even", "spend_measured_share"),
        "create or replace macro " ~ schema ~ ".break_even(revenue, revenue_of_known_cost, cost_of_goods) as "
            ~ break_even("revenue", "revenue_of_known_cost", "cost_of_goods"),
        "create or replace macro " ~ schema ~ ".break_even_basis(revenue, revenue_of_known_cost) as "
            ~ break_even_basis("revenue", "revenue_of_known_cost"),
        "create or replace macro " ~ schema ~ ".due_in(due_date, as_of) as " ~ due_in("cast(due_date as date)", "cast(as_of as date)"),
        "create or replace macro " ~ schema ~ ".performance(rows, method := 'calibrated', ci_level := " ~ var("ci_level")
            ~ ", break_even := " ~ default_break_even ~ ", organic_revenue := null, all_spend := null, is_judged := true) as table "
            ~ performance(),
        "create or replace macro " ~ schema ~ ".timing(rows, first_day, last_day, days_after := null) as table " ~ timing(),
        "create or replace macro " ~ schema ~ ".cohort_days(rows, days_after) as table " ~ cohort_days(),
        "create or replace macro " ~ schema ~ ".decisions(figures, false_discovery_rate := null) as table " ~ decisions(),
        "create or replace macro " ~ schema ~ ".planned(designs, levels, pairs) as table " ~ planned(),
        "create or replace macro " ~ schema ~ ".plan_outcomes(rows, returns, budget, break_even, ci_level := " ~ var("ci_level")
            ~ ") as table " ~ plan_outcomes(),
        "create or replace macro " ~ schema ~ ".values_of_tests(rows, break_even) as table " ~ values_of_tests(),
        "create or replace macro " ~ schema ~ ".response_curves(rows, ci_level := " ~ var("ci_level") ~ ") as table " ~ response_curves(),
        "create or replace macro " ~ schema ~ ".plan_gains(rows, curves, plans, break_even := 0) as table " ~ plan_gains(),
        "create or replace macro " ~ schema ~ ".registered(plans) as table " ~ registered(),
        "create or replace macro " ~ schema ~ ".allocated(rows, budget := null, target := null) as table " ~ allocated(),
    ]) }}
{% endmacro %}


{#- Makes them in the build database, before anything asks them, and returns the statements; none where nothing is built. -#}
{% macro create_functions() %}
    {%- if execute and flags.WHICH in ["build", "run", "test"] -%}
        {%- set schema = adapter.quote(target.database) ~ ".marts" -%}
        {%- set statements = functions(schema) -%}
        {%- do run_query((["create schema if not exists " ~ schema] + statements) | join(";\n")) -%}
        {{ return(statements) }}
    {%- endif -%}
    {{ return([]) }}
{% endmacro %}
