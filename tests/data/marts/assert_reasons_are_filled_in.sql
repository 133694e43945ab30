-- Fails for a reason in words that still has a placeholder such as {break_even}, which the mart does not know.

with

reasons as (

    {% for mart, column in [
        ("fct_incremental_roas", "verdict_reason"),
        ("fct_incremental_roas", "default_reason"),
        ("rpt_influencer_performance", "verdict_reason"),
        ("rpt_persona_performance", "verdict_reason"),
        ("rpt_not_found", "reason"),
        ("fct_test_plans", "plan_broken_reason"),
    ] %}
    select
        '{{ mart }}.{{ column }}' as place,
        {{ column }} as reason
    from {{ ref(mart) }}
    {{ "union all" if not loop.last }}
    {% endfor %}

)

select * from reasons
where regexp_matches(reason, '\{[a-z_]+\}')
