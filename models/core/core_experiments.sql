-- What is measured: campaigns that keep some regions free for comparison, and geo tests of the user's own. A campaign's pretest
-- may use any day within reach before its start; panel_experiment_days picks the days.

with

campaigns as (select * from {{ ref("core_campaigns") }}),

campaign_regions as (select * from {{ ref("core_campaign_regions") }}),

geo_experiments as (

    select * from {{ ref("stg_geo_experiments") }}
    where row_status = 'accepted'

),

orders as (select * from {{ ref("core_orders") }}),

compared_campaigns as (

    select campaign_id
    from campaign_regions
    group by campaign_id
    having count(distinct role) = 2

),

campaign_experiments as (

    select
        campaigns.campaign_id as experiment_id,
        campaigns.campaign_name as experiment_name,
        'campaign' as source,
        campaigns.campaign_id,
        cast(null as string) as geo_experiment_id,
        campaigns.brand,
        {{ add_days("campaigns.start_date", "-" ~ var("pretest_reach_days")) }} as pretest_start,
        {{ add_days("campaigns.start_date", "-1") }} as pretest_end,
        campaigns.start_date as test_start,
        campaigns.end_date as test_end,
        {{ add_days("campaigns.end_date", "campaigns.cooldown_days") }} as cooldown_end,
        cast(null as double) as ci_level,
        cast(null as double) as gbr_weight_power,
        cast(null as double) as trim_rate,
        cast(null as double) as max_trim_rate,
        cast(null as boolean) as sc_demeaned
    from campaigns
    inner join compared_campaigns
        on campaigns.campaign_id = compared_campaigns.campaign_id
    where campaigns.start_date is not null

),

-- A geo test that bears the id of such a campaign is another experiment.
geo_tests as (

    select
        case
            when compared_campaigns.campaign_id is null then geo_experiments.experiment_id
            else concat(geo_experiments.experiment_id, ' (geo test)')
        end as experiment_id,
        coalesce(geo_experiments.experiment_name, geo_experiments.experiment_id) as experiment_name,
        'geo test' as source,
        cast(null as string) as campaign_id,
        geo_experiments.experiment_id as geo_experiment_id,
        coalesce(geo_experiments.brand, '{{ var("none_member") }}') as brand,
        geo_experiments.pretest_start,
        geo_experiments.pretest_end,
        geo_experiments.test_start,
        geo_experiments.test_end,
        coalesce(geo_experiments.cooldown_end, geo_experiments.test_end) as cooldown_end,
        geo_experiments.ci_level,
        geo_experiments.gbr_weight_power,
        geo_experiments.trim_rate,
        geo_experiments.max_trim_rate,
        geo_experiments.sc_demeaned
    from geo_experiments
    left join compared_campaigns
        on geo_experiments.experiment_id = compared_campaigns.campaign_id

),

every_experiment as (

    select * from campaign_experiments

    union all

    select * from geo_tests

),

brand_costs as (

    select
        brand,
        sum(revenue) as revenue,
        sum(revenue_of_known_cost) as revenue_of_known_cost,
        sum(cost_of_goods) as cost_of_goods
    from orders
    group by brand

),

-- An experiment without brand is one of the whole shop.
costs as (

    select
        brand,
        revenue,
        revenue_of_known_cost,
        cost_of_goods
    from brand_costs
    where brand <> '{{ var("none_member") }}'

    union all

    select
        '{{ var("none_member") }}' as brand,
        sum(revenue) as revenue,
        sum(revenue_of_known_cost) as revenue_of_known_cost,
        sum(cost_of_goods) as cost_of_goods
    from brand_costs

),

with_settings as (

    select
        every_experiment.experiment_id,
        every_experiment.experiment_name,
        every_experiment.source,
        every_experiment.campaign_id,
        every_experiment.geo_experiment_id,
        every_experiment.brand,
        every_experiment.pretest_start,
        every_experiment.pretest_end,
        every_experiment.test_start,
        every_experiment.test_end,
        every_experiment.cooldown_end,
        coalesce(every_experiment.ci_level, cast({{ var("ci_level") }} as double)) as ci_level,
        {{ break_even("costs.revenue", "costs.revenue_of_known_cost", "costs.cost_of_goods") }} as break_even,
        {{ break_even_basis("costs.revenue", "costs.revenue_of_known_cost") }} as break_even_basis,
        coalesce(every_experiment.gbr_weight_power, cast({{ var("gbr_weight_power") }} as double)) as gbr_weight_power,
        coalesce(every_experiment.trim_rate, cast({{ var("trim_rate") if var("trim_rate") is not none else "null" }} as double))
            as trim_rate,
        coalesce(every_experiment.max_trim_rate, cast({{ var("max_trim_rate") }} as double)) as max_trim_rate,
        coalesce(every_experiment.sc_demeaned, {{ var("sc_demeaned") }}) as sc_demeaned
    from every_experiment
    left join costs
        on every_experiment.brand = costs.brand

)

select * from with_settings
