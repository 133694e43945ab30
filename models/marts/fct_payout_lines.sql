with

payout_lines as (select * from {{ ref("core_payout_lines") }}),

spend as (select * from {{ ref("core_spend") }}),

-- A line that does not name its campaign belongs to the one that all its spend falls on.
only_campaign as (

    select
        payout_line_id,
        min(campaign_id) as campaign_id
    from spend
    group by all
    having min(campaign_id) = max(campaign_id)

),

described as (

    select
        payout_lines.payout_line_id,
        payout_lines.payout_id,
        payout_lines.influencer_id,
        coalesce(payout_lines.campaign, only_campaign.campaign_id, '{{ var("none_member") }}') as campaign_id,
        payout_lines.event_date,
        payout_lines.due_date,
        payout_lines.paid_date,
        payout_lines.status,
        payout_lines.basis,
        payout_lines.spend_type,
        payout_lines.rate,
        payout_lines.unit,
        payout_lines.units,
        payout_lines.amount,
        payout_lines.expected_amount,
        (payout_lines.amount - payout_lines.expected_amount)::decimal(18, 2) as difference,
        payout_lines.tax_withheld
    from payout_lines
    left join only_campaign
        on payout_lines.payout_line_id = only_campaign.payout_line_id

)

select * from described
