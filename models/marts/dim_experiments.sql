with

experiments as (select * from {{ ref("panel_experiments") }}),

described as (

    select
        experiment_id,
        experiment_name,
        source,
        coalesce(campaign_id, '{{ var("none_member") }}') as campaign_id,
        brand,
        pretest_start,
        pretest_end,
        test_start,
        test_end,
        cooldown_end
    from experiments

)

select * from described
