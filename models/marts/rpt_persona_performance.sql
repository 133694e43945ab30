with

influencers as (select * from {{ ref("dim_influencers") }}),

influencer_days as (select * from {{ ref("fct_influencer_days") }}),

orders as (select * from {{ ref("panel_orders") }}),

organic_projection as (select * from {{ ref("inc_organic_projection") }}),

performance as (

    select
        influencers.persona,
        count(distinct influencers.influencer_id)::bigint as influencers,
        {{ performance_columns() }}
    from influencers
    left join influencer_days as days
        on influencers.influencer_id = days.influencer_id
    group by all

),

-- Only influencers with spend have a baseline; the revenue of the others is incremental to nothing.
projected as (

    select
        influencers.persona,
        sum(organic_projection.baseline_revenue order by influencers.influencer_id) as baseline_revenue
    from influencers
    inner join organic_projection
        on influencers.influencer_id = organic_projection.influencer_id
    group by all

),

persona_days as (

    select
        influencer_days.*,
        influencers.persona
    from influencer_days
    inner join influencers
        on influencer_days.influencer_id = influencers.influencer_id

),

{{ incremental_performance("persona_days", "persona", "orders") }},

described as (

    select
        performance.*,
        incremental.incremental_revenue,
        incremental.incremental_revenue_se,
        incremental.incremental_revenue_low,
        incremental.incremental_revenue_high,
        incremental.iroas,
        incremental.iroas_low,
        incremental.iroas_high,
        incremental.break_even,
        incremental.prob_profitable,
        incremental.spend_measured_share,
        coalesce(incremental.verdict, 'not measurable') as verdict,
        coalesce(incremental.verdict_reason, 'nothing was spent') as verdict_reason,
        projected.baseline_revenue as organic_projection_baseline_revenue,
        performance.attributed_revenue::double - projected.baseline_revenue as organic_projection_incremental_revenue,
        (performance.attributed_revenue::double - projected.baseline_revenue) / nullif(performance.spend::double, 0)
            as organic_projection_iroas
    from performance
    left join incremental
        on performance.persona = incremental.persona
    left join projected
        on performance.persona = projected.persona

)

select * from described
