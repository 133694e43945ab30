"""What is owed, whatever the dates filter: by when it is due, and to whom."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pandas as pd
import streamlit as st

from viewer import data, filters, measures
from viewer.format import count, day, money, style
from viewer.selection import Selection
from viewer.views import parts, payees

# In the order of urgency; what is due within 30 days includes what is due within 7.
OWED = measures.of_mart(
    measures.PAYOUTS,
    *("overdue", "due_within_7_days", "due_within_30_days", "due", "no_due_date", "unpaid"),
)
PAY_LIST = {
    "influencer": payees.LINK,
    **OWED,
    "unpaid_lines": measures.made_here("unpaid_lines", "Unpaid lines", "count"),
    "first_due_date": measures.made_here("first_due_date", "First due on", "date"),
}
WEEK = timedelta(days=7)


def show(selection: Selection, kept: filters.Query) -> None:
    """What is owed to whom, seen from a day of the user's choice.

    Args:
        selection: What the filters choose, with campaigns for brands.
        kept: Filters that links to influencers keep.
    """
    always = regardless_of_dates(selection)
    st.subheader("To pay")
    as_of = _show_day()
    owed = data.payables(always, as_of)
    st.markdown(_in_words(owed, as_of))
    st.caption("Whatever the dates in the sidebar; the other filters apply.")
    if owed.empty:
        return
    totals = {name: owed[name].sum() for name in OWED}
    with st.grid(3, min_column_width=150):
        for name, measure in OWED.items():
            caption = _influencers(int(owed[name].ne(0).sum()))
            parts.tile(measure, totals, below=partial(st.caption, caption))
    payees.table(
        owed.assign(first_due_date=owed["first_due_date"].dt.date),
        PAY_LIST,
        kept,
        alt=f"Unpaid payouts by influencer: {_influencers(len(owed))}, what is due first on top",
        file=f"to_pay_as_of_{as_of}",
        applied=filters.in_plain_words(regardless_of_dates(filters.chosen().selection)),
    )


def regardless_of_dates(selection: Selection) -> Selection:
    """The selection over all dates: what one owes does not depend on when it was earned."""
    first_day, last_day = data.options().whole
    return replace(selection, first_day=first_day, last_day=last_day)


def _show_day() -> date:
    """Let the user choose the day: usually today, but the last day of data that are stale."""
    last_day, today = data.options().last_day, date.today()
    usual = today if (today - last_day).days <= data.settings().stale_after_days else last_day
    chosen = st.date_input(
        "As of",
        usual,
        format=style().date_picker,
        key="as_of",
        bind="query-params",
        width=200,
        help="What is overdue and what is due soon is seen from this day: today, or the last day"
        f" of the data, {day(last_day)}, if they are not up to date.",
    )
    return chosen if isinstance(chosen, date) else usual


def _in_words(owed: pd.DataFrame, as_of: date) -> str:
    by = day(as_of + WEEK)
    amounts = owed["overdue"] + owed["due_within_7_days"]
    payees_due = int(amounts.ne(0).sum())
    if not payees_due:
        return f"**Nothing is overdue, and nothing is due by {by}.**"
    return (
        f"**To pay by {by}: {money(amounts.sum())} to {_influencers(payees_due)}**, overdue"
        " payouts included."
    )


def _influencers(number: int) -> str:
    return f"{count(number)} {'influencer' if number == 1 else 'influencers'}"
