-- Influencers with the tier of their followers and their persona.

with

influencers as (

    select * from {{ ref("stg_influencers") }}
    where row_status = 'accepted'

),

tiers as (select * from {{ ref("tiers") }}),

persona_rules as (select * from {{ ref("persona_rules") }}),

-- An influencer on several platforms has a row for each; the first is the main one.
main_rows as (

    select *
    from influencers
    qualify row_number() over (
        partition by influencer_id
        order by file_number desc, record_number asc
    ) = 1

),

tiered as (

    select
        main_rows.*,
        tiers.tier
    from main_rows
    left join tiers
        on main_rows.follower_count >= tiers.min_followers
        and (main_rows.follower_count <= tiers.max_followers or tiers.max_followers is null)

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
        tiered.home_region,
        tiered.follower_count,
        tiered.tier,
        coalesce(tiered.persona, first_matching_rule.persona, 'Unknown') as persona,
        tiered.coupon_codes,
        tiered.joined_date
    from tiered
    left join first_matching_rule
        on tiered.influencer_id = first_matching_rule.influencer_id

)

select * from with_persona
