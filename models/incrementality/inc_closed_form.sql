-- Estimates of the methods with a t interval, in every window, each on the scale on which its error is symmetric:
-- revenue, but the logarithm of relative growth for did_ratio and iROAS for gbr.

with
{% set methods = ["pre_period", "did", "did_ratio", "did_ratio_robust", "tbr", "gbr", "joint_panel"] %}
{%- for method in methods %}
{{ method }} as (select * from {{ ref("inc_" ~ method) }}),
{% endfor %}
stacked as (
    {% for method in methods %}
    select
        experiment_id,
        window_id,
        '{{ method }}' as method,
        estimate,
        se,
        df,
        {{ "incremental_cost" if method == "gbr" else "null::double" }} as incremental_cost,
        problem
    from {{ method }}
    {{ "union all" if not loop.last }}
    {% endfor %}
),

judged as (

    select
        experiment_id,
        window_id,
        method,
        incremental_cost,
        estimate,
        se,
        df,
        case
            when problem is not null then problem
            when estimate is null or se is null or df is null or not isfinite(estimate) or not isfinite(se)
                then 'too_little_data'
            when se <= 0 then 'no_noise'
        end as problem
    from stacked

),

-- A figure without an error is not shown.
shown as (

    select
        experiment_id,
        window_id,
        method,
        incremental_cost,
        problem,
        if(problem is null, estimate, null) as estimate,
        if(problem is null, se, null) as se,
        if(problem is null, df, null) as df
    from judged

)

select * from shown
