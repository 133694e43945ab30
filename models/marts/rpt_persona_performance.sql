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
        influencers.persona as member
    from influencers
    left join influencer_days
        on influencers.influencer_id = influencer_days.influencer_id

),

{{ performance_of("member_days", "brands", "reasons") }},

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

described as (

    select
        performance.member as persona,
        performance.* exclude (member, influencer_days, influencers_with_spend, measured_spend),
        projected.baseline_revenue as organic_projection_baseline_revenue,
        performance.attributed_revenue::double - projected.baseline_revenue as organic_projection_incremental_revenue,
        (performance.attributed_revenue::double - projected.baseline_revenue) / nullif(performance.spend::double, 0)
            as organic_projection_iroas
    from performance
    left join projected
        on performance.member = projected.persona

)

select * from described
