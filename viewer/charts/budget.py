"""What moving a budget would bring, and how returns fall with spend."""

from html import escape
from typing import Any

import numpy as np
import pandas as pd

from viewer.charts import theme
from viewer.charts.theme import BLUE, GREEN, GREY, VERMILION, Chart
from viewer.format import money, percent, ratio

HEIGHT = 320
# The curve goes from nothing to so many times the highest spend that was seen.
CURVE_STEPS = 60
LONGEST_NAME = 30
# More bars cannot be told apart; the rest is one bar.
MOST_BARS = 20


def added_revenue(moves: pd.DataFrame, total: float) -> Chart:
    """Waterfall of what each member's change of spend brings, of `data.best_spend`.

    Args:
        moves: Members with their added_spend and added_revenue, those that move most first.
        total: Sum of added revenue.
    """
    moved = moves[moves["added_spend"].abs() > 0]
    single, rest = moved, moved.iloc[:0]
    if len(moved) > MOST_BARS:
        single, rest = moved.head(MOST_BARS - 1), moved.iloc[MOST_BARS - 1 :]
    parts = dict(
        zip(single["member"].astype(str), single["added_revenue"].astype(float), strict=True)
    )
    if len(rest):
        parts[f"{len(rest)} others"] = float(rest["added_revenue"].sum())
    names = [*parts, "Sum"]
    amounts = [*parts.values(), float(total)]
    waterfall = theme.waterfall(
        x=list(range(len(names))),
        y=amounts,
        measure=["relative"] * len(parts) + ["total"],
        text=[money(amount) for amount in amounts],
        textposition="outside",
        customdata=[escape(name) for name in names],
        hovertemplate="%{customdata}: %{text}<extra></extra>",
        increasing={"marker": {"color": GREEN}},
        decreasing={"marker": {"color": VERMILION}},
        totals={"marker": {"color": BLUE}},
        connector={"line": {"color": GREY, "width": 1}},
        cliponaxis=False,
    )
    tops = np.cumsum(amounts[:-1]).tolist()
    words = ", ".join(
        f"{name} {money(amount)}" for name, amount in zip(names, amounts, strict=True)
    )
    return Chart(
        theme.drawing(
            [waterfall],
            HEIGHT,
            showlegend=False,
            margin={"l": 8, "r": 8, "t": 24, "b": 8},
            xaxis={
                "fixedrange": True,
                "showgrid": False,
                # By their places, since two long names may be cut to one.
                "tickvals": list(range(len(names))),
                "ticktext": [escape(theme.cut(name, LONGEST_NAME)) for name in names],
            },
            yaxis=theme.money_axis([*tops, amounts[-1], 0]),
        ),
        f"Waterfall chart of the incremental revenue that moving spend adds: {words}.",
        pd.DataFrame({"member": names, "added_revenue": amounts}),
    )


def response(curve: pd.Series, lowest: float, highest: float) -> Chart:
    """Incremental revenue of one member by its spend, a row of `data.response_curves`.

    Args:
        curve: Its ceiling, half_saturation, spend, incremental_revenue, and elasticity with its
            interval.
        lowest: Lowest spend that was seen.
        highest: Highest spend that was seen.
    """
    spend = np.linspace(min(lowest, curve["spend"]), max(highest, curve["spend"]), CURVE_STEPS)

    def beyond(elasticity: float) -> Any:
        """Revenue where the last rupee brings that part of the average."""
        half = curve["half_saturation"]
        today = curve["spend"] / (curve["spend"] + half)
        scale = elasticity / curve["elasticity"] if curve["elasticity"] else 0.0
        return curve["incremental_revenue"] + scale * curve["ceiling"] * (
            spend / (spend + half) - today
        )

    middle = beyond(curve["elasticity"])
    edges = [beyond(curve["elasticity_low"]), beyond(curve["elasticity_high"])]
    low, high = np.minimum(*edges), np.maximum(*edges)
    name = str(curve["member"])
    traces = [
        theme.scatter(
            x=[*spend, *spend[::-1]], y=[*high, *low[::-1]], fill="toself", mode="lines",
            line={"width": 0}, fillcolor="rgba(0, 114, 178, 0.18)", hoverinfo="skip",
            name="By the error of elasticity",
        ),
        theme.scatter(
            x=spend, y=middle, mode="lines", line={"color": BLUE, "width": 3},
            name="Incremental revenue",
            hovertemplate="%{customdata}<extra></extra>",
            customdata=[
                f"{money(x)} brings {money(y)}" for x, y in zip(spend, middle, strict=True)
            ],
        ),
        theme.scatter(
            x=[curve["spend"]], y=[curve["incremental_revenue"]], mode="markers",
            marker={"color": VERMILION, "size": 11}, name="Today",
            hovertemplate=f"Today: {money(curve['spend'])}<extra></extra>",
        ),
    ]  # fmt: skip
    drawing = theme.drawing(
        traces,
        HEIGHT,
        xaxis={"title": {"text": "Spend"}, **theme.money_axis(spend)},
        yaxis=theme.money_axis([*low, *high]),
        legend={"orientation": "h", "y": 1.12, "yanchor": "bottom"},
    )
    alt = (
        f"Response curve of {name}: {money(curve['spend'])} bring"
        f" {money(curve['incremental_revenue'])}, an average of"
        f" {ratio(curve['average_iroas'])}; the next rupee brings"
        f" {ratio(curve['marginal_iroas'])}, {percent(curve['elasticity'])} of it."
    )
    return Chart(
        drawing,
        alt,
        pd.DataFrame({"spend": spend, "low": low, "incremental_revenue": middle, "high": high}),
    )
