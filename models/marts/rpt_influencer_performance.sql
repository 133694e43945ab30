with

influencers as (select * from {{ ref("dim_influencers") }}),

influencer_days as (select * from {{ ref("fct_influencer_days") }}),

orders as (select * from {{ ref("panel_orders") }}),

organic_projection as (select * from {{ ref("inc_organic_projection") }}),

performance as (

    select
        influencers.influencer_id,
        influencers.influencer_name,
        influencers.platform,
        influencers.persona,
        {{ performance_columns() }}
    from influencers
    left join influencer_days as days
        on influencers.influencer_id = days.influencer_id
    group by all

),

{{ incremental_performance("influencer_days", "influencer_id", "orders") }},

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
        organic_projection.baseline_revenue as organic_projection_baseline_revenue,
        organic_projection.incremental_revenue as organic_projection_incremental_revenue,
        organic_projection.incremental_revenue / nullif(performance.spend::double, 0) as organic_projection_iroas
    from performance
    left join incremental
        on performance.influencer_id = incremental.influencer_id
    left join organic_projection
        on performance.influencer_id = organic_projection.influencer_id

)

select * from described
