-- Fails for a day and brand on which influencer, organic, direct and other channels do not add up to what the accepted orders
-- earned, or on which influencers' attributed revenue is not that of the influencer channel.
with

accepted as (

    select
        order_date as date_day,
        coalesce(brand, '{{ var("none_member") }}') as brand,
        sum(
            case
                when is_refund then -refunded_amount
                when status in ('refused', 'cancelled') then 0
                when refunded_amount is null and (status = 'returned' or returned_date is not null) then 0
                else greatest(revenue - coalesce(refunded_amount, 0), 0)
            end
        ) as revenue
    from {{ ref("stg_tracking_data") }}
    where row_status = 'accepted'
    group by all

),

channels as (

    select
        date_day,
        brand,
        sum(revenue) as revenue,
        coalesce(sum(revenue) filter (where channel = 'influencer'), 0) as influencer_revenue
    from {{ ref("fct_revenue_days") }}
    group by all

),

influencers as (

    select
        date_day,
        brand,
        sum(attributed_revenue) as attributed_revenue
    from {{ ref("fct_influencer_days") }}
    group by all

)

select *
from accepted
full join channels using (date_day, brand)
full join influencers using (date_day, brand)
where
    coalesce(accepted.revenue, 0) <> coalesce(channels.revenue, 0)
    or coalesce(channels.influencer_revenue, 0) <> coalesce(influencers.attributed_revenue, 0)
