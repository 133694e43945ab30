"""Charts of payouts: what was earned in each month, and what falls due in each."""

from collections.abc import Mapping

import pandas as pd

from viewer.charts import theme
from viewer.charts.theme import BLUE, ORANGE, SKY, VERMILION, Chart
from viewer.format import MONTHS, money, style

# Label and colour by column of `data.payout_months`, the lowest part of a bar first: what was
# earned in a month and how much of it is paid, and what is unpaid by the month in which it is due.
EARNED = {"earned_paid": ("Paid", BLUE), "earned_unpaid": ("Not paid yet", ORANGE)}
UNPAID = {"overdue": ("Overdue", VERMILION), "due": ("Due", SKY)}
MOST_MONTHS_IN_WORDS = 12
# Names of months beside each other on a phone.
MOST_NAMES = 5


def by_month(months: pd.DataFrame, parts: Mapping[str, tuple[str, str]], what: str) -> Chart:
    """Bars of EARNED or UNPAID for months of `data.payout_months`; `what` they are, in words."""
    firsts = months["month"].tolist()
    lasts = (months["month"] + pd.offsets.MonthEnd(0)).tolist()
    names = [
        f"{first:%Y-%m}" if style().iso_dates else f"{MONTHS[first.month - 1]} {first.year}"
        for first in firsts
    ]
    amounts = months[list(parts)].astype(float)
    total = amounts.sum(axis=1).tolist()
    bars = [
        theme.bar(
            x=names, y=amounts[column], name=label, marker={"color": colour},
            customdata=[
                [f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}", f"{money(amount)} of {money(of_month)}"]
                for first, last, amount, of_month in zip(
                    firsts, lasts, amounts[column], total, strict=True
                )
            ],
            hovertemplate="%{customdata[2]}",
        )
        for column, (label, colour) in parts.items()
    ]  # fmt: skip
    drawing = theme.drawing(
        bars,
        240,
        barmode="stack",
        bargap=0.25,
        hovermode="x unified",
        xaxis={"type": "category", "showgrid": False, "tickangle": 0, "nticks": MOST_NAMES},
        yaxis=theme.money_axis([*total, *amounts.to_numpy().ravel()]),
    )
    words = "; ".join(f"{name} {money(of)}" for name, of in zip(names, total, strict=True))
    if len(names) > MOST_MONTHS_IN_WORDS:
        sums = ", ".join(
            f"{label.lower()} {money(months[column].sum())}" for column, (label, _) in parts.items()
        )
        most = max(total)
        where = names[total.index(most)]
        words = f"{names[0]} to {names[-1]}, {sums}; most in {where} with {money(most)}"
    return Chart(drawing, f"Bar chart of {what}: {words}.", months[["month", *parts]], "select")
