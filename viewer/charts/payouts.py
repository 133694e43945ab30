"""Charts of payouts: what was earned in each month, and what falls due in each."""

from collections.abc import Mapping
from datetime import date

import pandas as pd

from viewer.charts.base import (
    BLUE,
    ORANGE,
    SKY,
    VERMILION,
    Chart,
    chart,
    colours,
    money_axis,
    money_text,
    records,
    tooltip,
)
from viewer.format import MONTHS, money, style

# Label and colour by column of `data.payout_months`, the lowest part of a bar first.
EARNED = {"earned_paid": ("Paid", BLUE), "earned_unpaid": ("Not paid yet", ORANGE)}
UNPAID = {"overdue": ("Overdue", VERMILION), "due": ("Due", SKY)}
MOST_MONTHS_IN_WORDS = 12


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
    total = months[list(parts)].astype(float).sum(axis=1)
    rows = records(
        months.assign(name=names, total=total).reset_index(drop=True), "name", "total", *parts
    )
    labels = {column: label for column, (label, _) in parts.items()}
    label_of = " : ".join(
        f"datum.part == '{column}' ? '{label}'" for column, label in labels.items()
    )
    spec = chart(
        rows,
        [
            {
                "mark": {"type": "bar", "width": {"band": 0.75}},
                "encoding": {
                    "x": {
                        "field": "name",
                        "type": "ordinal",
                        "sort": names,
                        "axis": {"title": None, "labelAngle": 0, "labelOverlap": True},
                    },
                    "y": money_axis("amount"),
                    "order": {"field": "place"},
                    "color": {
                        "field": "label",
                        "type": "nominal",
                        "scale": colours(dict(parts.values())),
                    },
                    "tooltip": tooltip(
                        {"name": "Month", "label": "Part", "amount_text": "Amount"}
                        | {"total_text": "Month in all"}
                    ),
                },
            }
        ],
        height=220,
        transform=[
            {"fold": list(parts), "as": ["part", "amount"]},
            {"calculate": f"{label_of} : ''", "as": "label"},
            {"calculate": f"indexof({list(parts)}, datum.part)", "as": "place"},
            *money_text("amount", "total"),
        ],
    )
    return Chart(spec, f"{what}: {_in_words(names, total, months, labels)}.")


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
