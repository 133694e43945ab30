with

regions as (select * from {{ ref("core_regions") }}),

influencers as (select * from {{ ref("core_influencers") }}),

at_home as (

    select
        home_region,
        count(*) as influencers
    from influencers
    group by all

),

described as (

    select
        regions.region,
        'Orders delivered to ' || regions.region as description,
        regions.population,
        regions.language,
        coalesce(at_home.influencers, 0)::bigint as members
    from regions
    left join at_home
        on regions.region = at_home.home_region

    union all

    select
        '{{ var("none_member") }}' as region,
        'Orders without a region' as description,
        null::bigint as population,
        null::varchar as language,
        0::bigint as members

)

select * from described
