"""Charts of influencers and personas: rankings with intervals, scatter, heat map, one by day."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any, Literal

import numpy as np
import pandas as pd

from viewer.charts import intervals, theme
from viewer.charts.theme import BLUE, FADED, GREEN, GREY, VERMILION, Chart
from viewer.data import Bucket
from viewer.format import (
    NOTHING,
    count,
    day,
    is_missing,
    money,
    money_tick,
    names,
    percent,
    period,
    ratio,
)
from viewer.measures import Measure

LONGEST_NAME = 26
ROW_HEIGHT, CELL_HEIGHT = 22, 27
# What legend and axis around the rows take up.
AROUND_ROWS, ABOVE_CELLS = 100, 40
# An axis ends where it is this many times as long as the usual interval; longer ones get an arrow.
USUAL_LENGTHS = 2.5
# It ends later, up to so many times as far, where estimates lie that are surely profitable.
EARNERS_LENGTHS = 2.0
# Diameters of circles, for no order and for the most.
SMALLEST, LARGEST = 7.0, 28.0
# Ends of the scales of cells.
PALE, DEEP = "#CFE3F1", "#0B4F8A"
BELOW, NEITHER, ABOVE = "#C4540A", "#E4E1DA", "#0B5FA5"
DARK_INK, LIGHT_INK = "#000000", "#FFFFFF"
# How much of its colour a cell has whose interval contains the break-even.
PALE_STRENGTH = 0.35
MARKS = {"profitable": "▲ ", "unprofitable": "▼ "}
LONGEST_CAPTION = 60
# A post is told near its day only, and days, weeks or months from half way to the next.
HOVER_PIXELS = 40

Field = Literal["influencer_id", "persona"]
FIGURES = [
    *("label", "iroas", "iroas_low", "iroas_high", "prob_profitable", "verdict", "spend", "orders"),
]


def interval_ranking(
    rows: pd.DataFrame, field: Field, measure: Measure, break_even: float, what: str
) -> Chart:
    """Incremental ROAS of each row with its interval, in the order of the rows.

    Args:
        rows: Rows of `data.performance` with label (unique) and is_chosen.
        field: Column that a click picks.
        measure: Incremental ROAS as the chosen method has it.
        break_even: iROAS from which a row is profitable.
        what: What is ranked and by what, in words.
    """
    lower, upper = shown_range(rows, break_even)
    # The axis tells a name that is not too long for it.
    cut = rows["label"].where(rows["label"].str.len() > LONGEST_NAME, "")
    drawn = {
        "key": rows[field].tolist(),
        "value": rows["iroas"].to_numpy(float),
        "low": rows["iroas_low"].to_numpy(float),
        "high": rows["iroas_high"].to_numpy(float),
        "verdict": rows["verdict"].tolist(),
        "is_chosen": rows["is_chosen"].tolist(),
        "told": _told(rows.assign(label=cut), measure.label),
        "unknown": ["no figure"] * len(rows),
    }
    has_intervals = bool(rows["iroas_low"].notna().any())
    colours = theme.verdicts(rows["verdict"]) if has_intervals else {"": BLUE}
    orders = {
        "text": "Orders", "x": 1, "xref": "paper", "xanchor": "left", "y": 1, "yref": "paper",
        "yanchor": "bottom", "yshift": 4, "showarrow": False,
    }  # fmt: skip
    places = list(range(len(rows)))
    drawing = theme.drawing(
        [
            *intervals.traces(drawn, lower, upper, colours),
            # The second axis needs something to stand beside.
            theme.scatter(x=[None], y=[None], yaxis="y2", showlegend=False, hoverinfo="skip"),
        ],
        ROW_HEIGHT * max(len(rows), 1) + AROUND_ROWS,
        hovermode="y unified",
        xaxis={
            "title": {"text": measure.label}, "range": [lower, upper], "side": "top",
            "ticksuffix": "x",
        },
        yaxis=intervals.names_axis(
            [escape(theme.cut(name, LONGEST_NAME)) for name in rows["label"]]
        ),
        yaxis2=intervals.names_axis(
            [count(number) for number in rows["orders"].tolist()],
            overlaying="y", side="right", tickvals=places,
        ),
        shapes=[intervals.line(break_even)],
        annotations=[orders],
        legend={"y": 0, "yanchor": "top"},
        margin={"t": 44, "r": 48},
    )  # fmt: skip
    return Chart(
        drawing,
        f"Ranking of {what}: {measure.label} with its interval, against a break-even of"
        f" {ratio(break_even)}. {_first_rows(rows)}",
        rows[list(dict.fromkeys([field, *FIGURES]))],
        "zoom",
    )


def shown_range(rows: pd.DataFrame, break_even: float) -> tuple[float, float]:
    """From where to where an axis of iROAS goes, so that a few wide intervals do not rule it.

    Args:
        rows: Rows with iroas, iroas_low and iroas_high.
        break_even: Is always in sight.
    """
    middle, low, high = (
        rows[name].to_numpy(float) for name in ("iroas", "iroas_low", "iroas_high")
    )
    lows, highs = (np.where(np.isnan(end), middle, end) for end in (low, high))
    lows, highs = lows[~np.isnan(lows)], highs[~np.isnan(highs)]
    if not len(highs):
        return 0.0, 2 * break_even
    usual = max(float(np.median(highs)), break_even)
    end = USUAL_LENGTHS * usual
    earners = middle[(rows["verdict"] == "profitable").to_numpy()]
    farthest = max(earners[earners <= EARNERS_LENGTHS * end].tolist(), default=math.nan)
    upper = min(
        max(float(highs.max()), break_even), end if math.isnan(farthest) else max(end, farthest)
    )
    # Below zero an axis is as long as usual, or as the usual loss is.
    lower = max(min(float(lows.min()), 0.0), min(-usual, USUAL_LENGTHS * float(np.median(lows))))
    margin = 0.04 * (upper - lower)
    return (lower - margin if lower < 0 else 0.0), upper + margin


def wider_than_axis(rows: pd.DataFrame, break_even: float) -> int:
    """How many rows an axis of `shown_range` cuts."""
    ends = ("iroas_low", "iroas", "iroas_high")
    numbers = {name: rows[name].to_numpy(float) for name in ends}
    return int(intervals.beyond(numbers, ends, *shown_range(rows, break_even)).sum())


def spend_and_incremental(rows: pd.DataFrame, break_even: float, measure: Measure) -> Chart:
    """Spend of influencers against the incremental revenue that it brought.

    Args:
        rows: Rows of `data.performance` by influencer, with spend and incremental revenue, with
            label and is_chosen.
        break_even: iROAS from which an influencer is profitable.
        measure: Incremental revenue as the chosen method has it.
    """
    spends, revenues = (rows[column].astype(float) for column in ("spend", "incremental_revenue"))
    first, last = spends.min(), spends.max()
    linear_up_to = _linear_up_to(revenues.tolist())
    most_orders = max(int(rows["orders"].max()), 1)
    drawn = rows.assign(
        spend=spends,
        height=[symlog(revenue, linear_up_to) for revenue in revenues],
        told=_told(rows, "Incremental ROAS", measure),
        # The area tells the number, as an eye compares areas.
        size=(SMALLEST**2 + (LARGEST**2 - SMALLEST**2) * rows["orders"] / most_orders) ** 0.5,
        shade=rows["is_chosen"].map({True: 0.8, False: 0.2}),
    )
    has_intervals = bool(rows["iroas_low"].notna().any())
    colours = theme.verdicts(rows["verdict"]) if has_intervals else {"": BLUE}
    steps = [first * (last / first) ** (step / 40) for step in range(41)]
    lowest = symlog(min(0.0, 2 * float(revenues.min())), linear_up_to)
    highest = symlog(2 * max(last * break_even, float(revenues.max())), linear_up_to)
    heights = _signed_powers(revenues.tolist(), linear_up_to)
    traces = [
        theme.scatter(
            x=steps, y=[symlog(spend * break_even, linear_up_to) for spend in steps], mode="lines",
            line={"color": GREY, "dash": "dash", "width": 1.5}, hoverinfo="skip", showlegend=False,
        ),
        *(
            theme.scatter(
                x=part["spend"], y=part["height"], mode="markers", name=theme.capital(verdict),
                showlegend=has_intervals, customdata=part[["influencer_id", "told"]].to_numpy(),
                hovertemplate="%{customdata[1]}<extra></extra>",
                marker={
                    "color": colour, "size": part["size"], "opacity": part["shade"],
                    "line": {"width": 0},
                },
            )
            for verdict, colour in colours.items()
            for part in [drawn[(drawn["verdict"] == verdict) | (len(colours) == 1)]]
        ),
    ]  # fmt: skip
    above = int((revenues > break_even * spends).sum())
    drawing = theme.drawing(
        traces,
        380,
        hovermode="closest",
        hoverdistance=10,
        xaxis=_powers_axis("Spend", _powers(first, last), _powers(first, last))
        | {"type": "log", "range": [math.log10(first / 1.5), math.log10(last * 1.7)]},
        yaxis=_powers_axis(
            measure.label, heights, [symlog(height, linear_up_to) for height in heights]
        )
        | {"range": [lowest, highest]},
    )
    return Chart(
        drawing,
        f"Scatter of spend against {measure.label.lower()} of {count(len(rows))} influencers:"
        f" {count(above)} lie above the line of break-even, {money(spends.sum())} was spent on"
        " all.",
        rows[["influencer_id", "incremental_revenue", *FIGURES]],
        "zoom",
    )


def symlog(value: float, linear_up_to: float) -> float:
    """Where an amount stands on an axis of powers that goes through zero, which logarithms lack."""
    return math.copysign(math.log10(1 + abs(value) / linear_up_to), value)


def heat_map(
    cells: pd.DataFrame,
    personas: Sequence[str],
    platforms: Sequence[str],
    measure: Measure,
    break_even: float,
) -> Chart:
    """A measure of personas on platforms, written in the cells; cells without spend are empty.

    Args:
        cells: Rows of `data.performance` by persona and platform, with is_chosen.
        personas: Personas from top to bottom.
        platforms: Platforms from left to right.
        measure: What the cells show.
        break_even: iROAS from which a cell is profitable.
    """
    amounts = cells[measure.column].astype(float).tolist()
    verdicts = cells["verdict"].tolist()
    is_iroas = measure.column == "iroas"
    write = measure.write
    written = [
        (MARKS.get(verdict, "") if is_iroas else "") + write(amount)
        for amount, verdict in zip(amounts, verdicts, strict=True)
    ]
    fills = (
        [_around(*cell, break_even) for cell in zip(amounts, verdicts, strict=True)]
        if is_iroas
        else _up_to_most(amounts)
    )
    labels = [
        f"{persona} on {platform}"
        for persona, platform in zip(cells["persona"], cells["platform"], strict=True)
    ]
    told = _told(cells.assign(label=labels), "Incremental ROAS")
    inks = [
        _ink(fill) if is_chosen else GREY
        for fill, is_chosen in zip(fills, cells["is_chosen"], strict=True)
    ]
    # Cells are bars, which can be faded one by one.
    bars = theme.bar(
        orientation="h",
        base=[platforms.index(platform) - 0.49 for platform in cells["platform"]],
        x=[0.98] * len(cells),
        y=[personas.index(persona) for persona in cells["persona"]],
        text=written, textposition="inside", insidetextanchor="middle", textangle=0,
        insidetextfont={"color": inks},
        marker={
            "color": fills,
            "opacity": [1.0 if is_chosen else FADED for is_chosen in cells["is_chosen"]],
            "line": {"width": 0},
        },
        customdata=[
            list(cell) for cell in zip(cells["persona"], cells["platform"], told, strict=True)
        ],
        # Plotly fails to select bars with a text and an opacity each where this is not said.
        selected={"marker": {"opacity": 1.0}},
        hovertemplate="%{customdata[2]}<extra></extra>",
    )  # fmt: skip
    drawing = theme.drawing(
        [bars],
        CELL_HEIGHT * max(len(personas), 1) + ABOVE_CELLS,
        hovermode="closest",
        hoverdistance=20,
        bargap=0.08,
        barcornerradius=3,
        xaxis=intervals.names_axis(
            [escape(platform) for platform in platforms],
            range=[-0.5, len(platforms) - 0.5], side="top", tickangle=0,
        ),
        yaxis=intervals.names_axis(
            [escape(theme.cut(persona, LONGEST_NAME)) for persona in personas]
        ),
        margin={"t": 28},
    )  # fmt: skip
    best = cells.sort_values(measure.column, ascending=False).head(3)
    highest = [
        f"{persona} on {platform} {measure.write(amount)}"
        for persona, platform, amount in zip(
            best["persona"], best["platform"], best[measure.column], strict=True
        )
    ]
    columns = ["persona", "platform", measure.column, *FIGURES[1:]]
    return Chart(
        drawing,
        f"Heat map of {measure.label} of {count(len(personas))} personas on"
        f" {count(len(platforms))} platforms; highest: {'; '.join(highest)}.",
        cells[list(dict.fromkeys(columns))],
    )


def days_of_influencer(buckets: pd.DataFrame, posts: pd.DataFrame, bucket: Bucket) -> Chart:
    """Attributed revenue and spend of one influencer over time, with a mark for each post.

    Args:
        buckets: Rows of `data.Figures.over_time`.
        posts: Rows of `data.influencer_posts`.
        bucket: What a row of `buckets` covers.
    """
    orders = [f"{count(number)} orders" for number in buckets["orders"]]
    spend = theme.picks(buckets, [money(amount) for amount in buckets["spend"]])
    revenue = theme.picks(
        buckets,
        [
            f"{money(amount)}, {number}"
            for amount, number in zip(buckets["attributed_revenue"], orders, strict=True)
        ],
    )
    amounts = [*buckets["attributed_revenue"].astype(float), *buckets["spend"].astype(float), 1.0]
    marks = _post_marks(posts, max(amounts))
    traces = [
        theme.bars(buckets, "spend", "Spend", VERMILION, spend),
        theme.course(buckets, "attributed_revenue", "Attributed revenue", BLUE, revenue),
        theme.scatter(
            x=marks["post_date"], y=marks["height"], mode="markers", name="Post",
            marker={"symbol": "triangle-down", "size": 10, "color": GREEN},
            customdata=marks[["day", "day", "told"]].to_numpy(object),
            hovertemplate="%{customdata[2]}",
        ),
    ]  # fmt: skip
    title = "Day" if bucket == "day" else f"{bucket.capitalize()} from"
    first, last = buckets["bucket_start"].iloc[0], buckets["bucket_end"].iloc[-1]
    return Chart(
        theme.time_drawing(
            traces, 300, buckets["bucket"], title,
            yaxis=theme.money_axis([*amounts, *marks["height"]]),
            hoverdistance=HOVER_PIXELS,
        ),
        f"Attributed revenue and spend per {bucket}, {period(first.date(), last.date())}:"
        f" {money(buckets['attributed_revenue'].sum())} for {money(buckets['spend'].sum())}, with"
        f" {count(len(posts))} posts.",
        buckets[["bucket_start", "bucket_end", "attributed_revenue", "spend", "orders"]],
        "select",
    )  # fmt: skip


# --- Parts of charts ---------------------------------------------------------------------------


def _told(rows: pd.DataFrame, label: str, more: Measure | None = None) -> list[str]:
    """What the mouse shows: who it is, the return with its interval and what it rests on.

    Args:
        rows: Rows of `data.performance` with label, which may be empty.
        label: What the return is called.
        more: A measure that comes first.
    """
    # Wide frames are slow to take apart, and a measure looks its name and writer up each time.
    rows = rows[list(dict.fromkeys([*FIGURES, *([more.column] if more else [])]))]
    name, write = (more.label, more.write) if more else ("", str)
    return [
        "<br>".join(
            [
                *([f"<b>{escape(row['label'])}</b>"] if row["label"] else []),
                *([f"{name} {write(row[more.column])}"] if more else []),
                f"{label} {ratio(row['iroas'])}{_span(row['iroas_low'], row['iroas_high'])}",
                f"Probability of earning {percent(row['prob_profitable'])}",
                f"Verdict: {row['verdict']}",
                f"Spend {money(row['spend'])}, {count(row['orders'])} orders",
            ]
        )
        for row in rows.to_dict("records")
    ]


def _span(low: float | None, high: float | None) -> str:
    return "" if is_missing(low) or is_missing(high) else f" ({ratio(low)} to {ratio(high)})"


def _powers_axis(title: str, powers: Sequence[float], places: Sequence[float]) -> dict[str, Any]:
    return {
        "title": {"text": title}, "tickvals": list(places), "fixedrange": False,
        "ticktext": [money_tick(power) for power in powers],
    }  # fmt: skip


def _powers(first: float, last: float) -> list[float]:
    """Powers of ten that lie in a range of positive numbers, and the next on both sides."""
    return [
        10.0**power
        for power in range(math.floor(math.log10(first)), math.ceil(math.log10(last)) + 1)
    ]


def _signed_powers(amounts: Sequence[float], smallest: float) -> list[float]:
    most = max([abs(amount) for amount in amounts], default=1.0)
    powers = [power for power in _powers(smallest, max(most, smallest)) if power >= smallest]
    negative = [-power for power in reversed(powers)] if min(amounts, default=0.0) < 0 else []
    return [*negative, 0.0, *powers]


def _linear_up_to(amounts: Sequence[float]) -> float:
    """The power of ten below most amounts: nearer to zero a symmetric log scale is linear."""
    sizes = sorted(abs(amount) for amount in amounts if amount)
    return 10.0 ** math.floor(math.log10(sizes[len(sizes) // 10])) if sizes else 1.0


def _up_to_most(amounts: Sequence[float]) -> list[str]:
    """Colours of amounts, from nothing to the most."""
    known = [0.0 if math.isnan(amount) else amount for amount in amounts]
    most = max(known, default=0.0)
    shares = [math.sqrt(max(amount, 0.0) / most) if most > 0 else 0.0 for amount in known]
    return [_between(PALE, DEEP, share) for share in shares]


def _around(amount: float, verdict: str, middle: float) -> str:
    """The colour of a return above or below the break-even; pale where it cannot be told."""
    if math.isnan(amount):
        return NEITHER
    strength = 1.0 if verdict in MARKS else PALE_STRENGTH
    if amount < middle:
        return _between(NEITHER, BELOW, strength * min(1.0, (middle - amount) / middle))
    return _between(NEITHER, ABOVE, strength * min(1.0, (amount - middle) / (3 * middle)))


def _between(start: str, end: str, share: float) -> str:
    mixed = [
        round(one + (other - one) * share)
        for one, other in zip(theme.channels(start), theme.channels(end), strict=True)
    ]
    return "#" + "".join(f"{channel:02X}" for channel in mixed)


def _ink(fill: str) -> str:
    """Dark or light writing, whichever stands out more on a colour (WCAG contrast)."""
    light = _luminance(fill)
    on_dark_ink = (light + 0.05) / (_luminance(DARK_INK) + 0.05)
    return DARK_INK if on_dark_ink >= 1.05 / (light + 0.05) else LIGHT_INK


def _luminance(colour: str) -> float:
    shares = [channel / 255 for channel in theme.channels(colour)]
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _post_marks(posts: pd.DataFrame, top: float) -> pd.DataFrame:
    """A mark for each post above the lines; several of a day stand on each other, and are told."""
    if posts.empty:
        return pd.DataFrame(columns=["post_date", "height", "day", "told"])
    told = [
        f"{escape(str(post['post_type']))}, reach {_reach(post['reach'])},"
        f" {money(post['attributed_revenue'])}"
        + (f"<br>Caption: {escape(theme.cut(caption, LONGEST_CAPTION))}" if caption else "")
        for post in posts.to_dict("records")
        for caption in [" ".join(str(post["caption"] or "").split())]
    ]
    days = pd.Series(told, posts.index).groupby(posts["post_date"])
    return pd.DataFrame(
        {
            "post_date": posts["post_date"],
            "height": top * (1.08 + 0.07 * posts.groupby("post_date").cumcount()),
            "day": posts["post_date"].dt.strftime("%Y-%m-%d"),
            "told": [
                f"{day(date.date())}<br>{text}"
                for date, text in zip(posts["post_date"], days.transform("<br>".join), strict=True)
            ],
        }
    )


def _reach(reach: Any) -> str:
    return NOTHING if pd.isna(reach) else count(reach)


def _first_rows(rows: pd.DataFrame) -> str:
    told = [
        f"{label} {ratio(point)}{_span(low, high)}"
        for label, point, low, high in zip(
            rows["label"], rows["iroas"], rows["iroas_low"], rows["iroas_high"], strict=True
        )
    ]
    return f"First are {names(told)}." if told else ""
