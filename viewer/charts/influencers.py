"""Charts of influencers and personas: rankings with intervals, scatter, heat map, one by day."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pandas as pd

from viewer.charts.base import (
    BLUE,
    GREEN,
    GREY,
    VERDICT_COLOURS,
    VERMILION,
    Chart,
    Spec,
    bars,
    chart,
    colours,
    course,
    hover_rule,
    money_axis,
    money_text,
    ratio_text,
    records,
    time_axis,
    tooltip,
)
from viewer.data import Bucket
from viewer.format import NOTHING, count, money, money_expression, names, period, ratio
from viewer.measures import Measure

# What a click picks; pages read it from the state of the chart.
PICK = "pick"
FADED = 0.25
LONGEST_NAME = 26
ROW_HEIGHT, CELL_HEIGHT = 22, 27
# What legend and axis above the rows take up.
HEAD_HEIGHT, CELLS_HEAD_HEIGHT = 100, 40
# An axis ends where it is this many times as long as the usual interval; longer ones get an arrow.
USUAL_LENGTHS = 2.5
# It ends later, up to so many times as far, where estimates lie that surely earn.
EARNERS_LENGTHS = 2.0
# Ends of the scales of cells, and writing that can be read on them, on light and dark pages alike.
PALE, DEEP = "#CFE3F1", "#0B4F8A"
BELOW, NEITHER, ABOVE = "#C4540A", "#E4E1DA", "#0B5FA5"
# How much of its colour a cell has whose interval holds the break-even.
PALE_STRENGTH = 0.35
DARK_INK, LIGHT_INK = "#000000", "#FFFFFF"
LONGEST_CAPTION = 60

Field = Literal["influencer_id", "persona"]


def interval_ranking(
    rows: pd.DataFrame, field: Field, measure: Measure, break_even: float, what: str
) -> Chart:
    """Incremental ROAS of each row with its interval, in the order of the rows.

    Args:
        rows: Rows of `data.performance` with label (unique) and is_chosen.
        field: Column that a click picks.
        measure: Incremental ROAS as the chosen method has it.
        break_even: iROAS from which a row earns.
        what: What is ranked and by what, in words.
    """
    lower, upper = shown_range(rows, break_even)
    has_intervals = bool(rows["iroas_low"].notna().any())
    fields = [field, "label", "iroas", "iroas_low", "iroas_high", "prob_profitable", "spend"]
    values = records(
        rows.assign(
            is_chosen=rows["is_chosen"].astype(bool),
            from_here=rows["iroas_low"].clip(lower, upper),
            to_here=rows["iroas_high"].clip(lower, upper),
            here=rows["iroas"].clip(lower, upper),
            goes_on_left=(rows["iroas_low"] < lower) | (rows["iroas"] < lower),
            goes_on_right=(rows["iroas_high"] > upper) | (rows["iroas"] > upper),
        ),
        *dict.fromkeys([*fields, field]),
        *("orders", "verdict", "is_chosen", "from_here", "to_here", "here"),
        *("goes_on_left", "goes_on_right"),
    )
    labels = rows["label"].tolist()
    names_axis = _names_axis(labels)
    # The axis of names is drawn once, on the left, and that of orders on the right.
    y = names_axis | {"axis": None}
    x = {
        "type": "quantitative",
        "scale": {"domain": [lower, upper], "nice": False, "zero": False},
        "axis": {
            "title": measure.label,
            "labelExpr": "format(datum.value, ',.3~r') + 'x'",
            "tickCount": 6,
            "orient": "top",
        },
    }
    colour = _verdict_colour(rows) if has_intervals else {"value": BLUE}
    opacity = {"condition": {"test": "datum.is_chosen", "value": 1}, "value": FADED}
    shared = {"y": y, "opacity": opacity, "color": colour}
    layers: list[Spec] = [
        {
            "mark": {"type": "rule", "strokeDash": [4, 3], "strokeWidth": 1.5, "color": GREY},
            "encoding": {"x": x | {"datum": break_even}},
        },
        {
            "mark": {"type": "rule", "strokeWidth": 4, "strokeCap": "round"},
            "encoding": shared | {"x": x | {"field": "from_here"}, "x2": {"field": "to_here"}},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
            "transform": [
                {"filter": f"isValid(datum.iroas) && inrange(datum.iroas, [{lower}, {upper}])"}
            ],
            "encoding": shared | {"x": x | {"field": "here"}},
        },
        _arrow(x, shared, "goes_on_left", lower, "triangle-left"),
        _arrow(x, shared, "goes_on_right", upper, "triangle-right"),
        {
            "mark": {
                "type": "text",
                "align": "left",
                "dx": 6,
                "color": GREY,
                "fontStyle": "italic",
            },
            "transform": [{"filter": "!isValid(datum.iroas)"}],
            "encoding": {"y": y, "x": x | {"datum": break_even}, "text": {"value": "no figure"}},
        },
        {"mark": {"type": "point", "opacity": 0}, "encoding": {"y": names_axis}},
        _orders_axis(y, labels, [count(orders) for orders in rows["orders"].tolist()]),
        _clickable_rows(y, field, _INTERVAL_TOOLTIP),
    ]
    return Chart(
        chart(
            values,
            layers,
            height=ROW_HEIGHT * max(len(labels), 1) + HEAD_HEIGHT,
            transform=_interval_texts(),
            resolve={"axis": {"y": "independent"}},
        ),
        f"Ranking of {what}: {measure.label} with its interval, against a break-even of"
        f" {ratio(break_even)}. {_first_rows(rows)}",
    )


def shown_range(rows: pd.DataFrame, break_even: float) -> tuple[float, float]:
    """From where to where an axis of iROAS goes, so that a few wide intervals do not rule it.

    Args:
        rows: Rows with iroas, iroas_low and iroas_high.
        break_even: Is always in sight.
    """
    highs = rows["iroas_high"].fillna(rows["iroas"]).dropna()
    lows = rows["iroas_low"].fillna(rows["iroas"]).dropna()
    if highs.empty:
        return 0.0, 2 * break_even
    usual = max(float(highs.median()), break_even)
    end = USUAL_LENGTHS * usual
    earners = rows.loc[rows["iroas_low"] > break_even, "iroas"]
    farthest = float(earners[earners <= EARNERS_LENGTHS * end].max())
    upper = min(
        max(float(highs.max()), break_even), end if math.isnan(farthest) else max(end, farthest)
    )
    # Below zero an axis is as long as usual, or as the usual loss is.
    lower = max(min(float(lows.min()), 0.0), min(-usual, USUAL_LENGTHS * float(lows.median())))
    margin = 0.04 * (upper - lower)
    return (lower - margin if lower < 0 else 0.0), upper + margin


def wider_than_axis(rows: pd.DataFrame, break_even: float) -> int:
    """How many rows an axis of `shown_range` cuts."""
    lower, upper = shown_range(rows, break_even)
    ends = rows[["iroas_low", "iroas", "iroas_high"]]
    return int(((ends < lower) | (ends > upper)).any(axis=1).sum())


def spend_and_incremental(rows: pd.DataFrame, break_even: float, measure: Measure) -> Chart:
    """Spend of influencers against the incremental revenue that it brought.

    Args:
        rows: Rows of `data.performance` by influencer, with spend and incremental revenue, with
            label and is_chosen.
        break_even: iROAS from which an influencer earns.
        measure: Incremental revenue as the chosen method has it.
    """
    has_intervals = bool(rows["iroas_low"].notna().any())
    values = records(
        rows.assign(is_chosen=rows["is_chosen"].astype(bool)),
        *("influencer_id", "label", "spend", "incremental_revenue", "iroas", "iroas_low"),
        *("iroas_high", "prob_profitable", "orders", "verdict", "is_chosen"),
    )
    spends = [float(spend) for spend in rows["spend"]]
    revenues = [float(revenue) for revenue in rows["incremental_revenue"]]
    first, last = min(spends, default=1.0), max(spends, default=1.0)
    linear_up_to = _linear_up_to(revenues)
    x = {
        "field": "spend",
        "type": "quantitative",
        "scale": {"type": "log", "nice": False, "domain": [first / 1.5, last * 1.7]},
        "axis": _powers_axis("Spend", _powers(first, last)),
    }
    steps = [first * (last / first) ** (step / 40) for step in range(41)]
    needed = last * break_even
    y = {
        "field": "incremental_revenue",
        "type": "quantitative",
        "scale": {
            "type": "symlog",
            "constant": linear_up_to,
            "nice": False,
            "domain": [min(0.0, 2 * min(revenues)), 2 * max(needed, *revenues)],
        },
        "axis": _powers_axis(measure.label, _signed_powers(revenues, linear_up_to)),
    }
    layers: list[Spec] = [
        {
            "data": {"values": [{"at": at, "needed": at * break_even} for at in steps]},
            "mark": {"type": "line", "strokeDash": [4, 3], "strokeWidth": 1.5, "color": GREY},
            "encoding": {"x": x | {"field": "at"}, "y": y | {"field": "needed"}},
        },
        {
            "mark": {"type": "circle", "cursor": "pointer"},
            "params": [_pick("influencer_id")],
            "encoding": {
                "x": x,
                "y": y,
                "size": {
                    "field": "orders",
                    "type": "quantitative",
                    "scale": {"range": [40, 600], "zero": True},
                    "legend": None,
                },
                "color": _verdict_colour(rows) if has_intervals else {"value": BLUE},
                "opacity": {"condition": {"test": "datum.is_chosen", "value": 0.8}, "value": 0.2},
                "tooltip": tooltip(
                    {"label": "Influencer", "incremental_revenue_text": measure.label}
                    | _INTERVAL_TOOLTIP
                ),
            },
        },
    ]
    above = int((rows["incremental_revenue"] > break_even * rows["spend"]).sum())
    return Chart(
        chart(
            values,
            layers,
            height=360,
            transform=[*_interval_texts(), *money_text("incremental_revenue")],
        ),
        f"Scatter of spend against {measure.label.lower()} of {count(len(rows))} influencers:"
        f" {count(above)} lie above the line of break-even, {money(sum(spends))} was spent on all.",
    )


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
        break_even: iROAS from which a cell earns.
    """
    amounts = [None if math.isnan(amount) else float(amount) for amount in cells[measure.column]]
    verdicts = cells["verdict"].tolist()
    if measure.column == "iroas":
        fills = [
            _around(amount, break_even, verdict)
            for amount, verdict in zip(amounts, verdicts, strict=True)
        ]
        marks = {"earns": "▲ ", "loses": "▼ "}
    else:
        fills, marks = _up_to_most(amounts), {}
    values = records(
        cells.assign(
            label=cells["persona"] + " on " + cells["platform"],
            is_chosen=cells["is_chosen"].astype(bool),
            fill=fills,
            ink=[_ink(fill) for fill in fills],
            written=[
                marks.get(verdict, "") + measure.write(amount)
                for amount, verdict in zip(amounts, verdicts, strict=True)
            ],
        ),
        *("persona", "platform", "label", "fill", "ink", "written", "is_chosen"),
        *("spend", "orders", "iroas", "iroas_low", "iroas_high", "prob_profitable", "verdict"),
    )
    x = {
        "field": "platform",
        "type": "nominal",
        "sort": list(platforms),
        "axis": {"title": None, "orient": "top", "labelAngle": 0, "ticks": False, "domain": False},
    }
    y = _names_axis(personas) | {"field": "persona"}
    opacity = {"condition": {"test": "datum.is_chosen", "value": 1}, "value": FADED}
    layers: list[Spec] = [
        {
            "mark": {"type": "rect", "cornerRadius": 3, "cursor": "pointer"},
            "params": [_pick("persona", "platform")],
            "encoding": {
                "x": x | {"scale": {"paddingInner": 0.04}},
                "y": y | {"scale": {"paddingInner": 0.08}},
                "color": {"field": "fill", "type": "nominal", "scale": None},
                "opacity": opacity,
                "tooltip": tooltip({"label": "Persona"} | _INTERVAL_TOOLTIP),
            },
        },
        {
            # Writing takes no clicks away from the cell under it.
            "mark": {"type": "text", "fontSize": 12, "interactive": False},
            "encoding": {
                "x": x,
                "y": y,
                "text": {"field": "written"},
                "color": {
                    "condition": {
                        "test": "datum.is_chosen",
                        "field": "ink",
                        "type": "nominal",
                        "scale": None,
                    },
                    "value": GREY,
                },
            },
        },
    ]
    spec = chart(
        values,
        layers,
        height=CELL_HEIGHT * max(len(personas), 1) + CELLS_HEAD_HEIGHT,
        transform=_interval_texts(),
    )
    best = cells.sort_values(measure.column, ascending=False).head(3)
    told = [
        f"{persona} on {platform} {measure.write(amount)}"
        for persona, platform, amount in zip(
            best["persona"], best["platform"], best[measure.column], strict=True
        )
    ]
    return Chart(
        spec,
        f"Heat map of {measure.label} of {count(len(personas))} personas on"
        f" {count(len(platforms))} platforms; highest: {'; '.join(told)}.",
    )


def days_of_influencer(buckets: pd.DataFrame, posts: pd.DataFrame, bucket: Bucket) -> Chart:
    """Attributed revenue and spend of one influencer over time, with a mark for each post.

    Args:
        buckets: Rows of `data.influencer_over_time`.
        posts: Rows of `data.influencer_posts`.
        bucket: What a row of `buckets` covers.
    """
    rows = records(
        buckets.assign(day=buckets["bucket"]),
        "day", "is_cut", "attributed_revenue", "spend", "orders",
    )  # fmt: skip
    x = time_axis("day")
    members = {"Attributed revenue": BLUE, "Spend": VERMILION, "Post": GREEN}
    scale = colours(members)
    width = max(2, min(18, 620 // max(len(rows), 1)))
    top = max([*buckets["attributed_revenue"].tolist(), *buckets["spend"].tolist(), 1.0])
    shown = {
        "day": f"{bucket.capitalize()} from" if bucket != "day" else "Day",
        "attributed_revenue_text": "Attributed revenue",
        "spend_text": "Spend",
        "orders": "Orders",
    }
    layers: list[Spec] = [
        bars(x, money_axis("spend"), {"datum": "Spend", "scale": scale}, width),
        *course(
            rows,
            x,
            money_axis("attributed_revenue"),
            {"datum": "Attributed revenue", "scale": scale},
        ),
        hover_rule(x, shown),
        {
            "data": {"values": _post_marks(posts, top)},
            "transform": money_text("attributed_revenue"),
            "mark": {"type": "point", "shape": "triangle-down", "filled": True, "size": 80},
            "encoding": {
                "x": x,
                "y": money_axis("height"),
                "color": {"datum": "Post", "scale": scale},
                "tooltip": tooltip(
                    {
                        "day": "Posted on",
                        "post_type": "Kind",
                        "caption": "Caption",
                        "reach_text": "Reach",
                        "attributed_revenue_text": "Attributed revenue",
                    }
                ),
            },
        },
    ]
    first, last = buckets["bucket_start"].iloc[0], buckets["bucket_end"].iloc[-1]
    return Chart(
        chart(rows, layers, height=300, transform=money_text("attributed_revenue", "spend")),
        f"Attributed revenue and spend per {bucket}, {period(first.date(), last.date())}:"
        f" {money(buckets['attributed_revenue'].sum())} for {money(buckets['spend'].sum())}, with"
        f" {count(len(posts))} posts.",
    )


# --- Parts of charts ---------------------------------------------------------------------------

_INTERVAL_TOOLTIP = {
    "iroas_text": "Incremental ROAS",
    "iroas_low_text": "at least",
    "iroas_high_text": "at most",
    "chance": "Probability of earning",
    "verdict": "Verdict",
    "spend_text": "Spend",
    "orders": "Orders",
}


def _interval_texts() -> list[Spec]:
    chance = "format(100 * datum.prob_profitable, '.1f') + ' %'"
    return [
        *ratio_text("iroas", "iroas_low", "iroas_high"),
        *money_text("spend"),
        {"calculate": f"isValid(datum.prob_profitable) ? {chance} : '–'", "as": "chance"},
    ]


def _pick(*fields: str) -> Spec:
    select = {"type": "point", "on": "click", "toggle": False, "fields": list(fields)}
    return {"name": PICK, "select": select}


def _names_axis(labels: Sequence[str]) -> Spec:
    """Names from top to bottom in this order; long ones are cut on the axis only."""
    shown = {label: _cut(label, LONGEST_NAME) for label in labels if len(label) > LONGEST_NAME}
    axis: Spec = {
        "title": None,
        "ticks": False,
        "domain": False,
        "labelLimit": 170,
        "labelOverlap": False,
        "labelFlush": False,
        "labelBound": False,
    }
    if shown:
        axis["labelExpr"] = f"({json.dumps(shown)})[datum.value] || datum.value"
    return {"field": "label", "type": "nominal", "sort": list(labels), "axis": axis}


def _orders_axis(y: Spec, labels: Sequence[str], orders: Sequence[str]) -> Spec:
    """A second axis on the right, with the number of orders of each row."""
    written = json.dumps(dict(zip(labels, orders, strict=True)))
    axis = {
        "orient": "right",
        "title": "Orders",
        "titleAngle": 0,
        "titleAlign": "left",
        "titleAnchor": "start",
        "titleX": 6,
        "titleY": -32,
        "ticks": False,
        "domain": False,
        "labelOverlap": False,
        "labelFlush": False,
        "labelBound": False,
        "labelExpr": f"({written})[datum.value]",
    }
    return {"mark": {"type": "point", "opacity": 0}, "encoding": {"y": y | {"axis": axis}}}


def _clickable_rows(y: Spec, field: Field, shown: Mapping[str, str]) -> Spec:
    """The whole of each row takes clicks and shows the tooltip: points are small on a phone."""
    return {
        "mark": {"type": "bar", "opacity": 0, "cursor": "pointer", "height": {"band": 1}},
        "params": [_pick(field)],
        "encoding": {
            "y": y,
            "x": {"value": 0},
            "x2": {"value": "width"},
            "tooltip": tooltip({"label": "Who"} | dict(shown)),
        },
    }


def _arrow(x: Spec, shared: Spec, flag: str, at: float, shape: str) -> Spec:
    return {
        "mark": {"type": "point", "filled": True, "shape": shape, "size": 70, "opacity": 1},
        "transform": [{"filter": f"datum.{flag}"}],
        "encoding": shared | {"x": x | {"datum": at}},
    }


def _verdict_colour(rows: pd.DataFrame) -> Spec:
    present = set(rows["verdict"])
    return {
        "field": "verdict",
        "type": "nominal",
        "scale": colours(
            {name: VERDICT_COLOURS[name] for name in VERDICT_COLOURS if name in present}
        ),
        "legend": {
            "labelExpr": "upper(slice(datum.label, 0, 1)) + slice(datum.label, 1)",
            # Four in a row are too wide for a phone.
            "columns": 2 if len(present) > 3 else len(present),
        },
    }


def _powers_axis(title: str, powers: Sequence[float]) -> Spec:
    return {
        "title": title,
        "values": list(powers),
        "labelExpr": money_expression("datum.value"),
        "labelOverlap": True,
    }


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


def _up_to_most(amounts: Sequence[float | None]) -> list[str]:
    """Colours of amounts, from nothing to the most."""
    known = [amount or 0.0 for amount in amounts]
    most = max(known, default=0.0)
    shares = [math.sqrt(max(amount, 0.0) / most) if most > 0 else 0.0 for amount in known]
    return [_between(PALE, DEEP, share) for share in shares]


def _around(amount: float | None, middle: float, verdict: str) -> str:
    """The colour of a return above or below the break-even; pale where it cannot be told."""
    if amount is None:
        return NEITHER
    strength = 1.0 if verdict in ("earns", "loses") else PALE_STRENGTH
    if amount < middle:
        return _between(NEITHER, BELOW, strength * min(1.0, (middle - amount) / middle))
    return _between(NEITHER, ABOVE, strength * min(1.0, (amount - middle) / (3 * middle)))


def _between(start: str, end: str, share: float) -> str:
    mixed = [
        round(one + (other - one) * share)
        for one, other in zip(_channels(start), _channels(end), strict=True)
    ]
    return "#" + "".join(f"{channel:02X}" for channel in mixed)


def _ink(fill: str) -> str:
    """Dark or light writing, whichever stands out more on a colour (WCAG contrast)."""
    light = _luminance(fill)
    on_dark_ink = (light + 0.05) / (_luminance(DARK_INK) + 0.05)
    return DARK_INK if on_dark_ink >= 1.05 / (light + 0.05) else LIGHT_INK


def _luminance(colour: str) -> float:
    shares = [channel / 255 for channel in _channels(colour)]
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(colour: str) -> list[int]:
    return [int(colour[start : start + 2], 16) for start in (1, 3, 5)]


def _post_marks(posts: pd.DataFrame, top: float) -> list[dict[str, Any]]:
    """A mark for each post above the lines; several posts of a day stand on each other."""
    if posts.empty:
        return []
    height = top * (1.08 + 0.07 * posts.groupby("post_date").cumcount())
    captions = [
        _cut(" ".join(str(text or "").split()), LONGEST_CAPTION) for text in posts["caption"]
    ]
    return records(
        posts.assign(
            day=posts["post_date"],
            height=height.astype(float),
            caption=captions,
            reach_text=[NOTHING if pd.isna(reach) else count(reach) for reach in posts["reach"]],
        ),
        *("day", "height", "post_type", "caption", "reach_text", "attributed_revenue"),
    )


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _first_rows(rows: pd.DataFrame) -> str:
    told = [
        f"{label} {ratio(point)}"
        + (f" ({ratio(low)} to {ratio(high)})" if not math.isnan(low) else "")
        for label, point, low, high in zip(
            rows["label"], rows["iroas"], rows["iroas_low"], rows["iroas_high"], strict=True
        )
    ]
    return f"First are {names(told)}." if told else ""
