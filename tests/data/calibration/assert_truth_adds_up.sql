-- Fails where the truth of influencers does not sum to that of personas.
with

truth as (select * from {{ ref("calibration_truth") }}),

levels as (

    select
        coalesce(sum(incremental_revenue) filter (where level = 'influencer'), 0) as influencers,
        coalesce(sum(incremental_revenue) filter (where level = 'persona'), 0) as personas
    from truth

)

select *
from levels
where influencers <> personas
