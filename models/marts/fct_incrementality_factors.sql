with

factors as (select * from {{ ref("inc_incrementality_factors") }}),

published as (

    select
        campaign_id,
        factor_of,
        factor_base,
        experiment_factor,
        experiment_se,
        factor,
        factor_se,
        factor_se_shared,
        factor_se_campaign,
        share_until_cooldown,
        after_share,
        after_share_se,
        factor_per_percent,
        basis
    from factors

)

select * from published
