with

estimates as (select * from {{ ref("calibration_estimates") }}),

-- Beside the methods what an experiment shows by default, whichever method that is.
shown as (

    select * from estimates

    union all

    select * replace ('default' as method)
    from estimates
    where level = 'experiment' and is_default

),

compared as (

    select
        level,
        member_id,
        method,
        is_measurable,
        truth::double as truth,
        estimate - truth::double as error,
        if(is_measurable, ci_high - ci_low, null) as width,
        if(is_measurable, truth::double between ci_low and ci_high, null) as holds_truth,
        if(is_measurable and truth = 0, ci_low > 0 or ci_high < 0, null) as is_false_positive
    from shown

),

calibrated as (

    select
        method,
        level,
        count(*) as n,
        count(error) as n_estimated,
        count(width) as n_measured,
        count(is_false_positive) as n_without_effect,
        avg(error order by member_id) as bias,
        sum(error order by member_id)
        / nullif(sum(truth order by member_id) filter (where error is not null), 0) as bias_share,
        sqrt(avg(error ^ 2 order by member_id)) as rmse,
        avg(holds_truth::double order by member_id) as coverage,
        median(width) as median_width,
        avg(is_false_positive::double order by member_id) as false_positive_rate,
        count(*) filter (where width is null)::double / count(*) as not_measurable_share
    from compared
    group by all

)

select * from calibrated
