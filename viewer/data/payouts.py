"""What influencers are owed, and what was paid."""

from datetime import date
from typing import Any

import pandas as pd

from viewer.data.conditions import from_mart
from viewer.published import Parameters, read, read_one
from viewer.selection import Selection

# What became of a payout line, as SQL on fct_payout_lines.
PAYOUT_STATUSES = {
    "unpaid": "is_unpaid",
    **{
        status: f"payment_status = '{status}'"
        for status in ("overdue", "due", "no due date", "paid", "reversed")
    },
}
# SQL by the name of the order; what has to be paid first is on top.
PAYOUT_ORDERS = {
    "Due date": (
        "not is_unpaid, if(is_unpaid, due_date, null) nulls last, due_date desc nulls last"
    ),
    "Amount": "amount desc",
    "Difference": "abs(if(payment_status = 'reversed', null, difference)) desc nulls last",
    "Earned on": "event_date desc nulls last",
    "Influencer": "influencer_name nulls last, influencer_id, event_date",
}


def payout_selection(selection: Selection) -> Selection:
    """The selection as payout lines know it: they have no brand, so brands become campaigns."""
    brands, campaigns = selection.members("brand"), selection.members("campaign")
    if not brands:
        return selection
    rows = read(
        """
        select campaign_id
        from dim_campaigns
        where
            list_contains($brands, brand)
            and (len($campaigns) = 0 or list_contains($campaigns, campaign_id))
        order by campaign_id
        """,
        {"brands": list(brands), "campaigns": list(campaigns)},
    )
    # No campaign at all is not the same as every campaign; no key is empty.
    return selection.having(brand=(), campaign=tuple(rows["campaign_id"]) or ("",))


def payout_totals(selection: Selection) -> dict[str, Any]:
    """What the payout lines of a selection come to.

    Returns:
        Money: earned; the amounts of PAYOUT_STATUSES, by name with underscores, which but for
        "unpaid" add up to it; over_booked and under_booked, both positive. Lines: each of these
        names followed by _lines, those of earned without reversed ones, and lines for all;
        expected_lines whose expected amount is known. undated and undated_lines: without an
        event_date. oldest_due_date: of what is overdue, or None.
    """
    lines, parameters = _payout_lines(selection)
    parts = {
        status.replace(" ", "_"): ("amount", condition)
        for status, condition in PAYOUT_STATUSES.items()
    } | {
        "over_booked": ("difference", "amount_check = 'over'"),
        "under_booked": ("-difference", "amount_check = 'under'"),
        "undated": ("amount", "event_date is null"),
    }
    sums = "".join(
        f"""
            coalesce(sum({amount}) filter ({condition}), 0) as {name},
            count(*) filter ({condition}) as {name}_lines,
        """
        for name, (amount, condition) in parts.items()
    )
    return read_one(
        f"""
        select
            count(*) as lines,
            coalesce(sum(amount), 0) as earned,
            count(*) filter (payment_status <> 'reversed') as earned_lines,
            {sums}
            count(difference) filter (payment_status <> 'reversed') as expected_lines,
            min(due_date) filter (payment_status = 'overdue') as oldest_due_date
        from ({lines})
        """,
        parameters,
    )


def payout_months(selection: Selection) -> pd.DataFrame:
    """What was earned, and what is unpaid, by month; undated lines are in no month.

    Returns:
        month, earned_paid and earned_unpaid (by event_date), due and overdue (by due_date, unpaid
        lines only); every month from the first to the last that has any.
    """
    lines, parameters = _payout_lines(selection)
    parts = ("earned_paid", "earned_unpaid", "due", "overdue")
    sums = ", ".join(
        f"coalesce(sum(amount) filter (part = '{part}'), 0) as {part}" for part in parts
    )
    return read(
        f"""
        with lines as ({lines}),

        amounts as (
            select
                date_trunc('month', event_date)::date as month,
                if(payment_status = 'paid', 'earned_paid', 'earned_unpaid') as part,
                amount
            from lines
            union all
            select date_trunc('month', due_date)::date as month, payment_status as part, amount
            from lines
            where payment_status in ('due', 'overdue')
        ),

        months as (
            select unnest(generate_series(min(month), max(month), interval 1 month))::date as month
            from amounts
        )

        select month, {sums}
        from months
        left join amounts using (month)
        group by month
        order by month
        """,
        parameters,
    )


def payout_ledger(
    selection: Selection,
    status: str | None,
    order: str,
    rows: int | None = None,
    skipped: int = 0,
) -> pd.DataFrame:
    """Payout lines of one of PAYOUT_STATUSES or of all: so many after some skipped, or the rest.

    Returns:
        The columns of fct_payout_lines, influencer_name and campaign_name, in an order of
        PAYOUT_ORDERS. Money is in units of the currency.
    """
    lines, parameters = _payout_lines(selection)
    return read(
        f"""
        select
            lines.*,
            influencers.influencer_name,
            campaigns.campaign_name
        from ({lines}) as lines
        left join dim_influencers as influencers using (influencer_id)
        left join dim_campaigns as campaigns using (campaign_id)
        {f"where {PAYOUT_STATUSES[status]}" if status else ""}
        order by {PAYOUT_ORDERS[order]}, payout_line_id
        limit $rows offset $skipped
        """,
        parameters | {"rows": rows, "skipped": skipped},
    )


def payout_influencers(selection: Selection) -> pd.DataFrame:
    """Payouts by influencer, those with the largest difference first.

    Returns:
        influencer_id, influencer_name, lines (without reversed ones), earned, paid, unpaid,
        overdue; over the lines whose expected amount is known, expected_lines, booked, expected
        and difference, null where none is.
    """
    lines, parameters = _payout_lines(selection)
    return read(
        f"""
        select
            influencer_id,
            any_value(influencers.influencer_name) as influencer_name,
            count(*) as lines,
            sum(amount) as earned,
            coalesce(sum(amount) filter (payment_status = 'paid'), 0) as paid,
            coalesce(sum(amount) filter (is_unpaid), 0) as unpaid,
            coalesce(sum(amount) filter (payment_status = 'overdue'), 0) as overdue,
            count(difference) as expected_lines,
            sum(amount) filter (difference is not null) as booked,
            sum(expected_amount) filter (difference is not null) as expected,
            sum(difference) as difference
        from ({lines})
        left join dim_influencers as influencers using (influencer_id)
        where payment_status <> 'reversed'
        group by influencer_id
        order by abs(sum(difference)) desc nulls last, earned desc, influencer_id
        """,
        parameters,
    )


def payables(selection: Selection, as_of: date) -> pd.DataFrame:
    """What each influencer is owed, seen from a day; what has to be paid first is on top.

    Returns:
        influencer_id, influencer_name; money: unpaid, overdue, due_within_7_days,
        due_within_30_days (those within 7 included), due (all that is due from the day on) and
        no_due_date; unpaid_lines, and first_due_date. Influencers who are
        owed nothing have no row.
    """
    lines, parameters = _payout_lines(selection)
    buckets = {
        "overdue": ("overdue",),
        "due_within_7_days": ("within 7 days",),
        "due_within_30_days": ("within 7 days", "within 30 days"),
        "due": ("within 7 days", "within 30 days", "later"),
        "no_due_date": ("no due date",),
    }
    sums = "".join(
        f"coalesce(sum(amount) filter (list_contains({list(of)}, bucket)), 0) as {name}, "
        for name, of in buckets.items()
    )
    return read(
        f"""
        with owed as (
            select *, due_in(due_date, $as_of) as bucket
            from ({lines})
            where is_unpaid
        )

        select
            influencer_id,
            any_value(influencers.influencer_name) as influencer_name,
            {sums}
            sum(amount) as unpaid,
            count(*) as unpaid_lines,
            min(due_date) as first_due_date
        from owed
        left join dim_influencers as influencers using (influencer_id)
        group by influencer_id
        order by overdue + due_within_7_days desc, first_due_date nulls last, influencer_id
        """,
        parameters | {"as_of": as_of},
    )


def payout_checks(selection: Selection) -> pd.DataFrame:
    """Payout lines of a selection to look at, most money at stake first.

    Returns:
        The columns of rpt_payout_checks, influencer_name and campaign_name.
    """
    rows, parameters = from_mart("rpt_payout_checks", payout_selection(selection))
    return read(
        f"""
        select checks.*, influencers.influencer_name, campaigns.campaign_name
        from (select * {rows}) as checks
        left join dim_influencers as influencers using (influencer_id)
        left join dim_campaigns as campaigns using (campaign_id)
        order by amount_at_stake desc, payout_line_id, reason_code
        """,
        parameters,
    )


def _payout_lines(selection: Selection) -> tuple[str, Parameters]:
    """The query of a selection's payout lines, and its parameters."""
    rows, parameters = from_mart("fct_payout_lines", payout_selection(selection))
    return f"select * {rows}", parameters
