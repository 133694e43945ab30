-- What a paired design compares: treated less control geo of each pair, over test and cooldown. A pair is complete if it has
-- exactly one geo of either kind.

with

experiment_days as (select * from {{ ref("panel_experiment_days") }}),

geo_totals as (

    select
        experiment_id,
        pair,
        geo,
        assignment,
        cast(sum(cost) as decimal(38, 12)) as cost,
        cast(sum(response) as decimal(38, 12)) as response
    from experiment_days
    where
        pair is not null
        and period in ('test', 'cooldown')
    group by experiment_id, pair, geo, assignment

),

pair_differences as (

    select
        experiment_id,
        pair,
        cast(count(*) as integer) as geos,
        count(*) = 2 and count(distinct assignment) = 2 as is_complete,
        cast(sum(case assignment when 'treatment' then cost else -cost end) as decimal(38, 12)) as cost_difference,
        cast(sum(case assignment when 'treatment' then response else -response end) as decimal(38, 12)) as response_difference
    from geo_totals
    group by experiment_id, pair

)

select * from pair_differences
