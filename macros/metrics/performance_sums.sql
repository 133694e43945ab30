{#- What performance() adds up over the influencer days of a member, by column: sums first, then ratios of sums. A metric that is
    added here is in the function, in both reports and on the pages that its entry in models/marts names. -#}
{% macro performance_sums() %}
    {{ return({
        "influencer_days": "count(days.influencer_id)",
        "influencers": "count(distinct days.influencer_id)",
        "influencers_with_spend": "count(distinct case when days.spend <> 0 then days.influencer_id end)",
        "posts": "sum(days.posts)::bigint",
        "reach": "sum(days.reach)::bigint",
        "impressions": "sum(days.impressions)::bigint",
        "likes": "sum(days.likes)::bigint",
        "comments": "sum(days.comments)::bigint",
        "clicks": "sum(days.clicks)::bigint",
        "orders": "coalesce(sum(days.orders), 0)::bigint",
        "new_customer_orders": "sum(days.new_customer_orders)::bigint",
        "gross_revenue": "coalesce(sum(days.gross_revenue), 0)::decimal(18, 2)",
        "discounts": "coalesce(sum(days.discounts), 0)::decimal(18, 2)",
        "refunds": "coalesce(sum(days.refunds), 0)::decimal(18, 2)",
        "attributed_revenue": "coalesce(sum(days.attributed_revenue), 0)::decimal(18, 2)",
        "spend": "coalesce(sum(days.spend), 0)::decimal(18, 2)",
        "roas": ratio_of_sums("days.attributed_revenue", "days.spend", known_if=[]),
        "cpm": "1000 * " ~ ratio_of_sums("days.spend", "days.known_impressions", known_if=["days.known_impressions"]),
        "cpe": ratio_of_sums("days.spend", "days.known_engagements", known_if=["days.known_engagements"]),
        "cpo": ratio_of_sums("days.spend", "days.orders", known_if=[]),
        "aov": ratio_of_sums("days.attributed_revenue", "days.orders", known_if=[]),
        "engagement_rate": ratio_of_sums("days.engagements", "days.reach"),
        "new_customer_share": ratio_of_sums("days.new_customer_orders", "days.orders_of_known_customers"),
        "ncac": ratio_of_sums("days.spend", "days.known_new_customers", known_if=["days.known_new_customers"]),
        "cost_of_goods": "sum(days.cost_of_goods)::decimal(18, 2)",
        "cost_known_share": ratio_of_sums("coalesce(days.revenue_of_known_cost, 0)", "days.attributed_revenue", known_if=[]),
        "contribution": "(sum(days.revenue_of_known_cost) - sum(days.cost_of_goods) - sum(days.spend_commission))::decimal(18, 2)",
        "contribution_margin": ratio_of_sums(
            "(days.revenue_of_known_cost - days.cost_of_goods)", "days.revenue_of_known_cost",
            known_if=["days.revenue_of_known_cost", "days.cost_of_goods"]
        ),
        "own_experiment_share": ratio_of_sums(
            "(case when days.has_own_experiment then days.attributed_revenue else 0 end)", "days.attributed_revenue", known_if=[]
        ),
        "contribution_after_spend": "case when " ~ is_cost_known("sum(days.attributed_revenue)", "sum(days.revenue_of_known_cost)")
            ~ " then (sum(days.revenue_of_known_cost) - sum(days.cost_of_goods) - sum(days.spend))::decimal(18, 2) end",
    }) }}
{%- endmacro %}


{#- What performance() makes of incremental revenue, its standard error and the spend that is measured, by column. z is the
    two-sided quantile of the normal distribution at ci_level, threshold the break-even: at it, what is earned covers goods and spend. Where less than half of the spend is
    measured, a return would leave most of it out: there is none. -#}
{% macro performance_intervals() %}
    {{ return({
        "spend_measured_share": "measured_spend / nullif(spend, 0)",
        "judged_spend": "case when spend_measured_share >= 0.5 then measured_spend end",
        "incremental_revenue_low": "incremental_revenue - z * incremental_revenue_se",
        "incremental_revenue_high": "incremental_revenue + z * incremental_revenue_se",
        "outside_revenue_low": "outside_revenue - z * outside_revenue_se",
        "outside_revenue_high": "outside_revenue + z * outside_revenue_se",
        "incremental_profit": "incremental_revenue / threshold - judged_spend",
        "incremental_profit_low": "(incremental_revenue - z * incremental_revenue_se) / threshold - judged_spend",
        "incremental_profit_high": "(incremental_revenue + z * incremental_revenue_se) / threshold - judged_spend",
        "iroas": "incremental_revenue / nullif(judged_spend, 0)",
        "iroas_se": "incremental_revenue_se / nullif(judged_spend, 0)",
        "iroas_low": "(incremental_revenue - z * incremental_revenue_se) / nullif(judged_spend, 0)",
        "iroas_high": "(incremental_revenue + z * incremental_revenue_se) / nullif(judged_spend, 0)",
    }) }}
{%- endmacro %}


{#- The formulas as they run, for whoever looks at a column of a report. -#}
{% macro performance_formulas() %}
    {%- set formulas = {} -%}
    {%- for column, sql in dict(performance_sums(), **performance_intervals()).items() -%}
        {%- do formulas.update({column: sql.replace("days.", "")}) -%}
    {%- endfor -%}
    {{ return(formulas) }}
{%- endmacro %}
