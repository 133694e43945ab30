-- Influencers with the tier of their followers and their persona.

with

influencers as (select * from {{ ref("stg_influencers") }}),

regions as (select * from {{ ref("core_regions") }}),

tiers as (select * from {{ ref("tiers") }}),

persona_rules as (select * from {{ ref("persona_rules") }}),

tiered as (

    select
        influencers.*,
        tiers.tier
    from influencers
    left join tiers
        on influencers.follower_count >= tiers.min_followers
        and (influencers.follower_count <= tiers.max_followers or tiers.max_followers is null)

),

first_matching_rule as (

    select
        tiered.influencer_id,
        replace(
            replace(persona_rules.persona, '{tier}', coalesce(tiered.tier, '')),
            '{category}',
            coalesce(tiered.category, '')
        ) as persona
    from tiered
    inner join persona_rules
        on (persona_rules.tier is null or tiered.tier = persona_rules.tier)
        and (persona_rules.category is null or lower(tiered.category) = lower(persona_rules.category))
        and (persona_rules.platform is null or lower(tiered.platform) = lower(persona_rules.platform))
        and (persona_rules.gender is null or lower(tiered.gender) = lower(persona_rules.gender))
        and (persona_rules.language is null or lower(tiered.language) = lower(persona_rules.language))
        and (persona_rules.min_followers is null or tiered.follower_count >= persona_rules.min_followers)
        and (persona_rules.max_followers is null or tiered.follower_count <= persona_rules.max_followers)
        -- A rule whose name holds a placeholder needs what the placeholder stands for.
        and (persona_rules.persona not like '%{tier}%' or tiered.tier is not null)
        and (persona_rules.persona not like '%{category}%' or tiered.category is not null)
    qualify row_number() over (
        partition by tiered.influencer_id
        order by persona_rules.priority, persona_rules.persona
    ) = 1

),

with_persona as (

    select
        tiered.influencer_id,
        tiered.influencer_name,
        tiered.handle,
        tiered.platform,
        tiered.category,
        tiered.gender,
        tiered.language,
        regions.region as home_region,
        tiered.follower_count,
        tiered.tier,
        coalesce(tiered.persona, first_matching_rule.persona, 'Unknown') as persona,
        tiered.coupon_codes,
        tiered.joined_date
    from tiered
    left join first_matching_rule
        on tiered.influencer_id = first_matching_rule.influencer_id
    left join regions
        on lower(tiered.home_region) = lower(regions.region)

)

select * from with_persona
