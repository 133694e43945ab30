-- Fails for a campaign whose influencers' incremental revenue, or whose shared or own errors, do not sum to its factor times its
-- attributed revenue; for an influencer with attributed revenue and a factor but no figure, and for one with a figure without.
with

days as (select * from {{ ref("fct_influencer_days") }}),

factors as (select * from {{ ref("fct_incrementality_factors") }}),

influencers as (

    select
        campaign_id,
        influencer_id,
        sum(attributed_revenue) > 0 as has_revenue,
        count(incremental_revenue) = count(*) as is_shown,
        count(incremental_revenue) = 0 as is_hidden
    from days
    group by all

),

campaigns as (

    select
        campaign_id,
        sum(incremental_revenue) as incremental_revenue,
        sum(incremental_se_shared) as se_shared,
        sum(incremental_se_campaign) as se_campaign
    from days
    group by all

)

select campaigns.campaign_id
from campaigns
left join factors
    on campaigns.campaign_id = factors.campaign_id
where
    abs(coalesce(campaigns.incremental_revenue, 0) - coalesce(factors.factor * factors.attributed_revenue::double, 0)) > 0.001
    or abs(coalesce(campaigns.se_shared, 0) - coalesce(factors.factor_se_shared * factors.attributed_revenue::double, 0)) > 0.001
    or abs(coalesce(campaigns.se_campaign, 0) - coalesce(factors.factor_se_campaign * factors.attributed_revenue, 0)) > 0.001

union all

select influencers.influencer_id
from influencers
left join factors
    on influencers.campaign_id = factors.campaign_id
where
    not if(influencers.has_revenue and factors.factor is not null, influencers.is_shown, influencers.is_hidden)
