-- What each method says of each member of a simulated world, beside the truth; empty for real data. Methods that say nothing of
-- a member have no estimate. Work outside campaigns is no campaign and has no row there; influencers and personas count it. The
-- legacy method says nothing of totals.
{%- set z = normal_quantile("(1 + " ~ var("ci_level") ~ ") / 2") %}

with

truth as (select * from {{ ref("calibration_truth") }}),

experiment_methods as (select * from {{ ref("fct_incremental_roas") }}),

factors as (select * from {{ ref("fct_incrementality_factors") }}),

influencer_days as (select * from {{ ref("fct_influencer_days") }}),

influencer_performance as (select * from {{ ref("rpt_influencer_performance") }}),

persona_performance as (select * from {{ ref("rpt_persona_performance") }}),

-- Read by its name in marts.performance(): rows of each campaign, and of each total.
member_days as (  -- noqa: ST03

    select
        *,
        struct_pack(level := 'campaign', member_id := campaign_id) as member
    from influencer_days

    union all

    select
        *,
        struct_pack(level := 'portfolio', member_id := 'all') as member
    from influencer_days

    union all

    select
        *,
        struct_pack(
            level := if(campaign_id = '{{ var("none_member") }}', 'outside campaigns', 'campaigns'),
            member_id := 'all'
        ) as member
    from influencer_days

),

figures as (

    select * from marts.performance('member_days', ci_level := {{ var("ci_level") }})

),

performance as (

    select
        figures.member.level,
        figures.member.member_id,
        figures.attributed_revenue,
        figures.spend,
        figures.incremental_revenue,
        figures.incremental_revenue_low,
        figures.incremental_revenue_high,
        projections.incremental_revenue as organic_projection
    from figures
    left join experiment_methods as projections
        on figures.member.level = 'campaign'
        and figures.member.member_id = projections.experiment_id
        and projections.method = 'organic_projection'
    {%- for level in ["influencer", "persona"] %}

    union all

    select
        '{{ level }}' as level,
        {{ "influencer_id" if level == "influencer" else level }} as member_id,
        attributed_revenue,
        spend,
        incremental_revenue,
        incremental_revenue_low,
        incremental_revenue_high,
        organic_projection_incremental_revenue as organic_projection
    from {{ level }}_performance
    {%- endfor %}

),

said as (

    select
        'experiment' as level,
        figures.experiment_id as member_id,
        figures.method,
        figures.is_default,
        figures.incremental_revenue as estimate,
        figures.ci_low,
        figures.ci_high,
        attributed.incremental_revenue::decimal(18, 2) as attributed_revenue,
        figures.spend::decimal(18, 2) as spend
    from experiment_methods as figures
    left join experiment_methods as attributed
        on figures.experiment_id = attributed.experiment_id
        and attributed.method = 'attributed'

    union all by name

    select
        level,
        member_id,
        'calibrated' as method,
        true as is_default,
        incremental_revenue as estimate,
        incremental_revenue_low as ci_low,
        incremental_revenue_high as ci_high,
        attributed_revenue,
        spend
    from performance

    union all by name

    -- The campaign's own experiment by itself, for all that is attributed to the campaign.
    select
        performance.level,
        performance.member_id,
        'experiment' as method,
        false as is_default,
        factors.experiment_factor * factors.factor_base as estimate,
        (factors.experiment_factor - {{ z }} * factors.experiment_se) * factors.factor_base as ci_low,
        (factors.experiment_factor + {{ z }} * factors.experiment_se) * factors.factor_base as ci_high,
        performance.attributed_revenue,
        performance.spend
    from performance
    inner join factors
        on performance.member_id = factors.campaign_id
    where
        performance.level = 'campaign'
        and factors.experiment_factor is not null

    union all by name

    select
        level,
        member_id,
        'attributed' as method,
        false as is_default,
        attributed_revenue::double as estimate,
        attributed_revenue,
        spend
    from performance

    union all by name

    select
        level,
        member_id,
        'organic_projection' as method,
        false as is_default,
        organic_projection as estimate,
        attributed_revenue,
        spend
    from performance
    where level in ('campaign', 'influencer', 'persona')

),

compared as (

    select
        truth.level,
        truth.member_id,
        said.method,
        said.is_default,
        said.estimate,
        said.ci_low,
        said.ci_high,
        said.estimate is not null and said.ci_low is not null as is_measurable,
        truth.incremental_revenue as truth,
        said.attributed_revenue,
        said.spend
    from truth
    inner join said
        on truth.level = said.level
        and truth.member_id = said.member_id

)

select * from compared
