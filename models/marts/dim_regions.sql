with

orders as (select * from {{ ref("core_orders") }}),

influencers as (select * from {{ ref("core_influencers") }}),

at_home as (

    select
        home_region as region,
        count(*) as influencers
    from influencers
    where home_region is not null
    group by all

),

named as (

    select region from orders
    union
    select region from at_home
    union
    select '{{ var("none_member") }}' as region

),

regions as (

    select
        named.region,
        case
            when named.region = '{{ var("none_member") }}' then 'Orders without a region'
            else 'Orders delivered to ' || named.region
        end as description,
        coalesce(at_home.influencers, 0)::bigint as members
    from named
    left join at_home
        on named.region = at_home.region

)

select * from regions
