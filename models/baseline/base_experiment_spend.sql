-- What an experiment cost. A campaign costs all its payouts, whatever their date. A geo test costs what its treated geos cost in
-- the test where nothing was spent before it, nor in control regions; else what they cost beyond the forecast of time-based
-- regression, if that can be told from nothing.

with

experiments as (select * from {{ ref("panel_experiments") }}),

experiment_days as (select * from {{ ref("base_experiment_days") }}),

payouts as (select * from {{ ref("panel_spend") }}),

cost_lines as (select * from {{ ref("base_tbr") }}),

campaign_spend as (

    select
        campaign_id,
        sum(spend)::double as spend
    from payouts
    group by all

),

geo_spend as (

    select
        experiment_id,
        coalesce(sum(treated_cost order by date_day) filter (where period = 'test'), 0) as treated_test_cost,
        coalesce(sum(control_cost order by date_day) filter (where period = 'test'), 0) as control_test_cost,
        coalesce(sum(control_cost order by date_day) filter (where period <> 'pretest'), 0) as spend_in_control,
        coalesce(
            sum(coalesce(treated_cost, 0) + coalesce(control_cost, 0) order by date_day) filter (where period = 'pretest'), 0
        ) as pretest_cost
    from experiment_days
    group by all

),

measured as (

    select
        experiments.experiment_id,
        experiments.source,
        case
            when experiments.source = 'campaign' then true
            else abs(geo_spend.pretest_cost + geo_spend.control_test_cost) < 1e-10
        end as is_fixed,
        if(experiments.source = 'campaign', campaign_spend.spend, geo_spend.treated_test_cost) as fixed_spend,
        cost_lines.effect as variable_spend,
        cost_lines.effect_se as variable_spend_se,
        least(cost_lines.df, revenue_lines.df) as variable_spend_df,
        if(experiments.source = 'campaign', null, geo_spend.spend_in_control) as spend_in_control,
        abs(cost_lines.effect) / nullif(cost_lines.effect_se, 0) as variable_spend_t,
        experiments.ci_level
    from experiments
    left join geo_spend
        on experiments.experiment_id = geo_spend.experiment_id
    left join campaign_spend
        on experiments.campaign_id = campaign_spend.campaign_id
    left join cost_lines
        on experiments.experiment_id = cost_lines.experiment_id
        and cost_lines.window_id = 0
        and cost_lines.metric = 'cost'
    -- Both uncertainties are judged with the fewer degrees of freedom.
    left join cost_lines as revenue_lines
        on experiments.experiment_id = revenue_lines.experiment_id
        and revenue_lines.window_id = 0
        and revenue_lines.metric = 'revenue'

),

detected as (

    select
        *,
        2 * (1 - {{ student_t_cdf("variable_spend_t", "variable_spend_df") }}) > 1 - ci_level as is_undetectable
    from measured

),

judged as (

    select
        *,
        case
            when is_fixed and coalesce(fixed_spend, 0) <= 0 then 'no_spend'
            when not is_fixed and variable_spend is null
                then 'spend_not_forecast'
            when not is_fixed and (is_undetectable or variable_spend <= 0)
                then 'spend_did_not_rise'
        end as spend_problem
    from detected

),

spend as (

    select
        experiment_id,
        is_fixed,
        if(spend_problem is null, if(is_fixed, fixed_spend, variable_spend), null) as spend,
        if(spend_problem is null and not is_fixed, variable_spend_se, null) as spend_se,
        if(spend_problem is null and not is_fixed, variable_spend_df, null) as spend_df,
        spend_in_control,
        spend_problem
    from judged

)

select * from spend
