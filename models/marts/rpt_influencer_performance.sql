with

influencers as (select * from {{ ref("dim_influencers") }}),

influencer_days as (select * from {{ ref("fct_influencer_days") }}),

brands as (select * from {{ ref("dim_brands") }}),

reasons as (select * from {{ ref("reasons") }}),

organic_projection as (select * from {{ ref("inc_organic_projection") }}),

-- Read by its name in marts.performance().
member_days as (  -- noqa: ST03

    select
        influencer_days.* exclude (influencer_id),
        influencers.influencer_id,
        influencers.influencer_id as member
    from influencers
    left join influencer_days
        on influencers.influencer_id = influencer_days.influencer_id

),

{{ performance_of("member_days", "brands", "reasons") }},

described as (

    select
        influencers.influencer_id,
        influencers.influencer_name,
        influencers.platform,
        influencers.persona,
        performance.* exclude (member, influencer_days, influencers, influencers_with_spend, measured_spend),
        organic_projection.baseline_revenue as organic_projection_baseline_revenue,
        organic_projection.incremental_revenue as organic_projection_incremental_revenue,
        organic_projection.incremental_revenue / nullif(performance.spend::double, 0) as organic_projection_iroas
    from performance
    inner join influencers
        on performance.member = influencers.influencer_id
    left join organic_projection
        on performance.member = organic_projection.influencer_id

)

select * from described
