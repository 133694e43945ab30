-- Fails for two tiers that share a number of followers: an influencer of both would come twice.
select
    tiers.tier,
    others.tier as other_tier
from {{ ref("tiers") }} as tiers
inner join {{ ref("tiers") }} as others
    on tiers.tier < others.tier
    and tiers.min_followers <= coalesce(others.max_followers, tiers.min_followers)
    and others.min_followers <= coalesce(tiers.max_followers, others.min_followers)
