with

payout_lines as (select * from {{ ref("fct_payout_lines") }}),

posts as (select * from {{ ref("fct_posts") }}),

influencer_days as (select * from {{ ref("fct_influencer_days") }}),

reasons as (select * from {{ ref("dim_reasons") }}),

-- Money that stays booked; a counter-line takes back what was reversed.
standing as (

    select * from payout_lines
    where status <> 'reversed' and amount > 0

),

posts_of_campaigns as (

    select
        influencer_id,
        campaign_id,
        count(*) as posts
    from posts
    group by all

),

posts_of_influencers as (

    select
        influencer_id,
        sum(posts) as posts
    from posts_of_campaigns
    group by all

),

-- How many posts there are that a line may pay for: those of its campaign, or all where it does not name one.
with_posts as (

    select
        standing.*,
        case
            when standing.campaign_id = '{{ var("none_member") }}' then coalesce(posts_of_influencers.posts, 0)
            else coalesce(posts_of_campaigns.posts, 0)
        end as posts,
        sum(standing.units) over (
            partition by standing.influencer_id, standing.campaign_id, standing.basis
        ) as units_booked
    from standing
    left join posts_of_campaigns
        on standing.influencer_id = posts_of_campaigns.influencer_id
        and standing.campaign_id = posts_of_campaigns.campaign_id
    left join posts_of_influencers
        on standing.influencer_id = posts_of_influencers.influencer_id

),

-- Influencers are often paid the same for each post, so the same amount again is no second payment while there is a post for it.
payments as (

    select
        *,
        coalesce(event_date, paid_date) as earned_on
    from with_posts
    where
        payment_status = 'paid'
        and basis <> 'gift'
        and (basis <> 'post' or coalesce(units_booked > posts, true))

),

payments_in_order as (

    select
        *,
        lag(payout_line_id) over same_payment as earlier_payout_line_id,
        lag(earned_on) over same_payment as earlier_earned_on
    from payments
    window same_payment as (
        partition by influencer_id, campaign_id, basis, amount
        order by earned_on, payout_line_id
    )

),

paid_twice as (

    select
        payout_line_id,
        earlier_payout_line_id,
        'paid_twice' as reason_code,
        amount as amount_at_stake
    from payments_in_order
    where
        earned_on - earlier_earned_on <= {{ var("repeated_payout_days") }}
        -- A retainer is for a month, and the next may follow it within days.
        and (basis <> 'retainer' or date_trunc('month', earned_on) = date_trunc('month', earlier_earned_on))

),

not_as_expected as (

    select
        payout_line_id,
        case when amount_check = 'over' then 'paid_over_rate' else 'paid_under_rate' end as reason_code,
        abs(difference)::decimal(18, 2) as amount_at_stake
    from standing
    where payment_status = 'paid' and amount_check in ('over', 'under')

),

without_post as (

    select
        payout_line_id,
        'fee_without_post' as reason_code,
        amount as amount_at_stake
    from with_posts
    where basis = 'post' and posts = 0

),

reversed_but_paid as (

    select
        payout_line_id,
        'reversed_but_paid' as reason_code,
        amount as amount_at_stake
    from payout_lines
    where status = 'reversed' and amount > 0 and paid_date is not null

),

-- Commission on revenue of a month, and the revenue that it should be of: without what came back.
commissions as (

    select
        *,
        date_trunc('month', event_date) as month,
        coalesce(units, 100 * amount / rate)::decimal(18, 2) as commissioned_revenue,
        sum(commissioned_revenue) over (
            partition by influencer_id, campaign_id, month
        ) as commissioned_in_month
    from standing
    where basis = 'revenue share' and rate > 0

),

sold_months as (

    select
        influencer_id,
        campaign_id,
        date_trunc('month', date_day) as month,
        sum(attributed_revenue) as revenue,
        sum(attributed_revenue) + sum(refunds) as revenue_before_refunds
    from influencer_days
    group by all

),

-- More than all that was sold is another error, such as wrong units.
commission_on_refunds as (

    select
        commissions.payout_line_id,
        'commission_on_refunds' as reason_code,
        (
            commissions.rate / 100 * commissions.commissioned_revenue / commissions.commissioned_in_month
            * (commissions.commissioned_in_month - sold_months.revenue)
        )::decimal(18, 2) as amount_at_stake
    from commissions
    inner join sold_months
        on commissions.influencer_id = sold_months.influencer_id
        and commissions.campaign_id = sold_months.campaign_id
        and commissions.month = sold_months.month
    where
        commissions.commissioned_in_month > sold_months.revenue + 1
        and commissions.commissioned_in_month <= sold_months.revenue_before_refunds + 1

),

checks as (

    select * from paid_twice
    union all by name
    select * from not_as_expected
    union all by name
    select * from without_post
    union all by name
    select * from commission_on_refunds
    union all by name
    select * from reversed_but_paid

),

described as (

    select
        checks.payout_line_id,
        checks.reason_code,
        payout_lines.influencer_id,
        payout_lines.campaign_id,
        payout_lines.basis,
        payout_lines.event_date,
        payout_lines.paid_date,
        payout_lines.payment_status,
        payout_lines.amount,
        payout_lines.expected_amount,
        checks.amount_at_stake,
        checks.earlier_payout_line_id,
        reasons.severity,
        reasons.sentence as reason,
        reasons.remedy
    from checks
    inner join payout_lines
        on checks.payout_line_id = payout_lines.payout_line_id
    left join reasons
        on checks.reason_code = reasons.reason_code

)

select * from described
