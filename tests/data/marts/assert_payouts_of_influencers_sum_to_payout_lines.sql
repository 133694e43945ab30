-- Fails for an influencer whose payout lines, but for reversed ones, are not each in one status, or not counted.
with

payouts as (select * from {{ ref("rpt_influencer_payouts") }}),

lines as (

    select
        influencer_id,
        sum(amount) as earned,
        count(*) as lines
    from {{ ref("fct_payout_lines") }}
    where status <> 'reversed'
    group by influencer_id

)

select
    influencer_id,
    payouts.earned,
    lines.earned as earned_on_lines
from payouts
full join lines using (influencer_id)
where
    payouts.earned is distinct from lines.earned
    or payouts.lines is distinct from lines.lines
    or payouts.earned <> payouts.paid + payouts.unpaid
    or payouts.unpaid <> payouts.due + payouts.overdue + payouts.no_due_date
    or payouts.difference <> payouts.booked - payouts.expected
    or (payouts.overdue > 0 and payouts.oldest_due_date is null)
