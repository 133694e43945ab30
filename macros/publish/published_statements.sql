{#- The SQL that fills the database in use: every mart with its types, keys, rows and comments, in an order in which
    a table comes after those that its foreign keys point to. -#}
{% macro published_statements() %}
    {%- set marts = graph.nodes.values() | selectattr("resource_type", "equalto", "model")
        | selectattr("schema", "equalto", "marts") | sort(attribute="name") -%}
    {%- set foreign_keys = foreign_keys_of_marts() -%}
    {%- set statements, written = ["create schema marts"] + published_functions(), [] -%}
    {%- for _ in marts -%}
        {%- for mart in marts if mart.name not in written -%}
            {%- set keys = foreign_keys | selectattr("mart", "equalto", mart.name) | list -%}
            {%- if keys | rejectattr("parent", "in", written) | list | length == 0 -%}
                {%- do written.append(mart.name) -%}
                {%- do statements.append(create_published_table(mart, keys)) -%}
                {%- do statements.append(
                    "insert into marts." ~ mart.name ~ " by name select * from "
                    ~ api.Relation.create(database=mart.database, schema=mart.schema, identifier=mart.name) ~ " order by all"
                ) -%}
                {%- do statements.append(
                    "comment on table marts." ~ mart.name ~ " is '" ~ sql_text(mart.description.strip()) ~ "'"
                ) -%}
                {%- for column in mart.columns.values() -%}
                    {%- do statements.append(
                        "comment on column marts." ~ mart.name ~ "." ~ adapter.quote(column.name)
                        ~ " is '" ~ sql_text(column.description.strip()) ~ "'"
                    ) -%}
                {%- endfor -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for mart in marts if mart.name not in written -%}
        {{ exceptions.raise_compiler_error(
            "A foreign key of " ~ mart.name ~ " points to a table that is not published: a relationships test of a mart names a mart."
        ) }}
    {%- endfor -%}
    {{ return(statements) }}
{% endmacro %}


{#- The functions of the file, with comments. Returns are held against the break-even of the whole shop where it is not told. -#}
{% macro published_functions() %}
    {%- set report = api.Relation.create(database=target.database, schema="marts", identifier="rpt_influencer_performance") -%}
    {%- set found = run_query("select max(break_even) from " ~ report).columns[0].values()[0] -%}
    {{ return(functions("marts", found if found is not none else 1) + [
        "comment on macro marts.due_in is '" ~ sql_text(
            "When a payout that is not paid yet is due, seen from a day:"
            ~ " overdue, within 7 days, within 30 days, later or no due date."
        ) ~ "'",
        "comment on macro marts.break_even is '" ~ sql_text(
            "iROAS from which spend is profitable, of summed revenue, its part whose unit cost is known, and that part's cost of goods:"
            ~ " 1 / contribution margin, 1 where too few costs are known, or the number of the variable break_even."
        ) ~ "'",
        "comment on macro marts.break_even_basis is '" ~ sql_text(
            "What the break-even is made of: margin, revenue (which is before cost of goods) or setting."
        ) ~ "'",
        "comment on macro marts.verdict is '" ~ sql_text(
            "Verdict of an interval of iROAS against the break-even; not measurable below half of the spend."
        ) ~ "'",
        "comment on macro table marts.timing is '" ~ sql_text(
            "Whether spend and revenue from first_day to last_day belong together, of rows with the columns of fct_influencer_days over all"
            ~ " dates: other_revenue_share, the share of revenue that belongs to spend before, later_spend_share, the share of spend whose"
            ~ " attribution window lies after, and is_off, whether either is above the variable max_other_period_share. With days_after:"
            ~ " the same of the spend with its revenue up to so many days later."
        ) ~ "'",
        "comment on macro table marts.cohort_days is '" ~ sql_text(
            "Rows with the columns of fct_influencer_days over all dates, with orders and revenue on the day of the spend that they belong to:"
            ~ " of the same influencer in the same campaign up to days_after days before, in proportion. What follows no spend is left out."
        ) ~ "'",
        "comment on macro table marts.decisions is '" ~ sql_text(
            "What to do about each row of figures, a table, view or CTE with the columns of performance(): decision (raise, keep, stop or"
            ~ " test), q_value (the false discovery rate at which its verdict stands among all rows), and the highest spend that the same"
            ~ " work is worth with a probability of 50 % (break_even_spend) and 80 %. With false_discovery_rate, raise and stop only what"
            ~ " stands at that rate."
        ) ~ "'",
        "comment on macro table marts.planned is '" ~ sql_text(
            "How exactly a campaign would be measured that treats the regions of each design (brand, design_id, region), of levels with the"
            ~ " columns of fct_plan_regions and pairs with those of fct_plan_precision."
        ) ~ "'",
        "comment on macro table marts.plan_outcomes is '" ~ sql_text(
            "What a campaign of a budget would show by each row of planned() or fct_plan_designs, and how probable each verdict is, for returns"
            ~ " (expected_iroas, iroas_sd) such as fct_plan_returns."
        ) ~ "'",
        "comment on macro table marts.registered is '" ~ sql_text(
            "The text of each plan of a test, a row with the columns of test_plans, and its hash by SHA-256."
        ) ~ "'",
        "comment on macro table marts.values_of_tests is '" ~ sql_text(
            "What the next test of each member is worth in incremental profit: rows with member, iroas, incremental_revenue_se, spend, test_se"
            ~ " and budget."
        ) ~ "'",
        "comment on macro table marts.response_curves is '" ~ sql_text(
            "What the next rupee of each member brings and its response curve, of rows with the columns of fct_influencer_days and fct_response"
            ~ " and a column member."
        ) ~ "'",
        "comment on macro table marts.plan_gains is '" ~ sql_text(
            "What plans of spend (plan_id, member, spend, spend_before) bring beyond another, and how probably they are better, of the rows and"
            ~ " the curves of response_curves()."
        ) ~ "'",
        "comment on macro table marts.allocated is '" ~ sql_text(
            "The split of a budget over members with response curves (plan_id, member, ceiling, half_saturation, lowest, highest) that brings"
            ~ " most, or spend until the last rupee returns a target."
        ) ~ "'",
        "comment on macro table marts.performance is '" ~ sql_text(
            "Figures of each member of rows, a table, view or CTE with the columns of fct_influencer_days and a column member: sums,"
            ~ " ratios, and incremental revenue with interval, verdict and reason_code (as in dim_reasons), by method"
            ~ " (calibrated, attributed, or organic_projection with organic_revenue and all_spend), at ci_level, against break_even;"
            ~ " without verdict where is_judged is false."
        ) ~ "'",
    ]) }}
{% endmacro %}


{#- Foreign keys are declared once, as relationships tests: [{mart, column, parent, field}]. -#}
{% macro foreign_keys_of_marts() %}
    {%- set foreign_keys = [] -%}
    {%- for test in graph.nodes.values() if test.resource_type == "test" and test.test_metadata -%}
        {%- set child = graph.nodes.get(test.attached_node) -%}
        {%- if test.test_metadata.name == "relationships" and child and child.schema == "marts" -%}
            {%- set parents = test.depends_on.nodes | reject("equalto", test.attached_node) | list -%}
            {%- do foreign_keys.append({
                "mart": child.name,
                "column": test.column_name,
                "parent": graph.nodes[parents[0]].name,
                "field": test.test_metadata.kwargs.field,
            }) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(foreign_keys) }}
{% endmacro %}


{% macro create_published_table(mart, foreign_keys) %}
    {%- set parts = [] -%}
    {%- for column in mart.columns.values() -%}
        {%- set not_null = column.constraints | selectattr("type", "equalto", "not_null") | list -%}
        {%- do parts.append(adapter.quote(column.name) ~ " " ~ column.data_type ~ (" not null" if not_null else "")) -%}
    {%- endfor -%}
    {%- for constraint in mart.constraints if constraint.type == "primary_key" -%}
        {%- do parts.append("primary key (" ~ constraint.columns | join(", ") ~ ")") -%}
    {%- endfor -%}
    {%- for key in foreign_keys -%}
        {%- do parts.append(
            "foreign key (" ~ key.column ~ ") references marts." ~ key.parent ~ " (" ~ key.field ~ ")"
        ) -%}
    {%- endfor -%}
    {{ return("create table marts." ~ mart.name ~ " (" ~ parts | join(", ") ~ ")") }}
{% endmacro %}
