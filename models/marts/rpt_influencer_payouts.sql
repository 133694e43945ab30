with

payout_lines as (select * from {{ ref("fct_payout_lines") }}),

-- A reversed line and its counter-line cancel each other, and count in nothing here.
standing as (

    select * from payout_lines
    where payment_status <> 'reversed'

),

totals as (

    select
        influencer_id,
        count(*) as lines,
        sum(amount)::decimal(18, 2) as earned,
        coalesce(sum(amount) filter (where payment_status = 'paid'), 0)::decimal(18, 2) as paid,
        coalesce(sum(amount) filter (where is_unpaid), 0)::decimal(18, 2) as unpaid,
        coalesce(sum(amount) filter (where payment_status = 'due'), 0)::decimal(18, 2) as due,
        coalesce(sum(amount) filter (where payment_status = 'overdue'), 0)::decimal(18, 2) as overdue,
        coalesce(sum(amount) filter (where payment_status = 'no due date'), 0)::decimal(18, 2) as no_due_date,
        coalesce(sum(amount) filter (where due_in = 'within 7 days'), 0)::decimal(18, 2) as due_within_7_days,
        coalesce(sum(amount) filter (where due_in in ('within 7 days', 'within 30 days')), 0)::decimal(18, 2)
            as due_within_30_days,
        min(due_date) filter (where payment_status = 'overdue') as oldest_due_date,
        count(difference) as expected_lines,
        (sum(expected_amount) filter (where difference is not null))::decimal(18, 2) as expected,
        (sum(amount) filter (where difference is not null))::decimal(18, 2) as booked,
        sum(difference)::decimal(18, 2) as difference,
        coalesce(sum(difference) filter (where amount_check = 'over'), 0)::decimal(18, 2) as over_booked,
        coalesce(-sum(difference) filter (where amount_check = 'under'), 0)::decimal(18, 2) as under_booked
    from standing
    group by influencer_id

)

select * from totals
