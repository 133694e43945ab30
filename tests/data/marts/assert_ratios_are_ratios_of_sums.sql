-- Fails for an influencer or persona whose ROAS is not summed revenue over summed spend, or that has one without spend.
select
    'influencer' as level,
    influencer_id as member,
    roas
from {{ ref("rpt_influencer_performance") }}
where
    (spend = 0 and (roas is not null or organic_projection_iroas is not null))
    or (spend <> 0 and abs(roas - attributed_revenue::double / spend::double) > 1e-9 * abs(roas))

union all

select
    'persona' as level,
    persona as member,
    roas
from {{ ref("rpt_persona_performance") }}
where
    (spend = 0 and (roas is not null or organic_projection_iroas is not null))
    or (spend <> 0 and abs(roas - attributed_revenue::double / spend::double) > 1e-9 * abs(roas))
