-- Fails for an influencer whose payout lines are not what the accepted payouts come to, reversed ones left out.
with

payouts as (

    select
        influencer_id,
        sum(total_payout + coalesce(product_cost, 0)) filter (where status is distinct from 'reversed') as amount
    from {{ ref("stg_payouts") }}
    where row_status = 'accepted'
    group by all

),

payout_lines as (

    select
        influencer_id,
        sum(amount) as amount
    from {{ ref("fct_payout_lines") }}
    group by all

)

select *
from payouts
full join payout_lines using (influencer_id)
where coalesce(payouts.amount, 0) is distinct from payout_lines.amount
