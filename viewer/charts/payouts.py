"""Charts of payouts: what was earned in each month, and what falls due in each."""

from collections.abc import Mapping
from datetime import date

import pandas as pd

from viewer.charts import theme
from viewer.charts.theme import BLUE, ORANGE, SKY, VERMILION, Chart
from viewer.format import MONTHS, money, style

# Label and colour by column of `data.payout_months`, the lowest part of a bar first.
EARNED = {"earned_paid": ("Paid", BLUE), "earned_unpaid": ("Not paid yet", ORANGE)}
UNPAID = {"overdue": ("Overdue", VERMILION), "due": ("Due", SKY)}
MOST_MONTHS_IN_WORDS = 12
# Names of months beside each other on a phone.
MOST_NAMES = 5


def earned_by_month(months: pd.DataFrame) -> Chart:
    """What was earned in each month, and how much of it is paid.

    Args:
        months: Rows of `data.payout_months` with earnings.
    """
    return _stacked(months, EARNED, "Bar chart of what was earned by month")


def falls_due_by_month(months: pd.DataFrame) -> Chart:
    """What is unpaid, by the month in which it falls due.

    Args:
        months: Rows of `data.payout_months` with unpaid lines.
    """
    return _stacked(months, UNPAID, "Bar chart of unpaid payouts by the month they fall due")


def month_name(day: date) -> str:
    """A month: Apr 2025, or 2025-04."""
    return f"{day:%Y-%m}" if style().iso_dates else f"{MONTHS[day.month - 1]} {day.year}"


def _stacked(months: pd.DataFrame, parts: Mapping[str, tuple[str, str]], what: str) -> Chart:
    names = [month_name(month.date()) for month in months["month"]]
    amounts = months[list(parts)].astype(float)
    total = amounts.sum(axis=1)
    last_days = months["month"] + pd.offsets.MonthEnd(0)
    bars = [
        theme.bar(
            x=names, y=amounts[column], name=label, marker={"color": colour},
            customdata=[
                [f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}", f"{money(amount)} of {money(of_month)}"]
                for first, last, amount, of_month in zip(
                    months["month"], last_days, amounts[column], total, strict=True
                )
            ],
            hovertemplate="%{customdata[2]}",
        )
        for column, (label, colour) in parts.items()
    ]  # fmt: skip
    labels = {column: label for column, (label, _) in parts.items()}
    drawing = theme.drawing(
        bars,
        240,
        barmode="stack",
        bargap=0.25,
        hovermode="x unified",
        xaxis={"type": "category", "showgrid": False, "tickangle": 0, "nticks": MOST_NAMES},
        yaxis=theme.money_axis([*total, *amounts.to_numpy().ravel()]),
    )
    return Chart(
        drawing,
        f"{what}: {_in_words(names, total, months, labels)}.",
        months[["month", *parts]],
        "select",
    )


def _in_words(
    names: list[str], total: pd.Series, months: pd.DataFrame, labels: Mapping[str, str]
) -> str:
    if len(names) <= MOST_MONTHS_IN_WORDS:
        return "; ".join(
            f"{name} {money(amount)}" for name, amount in zip(names, total, strict=True)
        )
    sums = ", ".join(
        f"{label.lower()} {money(months[column].sum())}" for column, label in labels.items()
    )
    most = int(total.to_numpy().argmax())
    return (
        f"{names[0]} to {names[-1]}, {sums}; most in {names[most]} with {money(total.iloc[most])}"
    )
