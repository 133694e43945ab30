-- Each payout line shared out over what it pays for, to the paisa: shares are rounded down, and the paise left over go one each
-- to the earliest targets.

with

payout_lines as (select * from {{ ref("core_payout_lines") }}),

targets as (select * from {{ ref("core_spend_targets") }}),

weighed as (

    select
        targets.payout_line_id,
        payout_lines.influencer_id,
        payout_lines.spend_type,
        targets.date_day,
        targets.campaign_id,
        targets.brand,
        targets.post_id,
        case when payout_lines.amount < 0 then -1 else 1 end as direction,
        cast(abs(payout_lines.amount) * 100 as bigint) as line_paise,
        cast(targets.weight as double) as weight,
        cast(
            sum(targets.weight) over (
                partition by targets.payout_line_id
            ) as double
        ) as total_weight,
        count(*) over (
            partition by targets.payout_line_id
        ) as target_count,
        row_number() over (
            partition by targets.payout_line_id
            order by targets.date_day, targets.campaign_id, targets.brand, targets.post_id
        ) as turn
    from targets
    inner join payout_lines
        on targets.payout_line_id = payout_lines.payout_line_id

),

rounded_down as (

    select
        *,
        cast(floor(line_paise * weight / total_weight) as bigint) as paise
    from weighed

),

left_over as (

    select
        *,
        line_paise - cast(
            sum(paise) over (
                partition by payout_line_id
            ) as bigint
        ) as paise_left_over
    from rounded_down

),

-- Floating point may put a share one paisa off, so what is left over may be any small number: all of it is handed out.
spend as (

    select
        payout_line_id,
        influencer_id,
        spend_type,
        date_day,
        campaign_id,
        brand,
        post_id,
        cast(
            direction * cast(0.01 as decimal(3, 2)) * cast(
                paise
                + cast(floor(cast(paise_left_over as double) / target_count) as bigint)
                + case
                    when turn <= paise_left_over - target_count * floor(cast(paise_left_over as double) / target_count)
                        then 1
                    else 0
                end as decimal(16, 0)
            ) as decimal(18, 2)
        ) as amount
    from left_over

),

-- A small amount over many days leaves days without a paisa.
spend_above_zero as (

    select * from spend
    where amount <> 0

)

select * from spend_above_zero
