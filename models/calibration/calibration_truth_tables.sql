-- The truth as the simulator wrote it, one row a member; empty for real data. The portfolio carries what tells whether the truth
-- is that of these exports: all revenue, all attributed revenue, and what share of the rows was damaged on purpose.
{%- set money = "decimal(18, 2)" %}

with

experiments as ({{ read_truth_table("experiments", {
    "campaign_id": "varchar", "brand": "varchar", "start_date": "date", "cooldown_end": "date", "spend": money,
    "incremental_revenue": money, "spilled_into_control": money,
}) }}),

campaigns as ({{ read_truth_table("campaigns", {"campaign_id": "varchar", "incremental_revenue": money}) }}),

influencers as ({{ read_truth_table("influencers", {"influencer_id": "varchar", "incremental_revenue": money}) }}),

portfolio as ({{ read_truth_table("portfolio", {"incremental_revenue": money, "attributed_revenue": money}) }}),

region_days as ({{ read_truth_table("region_days", {"revenue": money}) }}),

settings as ({{ read_truth_table("settings", {"setting": "varchar", "value": "varchar"}) }}),

damage as (

    select value::double as damaged_share
    from settings
    where setting = 'mess'

),

stacked as (

    select
        'experiment' as level,
        campaign_id as member_id,
        brand,
        start_date,
        cooldown_end,
        spend,
        incremental_revenue,
        spilled_into_control
    from experiments

    union all by name

    select
        'campaign' as level,
        campaign_id as member_id,
        incremental_revenue
    from campaigns

    union all by name

    select
        'influencer' as level,
        influencer_id as member_id,
        incremental_revenue
    from influencers

    union all by name

    select
        'portfolio' as level,
        'portfolio' as member_id,
        incremental_revenue,
        attributed_revenue,
        (select sum(revenue) from region_days) as revenue,
        (select coalesce(max(damaged_share), 0) from damage) as damaged_share
    from portfolio

)

select * from stacked
