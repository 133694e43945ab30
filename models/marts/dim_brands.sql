with

orders as (select * from {{ ref("core_orders") }}),

posts as (select * from {{ ref("core_posts") }}),

campaigns as (select * from {{ ref("core_campaigns") }}),

experiments as (select * from {{ ref("core_experiments") }}),

sold as (

    select
        brand,
        sum(revenue) as revenue,
        sum(revenue_of_known_cost) as revenue_of_known_cost,
        sum(cost_of_goods) as cost_of_goods,
        count(distinct product) filter (where product <> '{{ var("none_member") }}') as products
    from orders
    group by all

),

named as (

    select brand from sold
    union
    select brand from posts
    union
    select brand from campaigns
    union
    select brand from experiments
    union
    select '{{ var("none_member") }}' as brand

),

brands as (

    select
        named.brand,
        case
            when named.brand = '{{ var("none_member") }}' then 'Orders, posts and spend without a brand'
            else 'Orders, posts and spend of ' || named.brand
        end as description,
        coalesce(sold.products, 0)::bigint as members,
        coalesce(sold.revenue, 0)::decimal(18, 2) as revenue,
        sold.revenue_of_known_cost::decimal(18, 2) as revenue_of_known_cost,
        sold.cost_of_goods::decimal(18, 2) as cost_of_goods,
        {{ break_even("sold.revenue", "sold.revenue_of_known_cost", "sold.cost_of_goods") }} as break_even,
        {{ break_even_basis("sold.revenue", "sold.revenue_of_known_cost") }} as break_even_basis
    from named
    left join sold
        on named.brand = sold.brand

)

select * from brands
