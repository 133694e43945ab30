"""What influencers are owed, and what was paid."""

from typing import Any

import pandas as pd

from viewer.data.catalogue import NONE_MEMBER
from viewer.data.conditions import from_mart
from viewer.extract import Condition
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
    "Due date": """
        not is_unpaid,
        if(is_unpaid, due_date, null) nulls last,
        due_date desc nulls last
    """,
    "Amount": "amount desc",
    "Difference": "abs(if(payment_status = 'reversed', null, difference)) desc nulls last",
    "Earned on": "event_date desc nulls last",
    "Influencer": "influencer_name nulls last, influencer_id, event_date",
}


def payout_selection(selection: Selection) -> Selection:
    """The selection as payout lines know it: they have no brand, so brands become campaigns."""
    if not selection.members("brand"):
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
        {
            "brands": list(selection.members("brand")),
            "campaigns": list(selection.members("campaign")),
        },
    )
    # No campaign at all is not the same as every campaign; no key is empty.
    campaigns = tuple(rows["campaign_id"]) or ("",)
    return selection.having(brand=(), campaign=campaigns)


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
    statuses = "".join(
        f"""
            coalesce(sum(amount) filter ({condition}), 0) as {status.replace(" ", "_")},
            count(*) filter ({condition}) as {status.replace(" ", "_")}_lines,
        """
        for status, condition in PAYOUT_STATUSES.items()
    )
    return read_one(
        f"""
        with lines as ({lines})

        select
            count(*) as lines,
            coalesce(sum(amount), 0) as earned,
            count(*) filter (payment_status <> 'reversed') as earned_lines,
            {statuses}
            coalesce(sum(difference) filter (amount_check = 'over'), 0) as over_booked,
            count(*) filter (amount_check = 'over') as over_booked_lines,
            coalesce(-sum(difference) filter (amount_check = 'under'), 0) as under_booked,
            count(*) filter (amount_check = 'under') as under_booked_lines,
            count(difference) filter (payment_status <> 'reversed') as expected_lines,
            coalesce(sum(amount) filter (event_date is null), 0) as undated,
            count(*) filter (event_date is null) as undated_lines,
            min(due_date) filter (payment_status = 'overdue') as oldest_due_date
        from lines
        """,
        parameters,
    )


def payouts_outside(selection: Selection) -> dict[str, Any]:
    """Lines and amount that a brand or campaign filter leaves out as they name no campaign."""
    lines, parameters = _payout_lines(selection.having(brand=(), campaign=(NONE_MEMBER,)))
    return read_one(
        f"select count(*) as lines, coalesce(sum(amount), 0) as amount from ({lines})", parameters
    )


def payout_months(selection: Selection) -> pd.DataFrame:
    """What was earned, and what is unpaid, by month; undated lines are in no month.

    Returns:
        month, earned_paid and earned_unpaid (by event_date), due and overdue (by due_date, unpaid
        lines only); every month from the first to the last that has any.
    """
    lines, parameters = _payout_lines(selection)
    return read(
        f"""
        with lines as ({lines}),

        amounts as (
            select
                date_trunc('month', event_date)::date as month,
                if(payment_status = 'paid', amount, 0) as earned_paid,
                if(payment_status = 'paid', 0, amount) as earned_unpaid,
                0 as due,
                0 as overdue
            from lines
            union all
            select
                date_trunc('month', due_date)::date as month,
                0 as earned_paid,
                0 as earned_unpaid,
                if(payment_status = 'due', amount, 0) as due,
                if(payment_status = 'overdue', amount, 0) as overdue
            from lines
            where payment_status in ('due', 'overdue')
        ),

        months as (
            select unnest(generate_series(min(month), max(month), interval 1 month))::date as month
            from amounts
        )

        select
            months.month,
            coalesce(sum(earned_paid), 0) as earned_paid,
            coalesce(sum(earned_unpaid), 0) as earned_unpaid,
            coalesce(sum(due), 0) as due,
            coalesce(sum(overdue), 0) as overdue
        from months
        left join amounts using (month)
        group by months.month
        order by months.month
        """,
        parameters,
    )


def payout_ledger(
    selection: Selection, status: str | None, order: str, rows: int, skipped: int = 0
) -> pd.DataFrame:
    """Payout lines of a selection, with the names of influencer and campaign.

    Args:
        selection: What the filters choose.
        status: One of PAYOUT_STATUSES; None for all.
        order: One of PAYOUT_ORDERS.
        rows: How many lines at most.
        skipped: How many lines to leave out before them.

    Returns:
        The columns of fct_payout_lines, influencer_name and campaign_name. Money is in units of the
        currency.
    """
    lines, parameters = _payout_lines(selection)
    return read(
        f"""
        with lines as ({lines})

        select
            lines.*,
            influencers.influencer_name,
            campaigns.campaign_name
        from lines
        left join dim_influencers as influencers using (influencer_id)
        left join dim_campaigns as campaigns using (campaign_id)
        {f"where {PAYOUT_STATUSES[status]}" if status else ""}
        order by {PAYOUT_ORDERS[order]}, payout_line_id
        limit $rows offset $skipped
        """,
        parameters | {"rows": rows, "skipped": skipped},
    )


def payout_conditions(status: str | None) -> list[Condition]:
    """Conditions on columns of fct_payout_lines that hold for a status, for downloads."""
    if status is None:
        return []
    if status == "unpaid":
        return [Condition("is_unpaid", "is", True)]
    return [Condition("payment_status", "is", status)]


def payout_influencers(selection: Selection, most: int) -> tuple[pd.DataFrame, int]:
    """Payouts of influencers, those with the largest difference first.

    Args:
        selection: What the filters choose.
        most: How many influencers at most.

    Returns:
        influencer_id, influencer_name, lines (without reversed ones), earned, paid, unpaid,
        overdue; over the lines whose expected amount is known, expected_lines, booked, expected
        and difference, null where none is; and how many influencers there are in all.
    """
    lines, parameters = _payout_lines(selection)
    rows = read(
        f"""
        with lines as ({lines})

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
            sum(difference) as difference,
            count(*) over () as influencers
        from lines
        left join dim_influencers as influencers using (influencer_id)
        where payment_status <> 'reversed'
        group by influencer_id
        order by abs(sum(difference)) desc nulls last, earned desc, influencer_id
        limit $most
        """,
        parameters | {"most": most},
    )
    return rows.drop(columns="influencers"), int(rows["influencers"].max()) if len(rows) else 0


def _payout_lines(selection: Selection) -> tuple[str, Parameters]:
    """The query of a selection's payout lines, and its parameters."""
    rows, parameters = from_mart("fct_payout_lines", payout_selection(selection))
    return f"select * {rows}", parameters
