-- An influencer without a post in a campaign, who has orders or costs money, has the mean elasticity of the campaign.

with

response as (select * from {{ ref("inc_response") }}),

days as (select * from {{ ref("fct_influencer_days") }}),

active as (

    select distinct
        campaign_id,
        brand,
        influencer_id
    from days

),

by_campaign as (

    select
        campaign_id,
        brand,
        avg(elasticity order by influencer_id) as elasticity
    from response
    group by all

),

overall as (

    select
        avg(elasticity order by campaign_id, brand, influencer_id) as elasticity,
        -- An elasticity of which nothing is known lies evenly between 0 and 1.
        coalesce(max(elasticity_se), 1 / sqrt(12)) as elasticity_se,
        if(count(*) = 0, 'too_few_orders', max(cast(problem as varchar))) as problem
    from response

),

published as (

    select
        active.campaign_id,
        active.brand,
        active.influencer_id,
        coalesce(response.elasticity, by_campaign.elasticity, overall.elasticity, 0.5) as elasticity,
        coalesce(response.elasticity_se, overall.elasticity_se) as elasticity_se,
        overall.problem
    from active
    left join response
        on active.campaign_id = response.campaign_id
        and active.brand = response.brand
        and active.influencer_id = response.influencer_id
    left join by_campaign
        on active.campaign_id = by_campaign.campaign_id
        and active.brand = by_campaign.brand
    cross join overall

)

select * from published
