-- Differences that matter, with what was planned and what is found. A break-even by margin moves a little with every build.
{%- set differences = {
    "plan_altered": ("plan_hash <> text_hash", "left(plan_hash, 12)", "left(text_hash, 12)"),
    "plan_late": ("data_until >= start_date", "data_until::varchar", "'first day ' || start_date"),
    "plan_not_run": ("experiment_id is null and last_day >= stop_date", "null", "null"),
    "plan_brand": (
        normalize_name("brand") ~ " <> " ~ normalize_name("found_brand"), "brand", "found_brand"
    ),
    "plan_dates": (
        "start_date <> test_start or end_date <> test_end",
        "start_date || ' to ' || end_date", "test_start || ' to ' || test_end"
    ),
    "plan_stop_date": ("stop_date <> cooldown_end", "stop_date::varchar", "cooldown_end::varchar"),
    "plan_treated": (
        "treated_added is not null or treated_left_out is not null",
        "coalesce(treated_left_out, 'none')", "coalesce(treated_added, 'none')"
    ),
    "plan_control": (
        "control_added is not null or control_left_out is not null",
        "coalesce(control_left_out, 'none')", "coalesce(control_added, 'none')"
    ),
    "plan_method": ("method <> found_method", "method", "found_method"),
    "plan_break_even": (
        "abs(found_break_even / break_even_roas - 1) > 0.02",
        "printf('%.4g', break_even_roas)", "printf('%.4g', found_break_even)"
    ),
    "plan_read_early": (
        "verdict <> 'not measurable' and last_day < stop_date", "stop_date::varchar", "last_day::varchar"
    ),
} %}

with

-- Read by its name in marts.registered().
plans as (select * from {{ ref("panel_test_plans") }}),  -- noqa: ST03

experiments as (select * from {{ ref("dim_experiments") }}),

experiment_regions as (select * from {{ ref("dim_experiment_regions") }}),

results as (select * from {{ ref("fct_incremental_roas") }}),

orders as (select * from {{ ref("panel_orders") }}),

reasons as (select * from {{ ref("reasons") }}),

registered as (

    select * replace (lower(plan_hash) as plan_hash)
    from marts.registered('plans')

),

last_days as (select max(date_day) as last_day from orders),

planned_regions as (
    {% for role in ["treated", "control"] %}
    select
        campaign_id,
        '{{ role }}' as role,
        trim(unnest(string_split({{ role }}_regions, ';'))) as region
    from registered
    where {{ role }}_regions is not null
    {{ "union all" if not loop.last }}
    {% endfor %}
),

planned_keys as (

    select
        *,
        {{ normalize_name("region") }} as region_key
    from planned_regions
    where region <> ''

),

-- Of the roles that a plan names, as one without control regions settles none.
found_keys as (

    select
        experiments.campaign_id,
        if(experiment_regions.assignment = 'treatment', 'treated', 'control') as role,
        experiment_regions.region,
        {{ normalize_name("experiment_regions.region") }} as region_key
    from experiment_regions
    inner join experiments
        on experiment_regions.experiment_id = experiments.experiment_id
    inner join registered
        on experiments.campaign_id = registered.campaign_id
    where experiment_regions.assignment = 'treatment' or registered.control_regions is not null

),

region_changes as (

    select
        campaign_id,
        role,
        string_agg(found_keys.region, ', ' order by found_keys.region) filter (where planned_keys.region is null) as added,
        string_agg(planned_keys.region, ', ' order by planned_keys.region) filter (where found_keys.region is null) as left_out
    from planned_keys
    full join found_keys using (campaign_id, role, region_key)
    group by all

),

found as (

    select
        registered.*,
        last_days.last_day,
        experiments.experiment_id,
        experiments.brand as found_brand,
        experiments.test_start,
        experiments.test_end,
        experiments.cooldown_end,
        treated.added as treated_added,
        treated.left_out as treated_left_out,
        control.added as control_added,
        control.left_out as control_left_out,
        chosen.method as found_method,
        chosen.break_even as found_break_even,
        chosen.verdict,
        chosen.spend,
        by_plan.incremental_revenue as found_revenue,
        by_plan.se as found_revenue_se,
        by_plan.iroas as found_iroas,
        case
            when by_plan.verdict = 'not measurable' then 'not measurable'
            when by_plan.verdict is not null
                then {{ verdict("by_plan.iroas_low", "by_plan.iroas_high", "registered.break_even_roas", "1") }}
        end as verdict_as_planned
    from registered
    cross join last_days
    left join experiments
        on registered.campaign_id = experiments.campaign_id
    -- Regions of what was never run differ in nothing.
    left join region_changes as treated
        on experiments.campaign_id = treated.campaign_id
        and treated.role = 'treated'
    left join region_changes as control
        on experiments.campaign_id = control.campaign_id
        and control.role = 'control'
    left join results as chosen
        on experiments.experiment_id = chosen.experiment_id
        and chosen.is_default
    left join results as by_plan
        on experiments.experiment_id = by_plan.experiment_id
        and registered.method = by_plan.method

),

differences as (
    {% for code, (condition, planned, found) in differences.items() %}
    select
        campaign_id,
        {{ loop.index }} as number,
        '{{ code }}' as code,
        {{ planned }} as planned,
        {{ found }} as found
    from found
    where {{ condition }}
    {{ "union all" if not loop.last }}
    {% endfor %}
),

explained as (

    select
        differences.campaign_id,
        string_agg(differences.code, '; ' order by differences.number) as reason_codes,
        string_agg(
            {{ reason_in_words("reasons.sentence", {"planned": "differences.planned", "found": "differences.found"}) }},
            ' ' order by differences.number
        ) as reason
    from differences
    left join reasons
        on differences.code = reasons.code
    group by differences.campaign_id

),

described as (

    select
        found.campaign_id,
        found.experiment_id,
        found.brand,
        found.start_date,
        found.end_date,
        found.stop_date,
        found.treated_regions,
        found.control_regions,
        found.method,
        found.break_even_roas::double as break_even_roas,
        found.budget::decimal(18, 2) as budget,
        found.data_until,
        found.plan_hash,
        found.plan_text,
        case
            when explained.reason_codes is not null then false
            when found.experiment_id is not null and found.last_day >= found.stop_date then true
        end as plan_kept,
        explained.reason_codes as plan_broken_codes,
        explained.reason as plan_broken_reason,
        found.revenue_se::double as revenue_se,
        found.minimum_detectable_revenue::double as minimum_detectable_revenue,
        found.prob_found_profitable,
        found.prob_found_unprofitable,
        1 - found.prob_found_profitable - found.prob_found_unprofitable as prob_inconclusive,
        found.spend,
        found.found_revenue,
        found.found_revenue_se,
        found.found_iroas,
        found.verdict,
        found.verdict_as_planned,
        case found.verdict_as_planned
            when 'profitable' then found.prob_found_profitable
            when 'unprofitable' then found.prob_found_unprofitable
            when 'inconclusive' then 1 - found.prob_found_profitable - found.prob_found_unprofitable
        end as prob_of_verdict
    from found
    left join explained
        on found.campaign_id = explained.campaign_id

)

select * from described
