-- Orders by day that response curves are fitted to: of each campaign and brand, from its first post until its posts are
-- forgotten, orders by its codes and links, and what its regions ordered otherwise, which tells how large demand was. A brand's
-- posts outside campaigns are one group.

{%- set forgotten_after = 60 %}

with

posts as (select * from {{ ref("panel_posts") }}),

orders as (select * from {{ ref("panel_orders") }}),

campaign_regions as (select * from {{ ref("panel_campaign_regions") }}),

groups as (

    select
        posts.campaign_id,
        posts.brand,
        min(posts.date_day) as first_day,
        max(posts.date_day) + {{ forgotten_after }} as last_day,
        bool_or(campaign_regions.campaign_id is not null) as is_regional
    from posts
    left join campaign_regions
        on posts.campaign_id = campaign_regions.campaign_id
    group by all

),

attributed as (

    select
        campaign_id,
        brand,
        date_day,
        sum(orders) as orders
    from orders
    where channel = 'influencer'
    group by all

),

otherwise as (

    select
        brand,
        region,
        date_day,
        sum(orders) as orders
    from orders
    where channel <> 'influencer'
    group by all

),

-- A campaign of no brand is for all of them.
demand as (

    select
        groups.campaign_id,
        groups.brand,
        otherwise.date_day,
        sum(otherwise.orders) as demand
    from groups
    inner join otherwise
        on otherwise.date_day between groups.first_day and groups.last_day
        and (groups.brand = otherwise.brand or groups.brand = '{{ var("none_member") }}')
    left join campaign_regions
        on groups.campaign_id = campaign_regions.campaign_id
        and otherwise.region = campaign_regions.region
    where
        not groups.is_regional
        or campaign_regions.region is not null
    group by all

),

response_days as (

    select
        demand.campaign_id,
        demand.brand,
        demand.date_day,
        coalesce(attributed.orders, 0)::bigint as orders,
        demand.demand::bigint as demand
    from demand
    left join attributed
        on demand.campaign_id = attributed.campaign_id
        and demand.brand = attributed.brand
        and demand.date_day = attributed.date_day

)

select * from response_days
