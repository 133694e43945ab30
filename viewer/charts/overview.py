"""Charts of the overview: revenue against its baseline, spend against revenue, channels."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from viewer.charts import theme
from viewer.charts.theme import BLUE, GREEN, GREY, VERMILION, Chart, Trace
from viewer.data import INFLUENCER_CHANNEL, Bucket
from viewer.format import day, money, percent, period

CHANNEL_HEIGHT = 34
DAYS = ["bucket_start", "bucket_end"]


def actual_and_baseline(buckets: pd.DataFrame, bucket: Bucket, whose: str) -> Chart:
    """Revenue of all channels, and what it would have been without the influencers of `whose`.

    Weeks and months of `data.Figures.over_time` that the dates cut are left out: far below the
    others, they would press what matters into a narrow band.
    """
    columns = ["revenue", "baseline", "baseline_low", "baseline_high", "incremental_revenue"]
    rows = buckets.loc[~buckets["is_partial"], ["bucket", *DAYS, *columns]]
    rows["revenue"] = rows["revenue"].astype(float)
    revenue, baseline, low, high, incremental = (rows[column] for column in columns)
    name = f"Without {whose}, and its interval"
    # A band over a single day has no width.
    interval = (
        theme.scatter(
            x=rows["bucket"], y=(low + high) / 2, mode="markers",
            marker={"color": theme.TRANSPARENT},
            error_y={"array": (high - low) / 2, "color": GREY, "thickness": 24, "width": 0},
            opacity=0.3, hoverinfo="skip", showlegend=False, legendgroup=name,
        )
        if len(rows) == 1
        else theme.band(rows["bucket"], low, high, GREY, legendgroup=name)
    )  # fmt: skip

    def line(column: str, told: Iterable[str], colour: str, **trace: Any) -> Trace:
        # Points take clicks; they are seen only where one alone makes no line.
        seen = colour if revenue.notna().sum() == 1 else theme.TRANSPARENT
        return theme.scatter(
            x=rows["bucket"], y=rows[column], mode="lines+markers",
            marker={"color": seen, "size": 7}, customdata=theme.picks(rows, list(told)),
            hovertemplate="%{customdata[2]}", **trace,
        )  # fmt: skip

    traces = [
        interval,
        line(
            "baseline", map(partial(theme.estimate, money), baseline, low, high), GREY, name=name,
            legendgroup=name, line={"color": GREY, "width": 1.5, "dash": "5px,3px"},
        ),
        line(
            "revenue",
            (
                f"{money(of_all)}, of which {money(part)} incremental"
                for of_all, part in zip(revenue, incremental, strict=True)
            ),
            BLUE, name="Revenue of all channels", line={"color": BLUE, "width": 2},
        ),
    ]  # fmt: skip
    axis = theme.money_axis([*low, *high, *revenue], has_zero=False)
    total, caused = buckets["revenue"].sum(), buckets["incremental_revenue"].sum()
    return Chart(
        theme.time_drawing(traces, 300, rows["bucket"], f"{bucket.capitalize()} from", yaxis=axis),
        f"Line chart of revenue of all channels per {bucket} against its baseline with interval,"
        f" {_days(buckets)}: {money(total)} in all, of which {money(caused)} incremental.",
        rows[DAYS + columns],
        "select",
    )


def spend_and_revenue(buckets: pd.DataFrame, bucket: Bucket) -> Chart:
    """Spend as bars, attributed and incremental revenue as lines, of `data.Figures.over_time`."""
    measures = {
        "spend": ("Spend", VERMILION),
        "attributed_revenue": ("Attributed revenue", BLUE),
        "incremental_revenue": ("Incremental revenue", GREEN),
    }
    known = {name: what for name, what in measures.items() if buckets[name].notna().any()}
    traces: list[Trace] = []
    for column, (label, colour) in known.items():
        told = theme.picks(buckets, [money(amount) for amount in buckets[column]])
        draw = theme.bars if column == "spend" else theme.course
        traces.append(draw(buckets, column, label, colour, told))
    axis = theme.money_axis(amount for column in known for amount in buckets[column])
    best = buckets.iloc[int(buckets["attributed_revenue"].astype(float).argmax())]
    return Chart(
        theme.time_drawing(
            traces, 280, buckets["bucket"], f"{bucket.capitalize()} from", yaxis=axis
        ),
        f"Chart of spend, attributed and incremental revenue per {bucket}, {_days(buckets)}."
        f" Attributed revenue is highest in the {bucket} from {day(best['bucket_start'].date())}"
        f" with {money(best['attributed_revenue'])}.",
        buckets[DAYS + list(known)],
        "select",
    )


def bridge(figures: Mapping[str, Any]) -> Chart:
    """From attributed to incremental revenue, step by step, of a row of `data.performance`."""
    steps = {
        "Attributed revenue": (figures["attributed_revenue"], "absolute"),
        "Not calibrated": (-figures["uncalibrated_revenue"], "relative"),
        "Would have come anyway": (-figures["anyway_revenue"], "relative"),
        "Came without a code or link": (figures["untracked_revenue"], "relative"),
        "Incremental revenue": (figures["incremental_revenue"], "total"),
    }
    shown = {
        name: (float(amount), kind)
        for name, (amount, kind) in steps.items()
        if amount or kind != "relative"
    }
    amounts = [amount for amount, _ in shown.values()]
    tops = np.cumsum([*amounts[:-1]]).tolist()
    waterfall = theme.waterfall(
        x=[name.replace(" a code", "<br>a code").replace(" come ", "<br>come ") for name in shown],
        y=amounts,
        measure=[kind for _, kind in shown.values()],
        text=[money(amount) for amount in amounts],
        textposition="outside",
        hovertemplate="%{x}: %{text}<extra></extra>",
        increasing={"marker": {"color": GREEN}},
        decreasing={"marker": {"color": VERMILION}},
        totals={"marker": {"color": BLUE}},
        connector={"line": {"color": GREY, "width": 1}},
        cliponaxis=False,
    )
    words = ", ".join(f"{name} {money(amount)}" for name, (amount, _) in shown.items())
    return Chart(
        theme.drawing(
            [waterfall],
            280,
            showlegend=False,
            margin={"l": 8, "r": 8, "t": 24, "b": 8},
            xaxis={"fixedrange": True, "showgrid": False},
            yaxis=theme.money_axis([*tops, amounts[-1], 0]),
        ),
        f"Waterfall chart from attributed to incremental revenue: {words}.",
        pd.DataFrame({"step": list(shown), "amount": amounts}),
    )


def channel_shares(channels: pd.DataFrame) -> Chart:
    """Bars of `data.revenue_by_channel` with amount and share; a click picks a channel."""
    rows = channels.astype({"revenue": float})
    names = rows["channel"].tolist()
    labels = [
        f"{money(revenue)} · {percent(share)}"
        for revenue, share in zip(rows["revenue"], rows["share"], strict=True)
    ]
    bars = theme.bar(
        x=rows["revenue"], y=names, orientation="h", text=labels, textposition="outside",
        marker={"color": [BLUE if name == INFLUENCER_CHANNEL else GREY for name in names]},
        customdata=[[name] for name in names], hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip
    most = max(rows["revenue"].tolist(), default=0.0)
    words = "; ".join(f"{name} {label}" for name, label in zip(names, labels, strict=True))
    return Chart(
        theme.drawing(
            [bars],
            CHANNEL_HEIGHT * max(len(rows), 1),
            bargap=0.3,
            barcornerradius=3,
            hovermode="y",
            xaxis={"visible": False, "fixedrange": True, "range": [0, most * 1.45 or 1]},
            yaxis={"autorange": "reversed", "ticks": ""},
        ),
        f"Bar chart of revenue by channel: {words}.",
        channels,
    )


def _days(buckets: pd.DataFrame) -> str:
    first, last = buckets["bucket_start"].iloc[0], buckets["bucket_end"].iloc[-1]
    return period(first.date(), last.date())
