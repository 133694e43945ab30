-- The method whose figures stand for an experiment: the first that could measure it, in the order of what its design allows.

with

estimates as (select * from {{ ref("inc_estimates") }}),

facts as (select * from {{ ref("base_experiment_facts") }}),

-- Few pairs make the interval of trimmed match lopsided, so that it comes first from 10 pairs on.
preferences as (

    select
        estimates.experiment_id,
        estimates.method,
        estimates.interval_problem is null as is_measured,
        case
            when estimates.method = 'trimmed_match' and facts.pairs >= 10 then 1
            when estimates.method = 'joint_panel' then 2
            when estimates.method = 'did_ratio_robust' then 3
            when estimates.method = 'tbr' then 4
            when estimates.method = 'synthetic_control' then 5
            when estimates.method = 'did_ratio' then 6
            when estimates.method = 'gbr' then 7
            when estimates.method = 'trimmed_match' then 8
            when estimates.method = 'did' then 9
            when estimates.method = 'pre_period' and facts.control_problem is not null then 10
        end as preference
    from estimates
    inner join facts
        on estimates.experiment_id = facts.experiment_id

),

chosen as (

    select
        experiment_id,
        method,
        case
            when not is_measured then 'default_none'
            when method = 'trimmed_match' then 'default_trimmed_match'
            when method = 'joint_panel' then 'default_joint_panel'
            when method = 'did_ratio_robust' then 'default_did_ratio_robust'
            when method = 'tbr' then 'default_tbr'
            when method = 'pre_period' then 'default_pre_period'
            else 'default_other'
        end as default_reason_code
    from preferences
    where preference is not null
    qualify row_number() over (
        partition by experiment_id
        order by is_measured desc, preference asc
    ) = 1

)

select * from chosen
