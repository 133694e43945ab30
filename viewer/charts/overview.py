"""Charts of the overview: revenue against its baseline, spend against revenue, channels."""

import pandas as pd

from viewer.charts.base import (
    BLUE,
    GREEN,
    GREY,
    VERMILION,
    Chart,
    Spec,
    bars,
    chart,
    colours,
    course,
    hover_rule,
    is_alone,
    money_axis,
    money_text,
    records,
    time_axis,
    tooltip,
)
from viewer.data import INFLUENCER_CHANNEL, Bucket
from viewer.format import day, money, percent, period

LONGEST_NAME = 28


def actual_and_baseline(buckets: pd.DataFrame, bucket: Bucket, whose: str) -> Chart:
    """Revenue of all channels, and what it would have been without the selected influencers.

    Weeks and months that the dates cut are left out.

    Args:
        buckets: Rows of `data.over_time`.
        bucket: What a row covers.
        whose: Whose revenue the baseline is without, as of `Selection.of_influencers`.
    """
    rows = records(
        buckets.assign(day=buckets["bucket"]),
        "day", "is_cut", "revenue", "baseline", "baseline_low", "baseline_high",
        "incremental_revenue",
    )  # fmt: skip
    x = time_axis("day")
    names = {"Revenue of all channels": BLUE, f"Without {whose}, and its interval": GREY}
    scale = colours(names)
    actual, baseline = names
    y_scale = {"zero": False, "nice": True}
    alone = is_alone(rows)
    band = {"type": "bar", "width": 24} if alone else {"type": "area"}
    layers: list[Spec] = [
        {
            "mark": {**band, "opacity": 0.3},
            "encoding": {
                "x": x,
                "y": money_axis("baseline_low", scale=y_scale),
                "y2": {"field": "baseline_high"},
                "color": {"datum": baseline, "scale": scale},
            },
        },
        {
            "mark": {"type": "line", "strokeDash": [5, 3], "strokeWidth": 1.5, "point": alone},
            "encoding": {
                "x": x,
                "y": money_axis("baseline", scale=y_scale),
                "color": {"datum": baseline, "scale": scale},
            },
        },
        {
            "mark": {"type": "line", "strokeWidth": 2, "point": alone},
            "encoding": {
                "x": x,
                "y": money_axis("revenue", scale=y_scale),
                "color": {"datum": actual, "scale": scale},
            },
        },
        hover_rule(
            x,
            {
                "day": f"{bucket.capitalize()} from",
                "revenue_text": "Revenue",
                "baseline_text": "Baseline",
                "baseline_low_text": "at least",
                "baseline_high_text": "at most",
                "incremental_revenue_text": "Incremental",
            },
        ),
    ]
    text = ("revenue", "baseline", "baseline_low", "baseline_high", "incremental_revenue")
    # Part of a week, far below the others, would press what matters into a narrow band.
    whole = {"filter": "!datum.is_cut"}
    total, incremental = buckets["revenue"].sum(), buckets["incremental_revenue"].sum()
    return Chart(
        chart(rows, layers, height=300, transform=[whole, *money_text(*text)]),
        f"Line chart of revenue of all channels per {bucket} against its baseline with interval,"
        f" {_days(buckets)}: {money(total)} in all, of which {money(incremental)} incremental.",
    )


def spend_and_revenue(buckets: pd.DataFrame, bucket: Bucket) -> Chart:
    """Spend as bars, attributed and incremental revenue as lines.

    Args:
        buckets: Rows of `data.over_time`.
        bucket: What a row covers.
    """
    measures = {
        "spend": ("Spend", VERMILION),
        "attributed_revenue": ("Attributed revenue", BLUE),
        "incremental_revenue": ("Incremental revenue", GREEN),
    }
    known = {name: what for name, what in measures.items() if buckets[name].notna().any()}
    rows = records(buckets.assign(day=buckets["bucket"]), "day", "is_cut", *known)
    scale = colours(dict(known.values()))
    x = time_axis("day")
    width = max(2, min(24, 560 // max(len(rows), 1)))
    layers: list[Spec] = []
    for name, (label, _) in known.items():
        y, colour = money_axis(name), {"datum": label, "scale": scale}
        layers += [bars(x, y, colour, width)] if name == "spend" else course(rows, x, y, colour)
    shown = {f"{name}_text": label for name, (label, _) in known.items()}
    layers.append(hover_rule(x, {"day": f"{bucket.capitalize()} from"} | shown))
    best = buckets.iloc[int(buckets["attributed_revenue"].astype(float).argmax())]
    return Chart(
        chart(rows, layers, height=260, transform=money_text(*known)),
        f"Chart of spend, attributed and incremental revenue per {bucket}, {_days(buckets)}."
        f" Attributed revenue is highest in the {bucket} from {day(best['bucket_start'].date())}"
        f" with {money(best['attributed_revenue'])}.",
    )


def channel_shares(channels: pd.DataFrame) -> Chart:
    """Revenue by channel as bars, with amount and share beside them.

    Args:
        channels: Rows of `data.revenue_by_channel`.
    """
    labels = [
        f"{money(revenue)} · {percent(share)}"
        for revenue, share in zip(channels["revenue"], channels["share"], strict=True)
    ]
    rows = records(
        channels.assign(label=labels, is_influencer=channels["channel"] == INFLUENCER_CHANNEL),
        "channel", "revenue", "label", "is_influencer",
    )  # fmt: skip
    names = channels["channel"].tolist()
    y = {
        "field": "channel",
        "type": "nominal",
        "sort": names,
        "axis": {"title": None, "ticks": False, "domain": False, "labelLimit": 160},
    }
    most = max([float(value) for value in channels["revenue"]], default=0.0)
    x = {
        "field": "revenue",
        "type": "quantitative",
        "axis": None,
        "scale": {"domain": [0, most * 1.45 or 1]},
    }
    layers = [
        {
            "mark": {"type": "bar", "cornerRadiusEnd": 3, "height": {"band": 0.7}},
            "encoding": {
                "y": y,
                "x": x,
                "color": {
                    "condition": {"test": "datum.is_influencer", "value": BLUE},
                    "value": GREY,
                },
                "tooltip": tooltip({"channel": "Channel", "label": "Revenue"}),
            },
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 6},
            "encoding": {"y": y, "x": x, "text": {"field": "label"}},
        },
    ]
    words = "; ".join(f"{name} {label}" for name, label in zip(names, labels, strict=True))
    return Chart(
        chart(rows, layers, height=34 * max(len(rows), 1)),
        f"Bar chart of revenue by channel: {words}.",
    )


def _days(buckets: pd.DataFrame) -> str:
    first, last = buckets["bucket_start"].iloc[0], buckets["bucket_end"].iloc[-1]
    return period(first.date(), last.date())
