"""Charts of the overview: revenue against its baseline, spend against revenue, channels."""

import pandas as pd

from viewer.charts import theme
from viewer.charts.theme import BLUE, GREEN, GREY, VERMILION, Chart, Trace
from viewer.data import INFLUENCER_CHANNEL, Bucket
from viewer.format import day, money, percent, period

CHANNEL_HEIGHT = 34
DAYS = ["bucket_start", "bucket_end"]


def actual_and_baseline(buckets: pd.DataFrame, bucket: Bucket, whose: str) -> Chart:
    """Revenue of all channels, and what it would have been without the selected influencers.

    Weeks and months that the dates cut are left out: far below the others, they would press what
    matters into a narrow band.

    Args:
        buckets: Rows of `data.Figures.over_time`.
        bucket: What a row covers.
        whose: Whose revenue the baseline is without, as of `Selection.of_influencers`.
    """
    columns = ["revenue", "baseline", "baseline_low", "baseline_high", "incremental_revenue"]
    rows = buckets.loc[~buckets["is_partial"], ["bucket", *DAYS, *columns]]
    rows["revenue"] = rows["revenue"].astype(float)
    low, high = rows["baseline_low"], rows["baseline_high"]
    is_drawn = rows["revenue"].notna()
    name = f"Without {whose}, and its interval"
    revenue = [
        f"{money(of_all)}, of which {money(incremental)} incremental"
        for of_all, incremental in zip(rows["revenue"], rows["incremental_revenue"], strict=True)
    ]
    baseline = [
        f"{money(point)} ({money(least)} to {money(most)})"
        for point, least, most in zip(rows["baseline"], low, high, strict=True)
    ]
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
    traces = [
        interval,
        theme.scatter(
            x=rows["bucket"], y=rows["baseline"], name=name, legendgroup=name,
            mode="lines+markers", line={"color": GREY, "width": 1.5, "dash": "5px,3px"},
            marker=theme.points(is_drawn, GREY), customdata=theme.picks(rows, baseline),
            hovertemplate="%{customdata[2]}",
        ),
        theme.scatter(
            x=rows["bucket"], y=rows["revenue"], name="Revenue of all channels",
            mode="lines+markers", line={"color": BLUE, "width": 2},
            marker=theme.points(is_drawn, BLUE), customdata=theme.picks(rows, revenue),
            hovertemplate="%{customdata[2]}",
        ),
    ]  # fmt: skip
    axis = theme.money_axis([*low, *high, *rows["revenue"]], has_zero=False)
    total, incremental = buckets["revenue"].sum(), buckets["incremental_revenue"].sum()
    return Chart(
        theme.time_drawing(traces, 300, rows["bucket"], f"{bucket.capitalize()} from", yaxis=axis),
        f"Line chart of revenue of all channels per {bucket} against its baseline with interval,"
        f" {_days(buckets)}: {money(total)} in all, of which {money(incremental)} incremental.",
        rows[DAYS + columns],
        "select",
    )


def spend_and_revenue(buckets: pd.DataFrame, bucket: Bucket) -> Chart:
    """Spend as bars, attributed and incremental revenue as lines.

    Args:
        buckets: Rows of `data.Figures.over_time`.
        bucket: What a row covers.
    """
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


def channel_shares(channels: pd.DataFrame) -> Chart:
    """Revenue by channel as bars, with amount and share beside them; a click picks a channel.

    Args:
        channels: Rows of `data.revenue_by_channel`.
    """
    rows = channels.astype({"revenue": float})
    names = rows["channel"].tolist()
    labels = [
        f"{money(revenue)} · {percent(share)}"
        for revenue, share in zip(rows["revenue"], rows["share"], strict=True)
    ]
    bars = theme.bar(
        x=rows["revenue"], y=names, orientation="h", text=labels, textposition="outside",
        marker={
            "color": [BLUE if name == INFLUENCER_CHANNEL else GREY for name in names],
        },
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
