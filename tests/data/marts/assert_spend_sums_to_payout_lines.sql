-- Fails for an influencer and kind of spend whose days do not add up to the payout lines, and for a line that is not shared out.
with

payout_lines as (

    select
        influencer_id,
        coalesce(sum(amount) filter (where spend_type = 'fixed'), 0) as fixed,
        coalesce(sum(amount) filter (where spend_type = 'commission'), 0) as commission,
        coalesce(sum(amount) filter (where spend_type = 'product'), 0) as product
    from {{ ref("fct_payout_lines") }}
    group by all

),

days as (

    select
        influencer_id,
        sum(spend_fixed) as fixed,
        sum(spend_commission) as commission,
        sum(spend_product) as product,
        sum(spend) as spend
    from {{ ref("fct_influencer_days") }}
    group by all

)

select *
from payout_lines
full join days using (influencer_id)
where
    coalesce(payout_lines.fixed, 0) <> coalesce(days.fixed, 0)
    or coalesce(payout_lines.commission, 0) <> coalesce(days.commission, 0)
    or coalesce(payout_lines.product, 0) <> coalesce(days.product, 0)
    or coalesce(days.spend, 0) <> coalesce(days.fixed, 0) + coalesce(days.commission, 0) + coalesce(days.product, 0)
