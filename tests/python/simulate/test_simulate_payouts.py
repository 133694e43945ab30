"""Payouts: deals, rates times units, what was overpaid, and when it is due."""

import calendar
import math
from datetime import date
from typing import Any

import numpy as np
import pytest

from tests.python.simulate.worlds import Files, Maker, assert_near, assert_share

BASES = {"post", "order", "revenue share", "retainer", "gift"}
UNITS = {
    "post": "INR per post", "order": "INR per order", "revenue share": "% of revenue",
    "retainer": "INR per month", "gift": None,
}  # fmt: skip
# What a line should come to, from its rate and the units that stand behind it, to the paisa.
OWED = """
    case basis
        when 'post' then rate * posts
        when 'order' then rate * orders
        when 'retainer' then rate
        when 'gift' then 0
        when 'revenue share'  -- half a paisa is rounded up
            then ((rate * 100)::bigint * (sold * 100)::bigint + 5000) // 10000 / 100
    end
"""


@pytest.fixture(scope="module")
def leak_free(written: Maker) -> Files:
    """A world in which every order with a code or link tells its post, so its campaign."""
    return written("tiny", 4, orders=30_000, effect__leak_share=0.0, effect__ceiling=2.0)


SOLD = """
    create or replace table raw.sold as
    select
        posts.influencer_id, posts.campaign_id, last_day(orders.date) as month_end,
        count(*) filter (not came_back) as completed, sum(net) as sold,
    from raw.books as orders
    inner join truth.orders as truths using (transaction_id)
    inner join truth.posts as posts using (post_id)
    where kind = 'attributed'
    group by all
"""


def commissions(files: Files) -> None:
    """Attach what was sold to each line, by influencer, campaign and month: `raw.settled`."""
    files.connection.execute(SOLD)
    files.connection.execute(
        f"""
        create or replace table raw.settled as
        select lines.*, completed, coalesce(sold, 0) as sold, ({OWED})::decimal(18, 2) as owed
        from raw.payouts as lines
        left join raw.sold as sold
            on lines.influencer_id = sold.influencer_id
            and coalesce(lines.campaign, '(none)') = sold.campaign_id
            and least(month_end, date '{files.settings.last_day}') = event_date
            and basis in ('order', 'revenue share')
        """
    )


def test_all_bases_occur_with_their_units(default: Files) -> None:
    rows = default.rows("select distinct basis, rate_unit from raw.payouts")
    assert dict(rows) == UNITS and len(rows) == len(BASES)


def test_lines_are_numbered_in_order_of_their_event(default: Files) -> None:
    rows = default.rows("select payout_id, event_date from raw.payouts")
    assert [row[0] for row in rows] == [f"PAY{n:06d}" for n in range(1, len(rows) + 1)]
    dates = [row[1] for row in rows]
    assert dates == sorted(dates)
    assert dates[0] >= date(2025, 4, 1) and dates[-1] <= date(2026, 9, 30)


def test_commission_is_rate_times_what_was_sold(leak_free: Files) -> None:
    """To the paisa, for each influencer, campaign and month; 5 to 25 % more if overpaid."""
    commissions(leak_free)
    rows = leak_free.rows(
        """
        select orders, completed, owed, total_payout
        from raw.settled where basis in ('order', 'revenue share')
        """
    )
    assert len(rows) > 40
    overpaid = 0
    for orders, completed, owed, paid in rows:
        assert orders == completed
        assert paid == owed or 1.04 < float(paid) / float(owed) < 1.26
        overpaid += paid != owed
    assert_near(overpaid / len(rows), 0.03, math.sqrt(0.03 * 0.97 / len(rows)))


def test_every_sale_on_commission_is_paid(leak_free: Files) -> None:
    commissions(leak_free)
    unpaid = leak_free.value(
        """
        with deals as (
            select distinct influencer_id, coalesce(campaign, '(none)') as campaign_id
            from raw.payouts where basis in ('order', 'revenue share')
        )

        select count(*)
        from raw.sold
        inner join deals using (influencer_id, campaign_id)
        left join raw.payouts as lines
            on lines.influencer_id = sold.influencer_id
            and coalesce(lines.campaign, '(none)') = sold.campaign_id
            and event_date = least(month_end, (select max(date) from raw.tracking_data))
            and basis in ('order', 'revenue share')
        where completed > 0 and payout_id is null
        """
    )
    assert unpaid == 0


def test_leaked_orders_earn_commission_as_well(default: Files) -> None:
    """Who works for commission alone is paid for every completed order of the books."""
    rows = default.rows(
        """
        with alone as (
            select influencer_id
            from raw.payouts
            group by 1 having bool_and(basis in ('order', 'revenue share', 'gift'))
            and bool_or(basis <> 'gift')
            and count(distinct campaign) = (
                select count(distinct posts.campaign) from raw.posts as posts
                where posts.influencer_id = payouts.influencer_id
            )
        ),

        booked as (
            select who as influencer_id, last_day(date) as month, count(*) as completed
            from raw.books where not came_back group by all
        ),

        paid as (
            select influencer_id, last_day(event_date) as month, sum(orders) as orders
            from raw.payouts where basis <> 'gift' group by all
        )

        select booked.completed, paid.orders
        from alone
        inner join booked using (influencer_id)
        left join paid using (influencer_id, month)
        where influencer_id not in (
            select influencer_id from raw.payouts where basis = 'gift' and campaign not in (
                select other.campaign from raw.payouts as other
                where other.influencer_id = payouts.influencer_id and other.basis <> 'gift'
                and other.campaign is not null
            )
        )
        """
    )
    assert len(rows) > 100
    assert all(completed == orders for completed, orders in rows)


def test_a_line_is_rate_times_units_but_for_some_that_are_overpaid(default: Files) -> None:
    rows = default.rows(
        f"""
        select basis, total_payout, ({OWED})::decimal(18, 2)
        from (select *, 0 as sold from raw.payouts)
        where basis <> 'revenue share'
        """
    )
    by_unit = [(paid, owed) for basis, paid, owed in rows if basis in ("post", "order")]
    overpaid = [(paid, owed) for paid, owed in by_unit if paid != owed]
    assert_near(len(overpaid) / len(by_unit), 0.03, math.sqrt(0.03 * 0.97 / len(by_unit)))
    for paid, owed in overpaid:
        assert 0.05 <= float(paid / owed) - 1 < 0.2501
    for basis, paid, owed in rows:
        if basis in ("retainer", "gift"):
            assert paid == owed


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_overpaid_and_reversed_shares_follow_their_settings(share: float, written: Maker) -> None:
    files = written(
        "tiny", 6, orders=3_000, campaigns__per_year=40.0, campaigns__regional_share=0.0,
        influencers=150, money__overpaid_share=share, money__reversed_share=share,
    )  # fmt: skip
    overpaid, by_post = files.row(
        "select count(*) filter (total_payout > rate), count(*) from raw.payouts"
        " where basis = 'post'"
    )
    turned, lines = files.row(
        "select count(*) filter (status = 'reversed'), count(*) from raw.payouts"
        " where basis <> 'gift'"
    )
    gifts = files.value(
        "select count(*) from raw.payouts where basis = 'gift' and status = 'reversed'"
    )
    assert gifts == 0
    if share:
        assert_share(overpaid, by_post, share)
        assert_share(turned, lines, share)
    else:
        assert overpaid == turned == 0


def test_the_status_follows_from_the_dates_and_the_last_day(default: Files) -> None:
    bad = default.value(
        """
        select count(*) from raw.payouts
        where (
            due_date - event_date in (15, 30, 45)
            and case status
                when 'paid' then paid_date between due_date - 7 and due_date + 14
                    and paid_date <= date '2026-09-30'
                when 'due' then paid_date is null and due_date <= date '2026-09-30'
                when 'accrued' then paid_date is null and due_date > date '2026-09-30'
                when 'reversed' then paid_date is null and basis <> 'gift'
            end
        ) is not true
        """
    )
    assert bad == 0
    found = dict(default.rows("select status, count(*) from raw.payouts group by 1"))
    assert found.keys() == {"paid", "due", "accrued", "reversed"}
    lines = default.value("select count(*) from raw.payouts where basis <> 'gift'")
    assert_near(found["reversed"] / lines, 0.015, math.sqrt(0.015 * 0.985 / lines))
    for days in (15, 30, 45):
        terms = default.value(
            f"select count(*) from raw.payouts where due_date - event_date = {days}"
        )
        assert_share(terms, sum(found.values()), 1 / 3)


def test_whatever_is_old_enough_is_paid(default: Files) -> None:
    late = default.value(
        """
        select count(*) from raw.payouts
        where due_date + 14 <= date '2026-09-30' and status not in ('paid', 'reversed')
        """
    )
    assert late == 0


def test_an_influencer_has_one_deal_and_rate_for_a_campaign(default: Files) -> None:
    rows = default.rows(
        """
        select campaign is null, count(distinct basis), count(distinct rate), any_value(basis)
        from raw.payouts where basis <> 'gift' group by influencer_id, campaign
        """
    )
    assert len(rows) > 300
    assert all(row[1:3] == (1, 1) for row in rows)
    assert {row[3] for row in rows if row[0]} == {"revenue share"}  # affiliates
    assert {row[3] for row in rows if not row[0]} == BASES - {"gift"}


def test_a_post_fee_has_a_line_for_each_post_on_its_day(default: Files) -> None:
    assert default.rows(
        """
        with deals as (
            select distinct influencer_id, campaign from raw.payouts where basis = 'post'
        ),

        lines as (
            select influencer_id, campaign, event_date as date from raw.payouts where basis = 'post'
        ),

        posted as (
            select posts.influencer_id, posts.campaign, posts.date
            from raw.posts inner join deals using (influencer_id, campaign)
        )

        (from lines except all from posted) union all (from posted except all from lines)
        """
    ) == []  # fmt: skip


def months_between(start: date, end: date) -> list[date]:
    """First day, and the first of each later month, up to the last day."""
    days, year, month = [start], start.year, start.month
    while (year, month) != (end.year, end.month):
        year, month = (year + month // 12, month % 12 + 1)
        days.append(date(year, month, 1))
    return days


def test_a_retainer_has_a_line_for_each_month_of_its_campaign(default: Files) -> None:
    rows = default.rows(
        """
        select start_date, end_date, list(event_date order by event_date)
        from raw.payouts inner join raw.campaigns on campaign = campaign_id
        where basis = 'retainer' group by influencer_id, campaign, start_date, end_date
        """
    )
    assert len(rows) > 10
    for start, end, events in rows:
        assert events == months_between(start, end)


def test_commission_is_settled_on_the_last_day_of_a_month(default: Files) -> None:
    rows = default.rows(
        "select distinct event_date from raw.payouts where basis in ('order', 'revenue share')"
    )
    assert len(rows) == 18
    for (day,) in rows:
        assert day.day == calendar.monthrange(day.year, day.month)[1]


def test_gifts_are_for_those_without_fees(default: Files) -> None:
    """One product at the first post of a deal: alone, or with a commission in a campaign."""
    rows = default.rows(
        """
        select
            influencer_id, coalesce(campaign, '(none)'),
            count(*) filter (basis = 'gift'), max(product_cost), min(product_cost),
            list(distinct basis order by basis),
            min(event_date) filter (basis = 'gift')
            = any_value((
                select min(date) from raw.posts
                where posts.influencer_id = payouts.influencer_id
                and posts.campaign is not distinct from payouts.campaign
            )),
        from raw.payouts group by all
        """
    )
    for _, campaign, gifts, most, _, bases, is_first in rows:
        with_gift = campaign != "(none)" and not {"post", "retainer"} & set(bases)
        assert gifts == int(with_gift), bases
        assert (most > 0) == with_gift
        assert is_first or not with_gift
    costs = default.rows(
        "select rate, total_payout, product_cost from raw.payouts where basis = 'gift'"
    )
    assert all(rate == paid == 0 for rate, paid, _ in costs)
    assert all(800 <= cost <= 4_000 and cost % 50 == 0 for _, _, cost in costs)
    assert default.value("select sum(product_cost) from raw.payouts where basis <> 'gift'") == 0


def test_flat_fees_are_about_the_set_share_of_what_is_sold_anyway(default: Files) -> None:
    """A retainer of all of its months is worth 0.9 of its posts; fees are rounded to Rs 50."""
    posts, retainers, rounded = default.row(
        """
        select
            sum(rate) filter (basis = 'post'), sum(rate) filter (basis = 'retainer'),
            bool_and(rate % 50 = 0 and rate >= 50),
        from raw.payouts where basis in ('post', 'retainer')
        """
    )
    sold = default.value("select sum(baseline_revenue) from truth.region_days")
    assert rounded
    assert float(posts) + float(retainers) / 0.9 == pytest.approx(0.035 * float(sold), rel=0.005)


def test_fees_grow_with_followers_but_more_slowly(default: Files) -> None:
    rows: list[tuple[Any, ...]] = default.rows(
        """
        select follower_count, any_value(rate)
        from raw.payouts inner join raw.influencers using (influencer_id)
        where basis = 'post' group by influencer_id, follower_count
        """
    )
    x = np.log([float(row[0]) for row in rows])
    y = np.log([float(row[1]) for row in rows])
    x -= x.mean()
    slope = float((x * y).sum() / (x**2).sum())
    rest = y - y.mean() - slope * x
    assert_near(slope, 0.65, math.sqrt(float((rest**2).mean() / (x**2).sum())))
    assert_near(float(rest.std()), 0.45, 0.45 / math.sqrt(2 * len(rows)))


def test_commissions_are_in_their_ranges(default: Files) -> None:
    rates = [
        r[0] for r in default.rows("select rate from raw.payouts where basis = 'revenue share'")
    ]
    assert {rate % 1 for rate in map(float, rates)} == {0.0, 0.5}
    assert min(rates) == 4 and max(rates) == 12
    prices = dict(
        default.rows(
            """
            select campaign_id, min(brand) from raw.campaigns group by 1
            """
        )
    )
    usual = {"MuscleBlaze": 1_701.92, "HKVitals": 653.60, "Gritzo": 813.04, "TrueBasics": 989.12}
    for campaign, rate in default.rows(
        "select distinct campaign, rate from raw.payouts where basis = 'order'"
    ):
        assert float(rate) % 10 == 0
        assert 0.035 < float(rate) / usual[prices[campaign]] < 0.105


def test_small_accounts_work_for_product_or_commission_large_ones_for_fees(default: Files) -> None:
    shares = dict(
        default.rows(
            """
            select
                follower_count >= 500000,
                count(*) filter (basis in ('post', 'retainer')) / count(*),
            from (
                select distinct influencer_id, campaign, basis from raw.payouts
                where campaign is not null
            )
            inner join raw.influencers using (influencer_id) group by 1
            """
        )
    )
    assert shares[True] == 1.0
    assert 0.2 < shares[False] < 0.7
