-- Fails where the truth of influencers does not sum to that of personas and of the portfolio, or that of campaigns and of what is
-- outside campaigns to that of the portfolio.
with

truth as (select * from {{ ref("calibration_truth") }}),

levels as (

    select
        coalesce(sum(incremental_revenue) filter (where level = 'influencer'), 0) as influencers,
        coalesce(sum(incremental_revenue) filter (where level = 'persona'), 0) as personas,
        coalesce(sum(incremental_revenue) filter (where level = 'campaign'), 0) as each_campaign,
        coalesce(sum(incremental_revenue) filter (where level = 'campaigns'), 0) as campaigns,
        coalesce(sum(incremental_revenue) filter (where level = 'outside campaigns'), 0) as outside_campaigns,
        coalesce(sum(incremental_revenue) filter (where level = 'portfolio'), 0) as portfolio
    from truth

)

select *
from levels
where
    influencers <> personas
    or influencers <> portfolio
    or each_campaign <> campaigns
    or campaigns + outside_campaigns <> portfolio
