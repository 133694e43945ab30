with

orders as (select * from {{ ref("core_orders") }}),

channel_map as (select * from {{ ref("channel_map") }}),

sources as (

    select
        channel,
        count(distinct source) as sources
    from orders
    group by all

),

named as (

    select channel from channel_map
    union
    select unnest(['influencer', 'other']) as channel

),

channels as (

    select
        named.channel,
        case named.channel
            when 'influencer' then 'Orders with an influencer, by id or by coupon code'
            when 'other' then 'Orders without influencer whose source is not in channel_map.csv'
            else 'Orders without influencer whose source channel_map.csv maps to ' || named.channel
        end as description,
        coalesce(sources.sources, 0)::bigint as members
    from named
    left join sources
        on named.channel = sources.channel

)

select * from channels
