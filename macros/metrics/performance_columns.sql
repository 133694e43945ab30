{#- The figures of a performance report, for one or many rows of influencer days: sums first, then ratios of sums. -#}
{% macro performance_columns() %}
        sum(days.posts)::bigint as posts,
        sum(days.reach)::bigint as reach,
        sum(days.impressions)::bigint as impressions,
        sum(days.likes)::bigint as likes,
        sum(days.comments)::bigint as comments,
        sum(days.clicks)::bigint as clicks,
        coalesce(sum(days.orders), 0)::bigint as orders,
        sum(days.new_customer_orders)::bigint as new_customer_orders,
        coalesce(sum(days.gross_revenue), 0)::decimal(18, 2) as gross_revenue,
        coalesce(sum(days.discounts), 0)::decimal(18, 2) as discounts,
        coalesce(sum(days.refunds), 0)::decimal(18, 2) as refunds,
        coalesce(sum(days.attributed_revenue), 0)::decimal(18, 2) as attributed_revenue,
        coalesce(sum(days.spend), 0)::decimal(18, 2) as spend,
        {{ ratio_of_sums("days.attributed_revenue", "days.spend", known_if=[]) }} as roas,
        1000 * {{ ratio_of_sums("days.spend", "days.known_impressions", known_if=["days.known_impressions"]) }} as cpm,
        {{ ratio_of_sums("days.spend", "days.known_engagements", known_if=["days.known_engagements"]) }} as cpe,
        {{ ratio_of_sums("days.spend", "days.orders", known_if=[]) }} as cpo,
        {{ ratio_of_sums("days.attributed_revenue", "days.orders", known_if=[]) }} as aov,
        {{ ratio_of_sums("days.engagements", "days.reach") }} as engagement_rate,
        {{ ratio_of_sums("days.new_customer_orders", "days.orders_of_known_customers") }} as new_customer_share,
        {{ ratio_of_sums("days.spend", "days.known_new_customers", known_if=["days.known_new_customers"]) }} as ncac,
        sum(days.cost_of_goods)::decimal(18, 2) as cost_of_goods,
        {{ ratio_of_sums("coalesce(days.revenue_of_known_cost, 0)", "days.attributed_revenue", known_if=[]) }} as cost_known_share,
        {#- Orders of unknown cost bring nothing to it, and their commission counts. #}
        (sum(days.revenue_of_known_cost) - sum(days.cost_of_goods) - sum(days.spend_commission))::decimal(18, 2) as contribution,
        {{ ratio_of_sums("(days.revenue_of_known_cost - days.cost_of_goods)", "days.revenue_of_known_cost",
            known_if=["days.revenue_of_known_cost", "days.cost_of_goods"]) }}
            as contribution_margin
{%- endmacro %}
