with

campaigns as (select * from {{ ref("core_campaigns") }}),

campaign_regions as (select * from {{ ref("core_campaign_regions") }}),

experiments as (

    select * from {{ ref("panel_experiments") }}
    where source = 'campaign'

),

factors as (select * from {{ ref("inc_incrementality_factors") }}),

regions_counted as (

    select
        campaign_id,
        count(*) filter (where role = 'treatment') as regions_treated,
        count(*) filter (where role = 'control') as regions_control
    from campaign_regions
    group by all

),

all_campaigns as (

    select
        campaigns.campaign_id,
        campaigns.campaign_name,
        campaigns.brand,
        campaigns.start_date,
        campaigns.end_date,
        campaigns.cooldown_days,
        regions_counted.regions_treated::integer as regions_treated,
        regions_counted.regions_control::integer as regions_control
    from campaigns
    left join regions_counted
        on campaigns.campaign_id = regions_counted.campaign_id

    union all

    select
        '{{ var("none_member") }}' as campaign_id,
        'No campaign' as campaign_name,
        '{{ var("none_member") }}' as brand,
        null::date as start_date,
        null::date as end_date,
        0 as cooldown_days,
        null::integer as regions_treated,
        null::integer as regions_control

),

described as (

    select
        all_campaigns.*,
        all_campaigns.campaign_id in (select experiments.campaign_id from experiments) as has_experiment,
        coalesce(factors.basis, 'no factor') as factor_basis
    from all_campaigns
    left join factors
        on all_campaigns.campaign_id = factors.campaign_id

)

select * from described
