with

influencers as (select * from {{ ref("dim_influencers") }}),

personas as (

    select
        persona,
        'Influencers of ' || string_agg(distinct tier, ', ' order by tier) || ' tier on '
        || string_agg(distinct platform, ', ' order by platform) as description,
        count(*)::bigint as members
    from influencers
    group by all

)

select * from personas
