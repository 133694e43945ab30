-- Fails for a campaign whose influencers' incremental revenue, or whose shared or own errors, do not sum to its factor times what
-- the factor multiplies; where that is attributed revenue, for an influencer who has some and a factor but no figure, and for one
-- with a figure without; where it is media value, for one with posts but no figure.
with

days as (select * from {{ ref("fct_influencer_days") }}),

factors as (select * from {{ ref("fct_incrementality_factors") }}),

influencers as (

    select
        campaign_id,
        influencer_id,
        sum(attributed_revenue) > 0 as has_revenue,
        coalesce(sum(reach), 0) > 0 as has_reach,
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
    abs(coalesce(campaigns.incremental_revenue, 0) - coalesce(factors.factor * factors.factor_base, 0)) > 0.001
    or abs(coalesce(campaigns.se_shared, 0) - coalesce(factors.factor_se_shared * factors.factor_base, 0)) > 0.001
    or abs(coalesce(campaigns.se_campaign, 0) - coalesce(factors.factor_se_campaign * factors.factor_base, 0)) > 0.001

union all

select influencers.influencer_id
from influencers
left join factors
    on influencers.campaign_id = factors.campaign_id
where
    case
        when factors.factor_of = 'media value' and factors.factor is not null
            then influencers.has_reach and not influencers.is_shown
        else not if(influencers.has_revenue and factors.factor is not null, influencers.is_shown, influencers.is_hidden)
    end
