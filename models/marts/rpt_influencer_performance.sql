with

influencers as (select * from {{ ref("dim_influencers") }}),

influencer_days as (select * from {{ ref("fct_influencer_days") }}),

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

with_legacy as (

    select
        performance.*,
        organic_projection.baseline_revenue as organic_projection_baseline_revenue,
        organic_projection.incremental_revenue as organic_projection_incremental_revenue,
        organic_projection.incremental_revenue / nullif(performance.spend::double, 0) as organic_projection_iroas
    from performance
    left join organic_projection
        on performance.influencer_id = organic_projection.influencer_id

)

select * from with_legacy
