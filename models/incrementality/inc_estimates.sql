-- Every method for every experiment: its figures, or why there are none.

with

experiments as (select * from {{ ref("panel_experiments") }}),

facts as (select * from {{ ref("base_experiment_facts") }}),

spend as (select * from {{ ref("base_experiment_spend") }}),

t_intervals as (select * from {{ ref("inc_t_intervals") }}),

attribution as (select * from {{ ref("inc_campaign_attribution") }}),

trimmed_match as (select * from {{ ref("inc_trimmed_match") }}),

synthetic_control as (select * from {{ ref("inc_synthetic_control") }}),

measured as (

    select
        experiment_id,
        method,
        incremental_revenue,
        se,
        df,
        ci_low,
        ci_high,
        spend,
        iroas,
        iroas_low,
        iroas_high,
        prob_positive,
        prob_profitable,
        prob_profitable_by_revenue,
        minimum_detectable_revenue,
        null::double as trim_rate,
        null::integer as iterations,
        null::boolean as is_converged,
        problem,
        null::varchar as interval_problem
    from t_intervals

    union all

    select
        experiment_id,
        'trimmed_match' as method,
        incremental_revenue,
        se,
        null::double as df,
        ci_low,
        ci_high,
        incremental_cost as spend,
        iroas,
        iroas_low,
        iroas_high,
        prob_positive,
        prob_profitable,
        prob_profitable_by_revenue,
        minimum_detectable_revenue,
        trim_rate,
        null::integer as iterations,
        null::boolean as is_converged,
        not_measurable_reason as problem,
        null::varchar as interval_problem
    from trimmed_match

    union all

    select
        synthetic_control.experiment_id,
        'synthetic_control' as method,
        synthetic_control.incremental_revenue,
        null::double as se,
        null::double as df,
        synthetic_control.ci_low,
        synthetic_control.ci_high,
        spend.spend,
        synthetic_control.incremental_revenue / spend.spend as iroas,
        synthetic_control.ci_low / spend.spend as iroas_low,
        synthetic_control.ci_high / spend.spend as iroas_high,
        synthetic_control.prob_positive,
        synthetic_control.prob_profitable,
        synthetic_control.prob_profitable_by_revenue,
        -- There is no standard error: half the interval stands for as many of them as it would be wide.
        (synthetic_control.ci_high - synthetic_control.ci_low) / 2 * (
            1 + {{ normal_quantile("0.8") }} / {{ normal_quantile("(1 + experiments.ci_level) / 2") }}
        ) as minimum_detectable_revenue,
        null::double as trim_rate,
        synthetic_control.iterations::integer as iterations,
        synthetic_control.is_converged,
        synthetic_control.not_measurable_reason as problem,
        synthetic_control.interval_problem
    from synthetic_control
    inner join experiments
        on synthetic_control.experiment_id = experiments.experiment_id
    inner join spend
        on synthetic_control.experiment_id = spend.experiment_id

),

attributed as (
    {% for method, revenue in [
        ("attributed", "attribution.attributed_revenue"),
        ("organic_projection", "attribution.attributed_revenue_everywhere - attribution.projected_baseline"),
    ] %}
    select
        attribution.experiment_id,
        '{{ method }}' as method,
        {{ revenue }} as incremental_revenue,
        spend.spend,
        ({{ revenue }}) / spend.spend as iroas
    from attribution
    inner join spend
        on attribution.experiment_id = spend.experiment_id
    {{ "union all" if not loop.last }}
    {% endfor %}
),

methods as (

    select unnest([
        'attributed', 'organic_projection', 'pre_period', 'did', 'did_ratio', 'did_ratio_robust', 'tbr', 'gbr',
        'trimmed_match', 'synthetic_control', 'joint_panel'
    ]) as method

),

every_method as (

    select
        experiments.experiment_id,
        experiments.source,
        methods.method,
        facts.problem,
        facts.overlap_problem,
        facts.pretest_problem,
        facts.control_problem,
        methods.method in ('attributed', 'organic_projection') as is_attribution
    from experiments
    cross join methods
    inner join facts
        on experiments.experiment_id = facts.experiment_id

),

judged as (

    select
        *,
        case
            when is_attribution and source = 'geo test' then 'geo_test_without_orders'
            when method = 'organic_projection'
                then 'legacy_without_interval'
            when method = 'attributed'
                then 'attribution_without_interval'
            when problem is not null then problem
            when method = 'joint_panel' and source = 'geo test' then 'geo_test_alone'
            when method <> 'joint_panel' and overlap_problem is not null then overlap_problem
            when method in ('gbr', 'trimmed_match') and source = 'campaign' then 'no_cost_by_region'
            when method not in ('trimmed_match', 'joint_panel') and pretest_problem is not null then pretest_problem
            when method not in ('pre_period', 'trimmed_match', 'joint_panel') and control_problem is not null then control_problem
        end as known_problem
    from every_method

),

joined as (

    select
        judged.experiment_id,
        judged.method,
        judged.is_attribution,
        coalesce(
            judged.known_problem,
            measured.problem,
            if(measured.experiment_id is null, 'too_little_data', null)
        ) as problem,
        measured.* exclude (experiment_id, method, problem),
        attributed.incremental_revenue as attributed_revenue,
        attributed.spend as attributed_spend,
        attributed.iroas as attributed_iroas
    from judged
    left join measured
        on judged.experiment_id = measured.experiment_id
        and judged.method = measured.method
    left join attributed
        on judged.experiment_id = attributed.experiment_id
        and judged.method = attributed.method

),

estimates as (

    select
        experiment_id,
        method,
        problem,
        -- Without an interval a figure is shown, but no verdict.
        coalesce(problem, interval_problem) as interval_problem,
        if(is_attribution, attributed_revenue, if(problem is null, incremental_revenue, null)) as incremental_revenue,
        if(is_attribution, attributed_spend, if(problem is null, spend, null)) as spend,
        if(is_attribution, attributed_iroas, if(problem is null, iroas, null)) as iroas,
        if(problem is null, se, null) as se,
        if(problem is null, df, null) as df,
        if(problem is null, ci_low, null) as ci_low,
        if(problem is null, ci_high, null) as ci_high,
        if(problem is null, iroas_low, null) as iroas_low,
        if(problem is null, iroas_high, null) as iroas_high,
        if(problem is null, prob_positive, null) as prob_positive,
        if(problem is null, prob_profitable, null) as prob_profitable,
        if(problem is null, prob_profitable_by_revenue, null) as prob_profitable_by_revenue,
        if(problem is null, minimum_detectable_revenue, null) as minimum_detectable_revenue,
        if(problem is null, trim_rate, null) as trim_rate,
        if(problem is null, iterations, null) as iterations,
        if(problem is null, is_converged, null) as is_converged
    from joined

)

select * from estimates
