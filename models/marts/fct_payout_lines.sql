with

payout_lines as (select * from {{ ref("core_payout_lines") }}),

spend as (select * from {{ ref("core_spend") }}),

dates as (select * from {{ ref("dim_dates") }}),

-- Payouts are late as of the last day of the data, not of the day on which somebody looks.
data_end as (

    select max(date_day) as last_day
    from dates
    where is_in_data

),

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

),

with_status as (

    select
        described.*,
        case
            when described.status in ('paid', 'reversed') then described.status
            when described.due_date is null then 'no due date'
            when described.due_date < data_end.last_day then 'overdue'
            else 'due'
        end as payment_status,
        payment_status in ('overdue', 'due', 'no due date') as is_unpaid,
        case
            when is_unpaid and (described.due_date is null or data_end.last_day is not null)
                then {{ due_in("described.due_date", "data_end.last_day") }}
        end as due_in,
        case when payment_status = 'overdue' then data_end.last_day - described.due_date end::integer as days_overdue,
        -- A reversed line and its counter-line cancel each other, and so do their differences.
        case
            when described.status = 'reversed' or described.difference is null then null
            when described.difference > {{ var("payout_tolerance") }} then 'over'
            when described.difference < -{{ var("payout_tolerance") }} then 'under'
            else 'as expected'
        end as amount_check
    from described
    cross join data_end

)

select * from with_status
