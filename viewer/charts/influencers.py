"""Charts of influencers and personas: rankings with intervals, scatter, heat map, one by day."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape
from typing import Literal

import numpy as np
import pandas as pd

from viewer.charts import intervals, theme
from viewer.charts.theme import BLUE, FADED, GREEN, GREY, VERMILION, Chart, Trace
from viewer.data import OUT_OF_REACH, Bucket
from viewer.format import count, day, money, names, percent, period, ratio
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
BREAK_EVEN_LINE = {"color": GREY, "dash": "dash", "width": 1.5}
# A post is told near its day only, and days, weeks or months from half way to the next.
HOVER_PIXELS = 40

Field = Literal["influencer_id", "persona"]
RETURN = ["iroas", "iroas_low", "iroas_high"]
FIGURES = ["label", *RETURN, "prob_profitable", "verdict", "spend", "orders"]


def interval_ranking(
    rows: pd.DataFrame, field: Field, measure: Measure, break_even: float, what: str
) -> Chart:
    """Incremental ROAS of each row with its interval, in order; a click picks a field.

    Rows are those of `data.performance` with label (unique) and is_chosen; `measure` is incremental
    ROAS as the chosen method has it, `what` says in words what is ranked and by what.
    """
    lower, upper = shown_range(rows, break_even)
    # The axis tells a name that is not too long for it.
    cut = rows["label"].where(rows["label"].str.len() > LONGEST_NAME, "")
    value, low, high = (rows[name].to_numpy(float) for name in RETURN)
    drawn = {
        "key": rows[field].tolist(),
        "value": value,
        "low": low,
        "high": high,
        "verdict": rows["verdict"].tolist(),
        "is_chosen": rows["is_chosen"].tolist(),
        "told": _told(rows.assign(label=cut), measure.label),
        "unknown": ["no figure"] * len(rows),
    }
    colours = _verdicts(rows)
    drawing = theme.drawing(
        [
            *intervals.traces(drawn, lower, upper, colours, has_legend=len(colours) > 1),
            # The second axis needs something to stand beside.
            theme.scatter(x=[None], y=[None], yaxis="y2", showlegend=False, hoverinfo="skip"),
        ],
        ROW_HEIGHT * max(len(rows), 1) + AROUND_ROWS,
        hovermode="y unified",
        xaxis={
            "title": {"text": measure.label}, "range": [lower, upper], "side": "top",
            "ticksuffix": "x",
        },
        yaxis=intervals.names_axis(_short_names(rows["label"])),
        yaxis2=intervals.names_axis(
            [count(number) for number in rows["orders"]], overlaying="y", side="right"
        ),
        shapes=_break_even_line(break_even),
        annotations=[
            {
                "text": "Orders", "x": 1, "xref": "paper", "xanchor": "left", "y": 1,
                "yref": "paper", "yanchor": "bottom", "yshift": 4, "showarrow": False,
            }
        ],
        legend={"y": 0, "yanchor": "top"},
        margin={"t": 44, "r": 48},
    )  # fmt: skip
    first = names([
        f"{name} {theme.estimate(ratio, *row)}"
        for name, *row in zip(rows["label"], value, low, high, strict=True)
    ])  # fmt: skip
    return Chart(
        drawing,
        f"Ranking of {what}: {measure.label} with its interval, {_against(break_even)}."
        f" {f'First are {first}.' if first else ''}",
        rows[list(dict.fromkeys([field, *FIGURES]))],
        "zoom",
    )


def _break_even_line(break_even: float) -> list[Trace]:
    if break_even > OUT_OF_REACH:
        return []
    across = {"x0": break_even, "x1": break_even, "yref": "paper", "y0": 0, "y1": 1}
    return [{"type": "line", "line": BREAK_EVEN_LINE, "layer": "below"} | across]


def _in_sight(break_even: float) -> float:
    """What an axis has room for: the break-even, or where it is out of reach, the spend."""
    return break_even if break_even <= OUT_OF_REACH else 1.0


def _against(break_even: float) -> str:
    if break_even > OUT_OF_REACH:
        return "with the break-even out of reach"
    return f"against a break-even of {ratio(break_even)}"


def _short_names(whole: Iterable[str]) -> list[str]:
    return [escape(theme.cut(name, LONGEST_NAME)) for name in whole]


def _verdicts(rows: pd.DataFrame) -> dict[str, str]:
    """Colours of verdicts; one without a name where there are no intervals to judge by."""
    return theme.verdicts(rows["verdict"]) if rows["iroas_low"].notna().any() else {"": BLUE}


def shown_range(rows: pd.DataFrame, break_even: float) -> tuple[float, float]:
    """Ends of an axis of iROAS that a few wide intervals do not rule, break-even in sight."""
    break_even = _in_sight(break_even)
    middle, low, high = (rows[name].to_numpy(float) for name in RETURN)
    lows, highs = (np.where(np.isnan(end), middle, end) for end in (low, high))
    lows, highs = lows[~np.isnan(lows)], highs[~np.isnan(highs)]
    if not len(highs):
        return 0.0, 2 * break_even
    usual = max(float(np.median(highs)), break_even)
    end = USUAL_LENGTHS * usual
    earners = middle[(rows["verdict"] == "profitable").to_numpy()]
    farthest = max([end, *earners[earners <= EARNERS_LENGTHS * end].tolist()])
    upper = min(max(float(highs.max()), break_even), farthest)
    # Below zero an axis is as long as usual, or as the usual loss is.
    lower = max(min(float(lows.min()), 0.0), min(-usual, USUAL_LENGTHS * float(np.median(lows))))
    margin = 0.04 * (upper - lower)
    return (lower - margin if lower < 0 else 0.0), upper + margin


def wider_than_axis(rows: pd.DataFrame, break_even: float) -> int:
    """How many rows an axis of `shown_range` cuts."""
    numbers = {name: rows[name].to_numpy(float) for name in RETURN}
    return int(intervals.beyond(numbers, RETURN, *shown_range(rows, break_even)).sum())


def spend_and_incremental(rows: pd.DataFrame, break_even: float, measure: Measure) -> Chart:
    """Spend of influencers against the incremental revenue that it brought.

    Rows are those of `data.performance` that have both, with label and is_chosen; `measure` is
    incremental revenue as the chosen method has it.
    """
    spends, revenues = (rows[column].astype(float) for column in ("spend", "incremental_revenue"))
    first, last = spends.min(), spends.max()
    linear_up_to = _linear_up_to(revenues.tolist())

    def heights(amounts: Iterable[float]) -> list[float]:
        return [symlog(amount, linear_up_to) for amount in amounts]

    drawn = rows.assign(
        spend=spends,
        height=heights(revenues),
        told=_told(rows, "Incremental ROAS", measure),
        # The area tells the number, as an eye compares areas.
        size=(
            SMALLEST**2
            + (LARGEST**2 - SMALLEST**2) * rows["orders"] / max(int(rows["orders"].max()), 1)
        )
        ** 0.5,
        shade=rows["is_chosen"].map({True: 0.8, False: 0.2}),
    )
    colours = _verdicts(rows)
    steps = np.geomspace(first, last, 41).tolist()
    line = theme.scatter(
        x=steps, y=heights(spend * break_even for spend in steps), mode="lines",
        line=BREAK_EVEN_LINE, hoverinfo="skip", showlegend=False,
    )  # fmt: skip
    traces = [
        *([line] if break_even <= OUT_OF_REACH else []),
        *(
            theme.scatter(
                x=part["spend"], y=part["height"], mode="markers", name=theme.capital(verdict),
                showlegend=bool(verdict), customdata=part[["influencer_id", "told"]].to_numpy(),
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
    powers, amounts = _powers(first, last), _signed_powers(revenues.tolist(), linear_up_to)
    drawing = theme.drawing(
        traces,
        380,
        hovermode="closest",
        hoverdistance=10,
        xaxis={
            "title": {"text": "Spend"}, "fixedrange": False, "type": "log",
            "range": [math.log10(first / 1.5), math.log10(last * 1.7)],
        } | theme.money_ticks(powers),
        yaxis={
            "title": {"text": measure.label}, "fixedrange": False,
            "range": heights([
                min(0.0, 2 * revenues.min()),
                2 * max(last * _in_sight(break_even), revenues.max()),
            ]),
        } | theme.money_ticks(heights(amounts), amounts),
    )  # fmt: skip
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
    few: int,
) -> Chart:
    """A measure of personas on platforms, written in the cells; cells without spend are empty.

    Cells are rows of `data.performance` by both that have the measure, with is_chosen. Personas go
    from top to bottom. Cells of no more than `few` influencers say how many they are.
    """
    amounts = cells[measure.column].astype(float).tolist()
    of_persona, on_platform, verdicts, is_chosen = (
        cells[name].tolist() for name in ("persona", "platform", "verdict", "is_chosen")
    )
    written = [measure.write(amount) for amount in amounts]
    labels = [f"{one} on {other}" for one, other in zip(of_persona, on_platform, strict=True)]
    if measure.column == "iroas":
        judged = zip(amounts, verdicts, strict=True)
        fills = [_around(amount, verdict, break_even) for amount, verdict in judged]
        marks = [MARKS.get(verdict, "") for verdict in verdicts]
        texts = [mark + text for mark, text in zip(marks, written, strict=True)]
    else:
        fills, texts = _up_to_most(amounts), written
    texts = [
        f"{text} ({count(number)})" if number <= few else text
        for text, number in zip(texts, cells["influencers"], strict=True)
    ]
    inks = [_ink(fill) if chosen else GREY for fill, chosen in zip(fills, is_chosen, strict=True)]
    told = _told(cells.assign(label=labels), "Incremental ROAS")
    # Cells are bars, which can be faded one by one.
    bars = theme.bar(
        orientation="h",
        base=[platforms.index(platform) - 0.49 for platform in on_platform],
        x=[0.98] * len(cells),
        y=[personas.index(persona) for persona in of_persona],
        text=texts, textposition="inside", insidetextanchor="middle", textangle=0,
        insidetextfont={"color": inks},
        marker={
            "color": fills,
            "opacity": [1.0 if chosen else FADED for chosen in is_chosen],
            "line": {"width": 0},
        },
        customdata=[list(cell) for cell in zip(of_persona, on_platform, told, strict=True)],
        # Plotly fails to select bars with a text and an opacity each where this is not said.
        selected={"marker": {"opacity": 1.0}},
        hovertemplate="%{customdata[2]}<extra></extra>",
    )  # fmt: skip
    drawing = theme.drawing(
        [bars],
        CELL_HEIGHT * len(personas) + ABOVE_CELLS,
        hovermode="closest",
        hoverdistance=20,
        bargap=0.08,
        barcornerradius=3,
        xaxis=intervals.names_axis(
            [escape(platform) for platform in platforms],
            range=[-0.5, len(platforms) - 0.5], side="top", tickangle=0,
        ),
        yaxis=intervals.names_axis(_short_names(personas)),
        margin={"t": 28},
    )  # fmt: skip
    best = cells[measure.column].reset_index(drop=True).sort_values(ascending=False).index[:3]
    highest = "; ".join(f"{labels[place]} {written[place]}" for place in best)
    columns = ["persona", "platform", measure.column, *FIGURES[1:]]
    return Chart(
        drawing,
        f"Heat map of {measure.label} of {count(len(personas))} personas on"
        f" {count(len(platforms))} platforms; highest: {highest}.",
        cells[list(dict.fromkeys(columns))],
    )


def days_of_influencer(buckets: pd.DataFrame, posts: pd.DataFrame, bucket: Bucket) -> Chart:
    """`data.Figures.over_time` of one influencer, with marks for `data.influencer_posts`."""
    spend = theme.picks(buckets, [money(amount) for amount in buckets["spend"]])
    revenue = theme.picks(
        buckets,
        [
            f"{money(amount)}, {count(orders)} orders"
            for amount, orders in zip(buckets["attributed_revenue"], buckets["orders"], strict=True)
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
    """What the mouse shows of `data.performance`: name, if any, `more`, return and its basis."""
    # Wide frames are slow to take apart, and a measure looks its name and writer up each time.
    rows = rows[list(dict.fromkeys([*FIGURES, *([more.column] if more else [])]))]
    name, write = (more.label, more.write) if more else ("", str)
    return [
        "<br>".join(
            [
                *([f"<b>{escape(row['label'])}</b>"] if row["label"] else []),
                *([f"{name} {write(row[more.column])}"] if more else []),
                f"{label} {theme.estimate(ratio, *(row[column] for column in RETURN))}",
                f"Probability of earning {percent(row['prob_profitable'])}",
                f"Verdict: {row['verdict']}",
                f"Spend {money(row['spend'])}, {count(row['orders'])} orders",
            ]
        )
        for row in rows.to_dict("records")
    ]


def _powers(first: float, last: float) -> list[float]:
    """Powers of ten that lie in a range of positive numbers, and the next on both sides."""
    return [
        10.0**power
        for power in range(math.floor(math.log10(first)), math.ceil(math.log10(last)) + 1)
    ]


def _signed_powers(amounts: Sequence[float], smallest: float) -> list[float]:
    powers = _powers(smallest, max(smallest, *map(abs, amounts)))
    negative = [-power for power in reversed(powers)] if min(amounts) < 0 else []
    return [*negative, 0.0, *powers]


def _linear_up_to(amounts: Sequence[float]) -> float:
    """The power of ten below most amounts: nearer to zero a symmetric log scale is linear."""
    sizes = sorted(abs(amount) for amount in amounts if amount)
    return 10.0 ** math.floor(math.log10(sizes[len(sizes) // 10])) if sizes else 1.0


def _up_to_most(amounts: Sequence[float]) -> list[str]:
    """Colours of amounts, from nothing to the most."""
    most = max(amounts)
    shares = [math.sqrt(max(amount, 0.0) / most) if most > 0 else 0.0 for amount in amounts]
    return [_between(PALE, DEEP, share) for share in shares]


def _around(amount: float, verdict: str, middle: float) -> str:
    """The colour of a return above or below the break-even; pale where it cannot be told."""
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
    shares = [channel / 255 for channel in theme.channels(fill)]
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    )
    # Black and white, whose luminances are 0 and 1, stand out alike at the root of 0.05 × 1.05.
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return DARK_INK if (luminance + 0.05) ** 2 >= 0.05 * 1.05 else LIGHT_INK


def _post_marks(posts: pd.DataFrame, top: float) -> pd.DataFrame:
    """A mark for each post above the lines; several of a day stand on each other, and are told."""
    if posts.empty:
        return pd.DataFrame(columns=["post_date", "height", "day", "told"])
    told = [
        f"{escape(str(post['post_type']))}, reach {count(post['reach'])},"
        f" {money(post['attributed_revenue'])}"
        + (f"<br>Caption: {escape(theme.cut(caption, LONGEST_CAPTION))}" if caption else "")
        for post in posts.astype({"reach": float}).to_dict("records")
        for caption in [" ".join(str(post["caption"] or "").split())]
    ]
    of_day = pd.Series(told, posts.index).groupby(posts["post_date"]).transform("<br>".join)
    return pd.DataFrame(
        {
            "post_date": posts["post_date"],
            "height": top * (1.08 + 0.07 * posts.groupby("post_date").cumcount()),
            "day": posts["post_date"].dt.strftime("%Y-%m-%d"),
            "told": [
                f"{day(date.date())}<br>{text}"
                for date, text in zip(posts["post_date"], of_day, strict=True)
            ],
        }
    )
