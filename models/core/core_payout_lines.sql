-- What influencers are paid, line by line: money, product given along, and a counter-line for whatever was reversed.

with

payouts as (

    select * from {{ ref("stg_payouts") }}
    where row_status = 'accepted'

),

orders as (select * from {{ ref("core_orders") }}),

posts as (select * from {{ ref("core_posts") }}),

-- An unlabelled rate of at most one rupee an order is a share of revenue: exports mix the two.
with_unit as (

    select
        payouts.*,
        case
            when payouts.rate_unit in ('percent of revenue', 'share of revenue') then payouts.rate_unit
            when payouts.basis = 'revenue share' and payouts.rate > 1 then 'percent of revenue'
            when payouts.basis = 'revenue share' then 'share of revenue'
            when payouts.basis = 'order' and payouts.rate_unit is null and payouts.rate <= 1 then 'share of revenue'
            when payouts.basis = 'order' then 'per order'
            when payouts.basis = 'post' then 'per post'
            when payouts.basis = 'retainer' then 'per month'
        end as unit,
        count(*) over (
            partition by payouts.influencer_id, payouts.basis
        ) as payouts_of_influencer,
        count(*) over (
            partition by payouts.influencer_id, payouts.basis, payouts.campaign
        ) as payouts_of_campaign,
        count(payouts.campaign) over (
            partition by payouts.influencer_id, payouts.basis
        ) as payouts_naming_one
    from payouts

),

-- Posts and attributed orders that the payout may pay for: those of its campaign, or all.
counted_posts as (

    select
        with_unit.payout_id,
        count(posts.post_id) as posts
    from with_unit
    inner join posts
        on with_unit.influencer_id = posts.influencer_id
        and (with_unit.campaign is null or with_unit.campaign = posts.campaign_id)
    group by with_unit.payout_id

),

order_totals as (

    select
        influencer_id,
        campaign_id,
        sum(orders) as orders,
        sum(revenue) as revenue
    from orders
    where channel = 'influencer'
    group by influencer_id, campaign_id

),

counted_orders as (

    select
        with_unit.payout_id,
        sum(order_totals.orders) as orders,
        sum(order_totals.revenue) as revenue
    from with_unit
    inner join order_totals
        on with_unit.influencer_id = order_totals.influencer_id
        and (with_unit.campaign is null or with_unit.campaign = order_totals.campaign_id)
    group by with_unit.payout_id

),

-- How much there is to pay for, as exported. Where it is not, it is counted, but only for the one payout that may pay for it: of
-- several, nobody can tell which pays for what.
with_units as (

    select
        with_unit.*,
        cast(
            case
                when with_unit.unit = 'per post' and with_unit.posts is not null then with_unit.posts
                when with_unit.unit = 'per order' and with_unit.orders is not null then with_unit.orders
                when with_unit.campaign is null and with_unit.payouts_of_influencer > 1 then null
                when with_unit.payouts_of_campaign > 1 then null
                when with_unit.campaign is not null and with_unit.payouts_naming_one < with_unit.payouts_of_influencer then null
                when with_unit.unit = 'per post' then coalesce(counted_posts.posts, 0)
                when with_unit.unit = 'per order' then coalesce(counted_orders.orders, 0)
                when with_unit.unit <> 'per month' then coalesce(counted_orders.revenue, 0)
            end as decimal(18, 2)
        ) as units
    from with_unit
    left join counted_posts
        on with_unit.payout_id = counted_posts.payout_id
    left join counted_orders
        on with_unit.payout_id = counted_orders.payout_id

),

with_expectation as (

    select
        *,
        cast(
            case
                when unit = 'percent of revenue' then cast(rate as double) * cast(units as double) / 100
                when unit = 'per month' then rate
                else cast(rate as double) * cast(units as double)
            end as decimal(18, 2)
        ) as expected_amount,
        case
            when status is not null then status
            when paid_date is not null then 'paid'
            when due_date is not null then 'due'
            else 'accrued'
        end as payout_status
    from with_units

),

money_lines as (

    select
        payout_id as payout_line_id,
        payout_id,
        influencer_id,
        campaign,
        basis,
        case
            when basis in ('order', 'revenue share') then 'commission'
            when basis = 'gift' then 'product'
            else 'fixed'
        end as spend_type,
        rate,
        unit,
        units,
        total_payout as amount,
        expected_amount,
        tax_withheld,
        event_date,
        due_date,
        paid_date,
        payout_status as status
    from with_expectation

),

product_lines as (

    select
        concat(payout_id, '-product') as payout_line_id,
        payout_id,
        influencer_id,
        campaign,
        'gift' as basis,
        'product' as spend_type,
        cast(null as decimal(18, 6)) as rate,
        cast(null as string) as unit,
        cast(null as decimal(18, 2)) as units,
        product_cost as amount,
        cast(null as decimal(18, 2)) as expected_amount,
        cast(null as decimal(18, 2)) as tax_withheld,
        event_date,
        due_date,
        paid_date,
        payout_status as status
    from with_expectation
    where product_cost <> 0

),

paid_lines as (

    select * from money_lines
    union all
    select * from product_lines

),

counter_lines as (

    select
        concat(payout_line_id, '-reversal') as payout_line_id,
        payout_id,
        influencer_id,
        campaign,
        basis,
        spend_type,
        rate,
        unit,
        units,
        cast(-amount as decimal(18, 2)) as amount,
        cast(-expected_amount as decimal(18, 2)) as expected_amount,
        cast(-tax_withheld as decimal(18, 2)) as tax_withheld,
        event_date,
        due_date,
        paid_date,
        status
    from paid_lines
    where status = 'reversed'

),

payout_lines as (

    select * from paid_lines
    union all
    select * from counter_lines

)

select * from payout_lines
