"""What all charts share: colours that stand out on light and dark for every eye, axes, tooltips."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import pandas as pd

from viewer.format import day_format, money_expression

# By Okabe and Ito (2008): people with colour-blindness can tell them apart.
BLUE, VERMILION, GREEN, ORANGE = "#0072B2", "#D55E00", "#009E73", "#E69F00"
PURPLE, SKY, GREY = "#CC79A7", "#56B4E9", "#8A939B"
VERDICT_COLOURS = {
    "earns": GREEN,
    "loses": VERMILION,
    "cannot tell": ORANGE,
    "not measurable": GREY,
}
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"

Spec = dict[str, Any]


class Chart(NamedTuple):
    """A Vega-Lite specification, and what it shows in words for those who cannot see it."""

    spec: Spec
    alt: str


def chart(
    rows: Sequence[Mapping[str, Any]], layers: Sequence[Spec], height: int, **more: Any
) -> Spec:
    """Layers over the same rows.

    Args:
        rows: Rows of plain Python values.
        layers: Specifications without data.
        height: Height in pixels.
        more: Further parts of the specification, such as "encoding" or "transform".
    """
    return {
        "data": {"values": list(rows)},
        "height": height,
        "layer": list(layers),
        "config": {
            # What a chart shows is said in its text; hundreds of marks would only confuse.
            "mark": {"aria": False},
            "legend": {"orient": "top", "title": None, "labelLimit": 400, "symbolOpacity": 1},
            "axis": {"titleFontWeight": 500},
        },
        **more,
    }


def records(rows: pd.DataFrame, *columns: str) -> list[dict[str, Any]]:
    """Rows as plain values: days as ISO text of `midnight`, missing figures as None."""
    values = [_plain(rows[column]) for column in columns]
    return [dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True)]


def _plain(column: pd.Series[Any]) -> list[Any]:
    if column.dtype.kind == "M":
        return [None if day is pd.NaT else midnight(day) for day in column.tolist()]
    if column.dtype.kind == "f":
        return [None if math.isnan(value) else value for value in column.tolist()]
    return [None if value is None or value is pd.NA else value for value in column.tolist()]


def midnight(day: date) -> str:
    """A day as the text of its midnight, wherever the browser is.

    Browsers read a day alone as midnight in Greenwich: west of it that is the evening before.
    """
    return f"{day.isoformat()[:10]}T00:00:00"


def time_axis(field: str, **more: Any) -> Spec:
    """Encoding of days along a chart, without a title: a day explains itself."""
    return {
        "field": field,
        "type": "temporal",
        "axis": {"title": None, "grid": False, "labelOverlap": True, "format": "%-d %b %y"},
        **more,
    }


def money_axis(field: str, title: str | None = None, **more: Any) -> Spec:
    """Encoding of money, with ticks in lakh and crore."""
    scale = more.pop("scale", {"zero": True})
    return {
        "field": field,
        "type": "quantitative",
        "scale": scale,
        "axis": {
            "title": title,
            "labelExpr": money_expression("datum.value"),
            "tickCount": 5,
            "labelOverlap": True,
        },
        **more,
    }


def ratio_axis(field: str, title: str | None = None, **more: Any) -> Spec:
    """Encoding of a return per unit of money, with ticks such as 1.5x."""
    return {
        "field": field,
        "type": "quantitative",
        "axis": {"title": title, "labelExpr": "format(datum.value, ',.3~r') + 'x'", "tickCount": 6},
        **more,
    }


def share_axis(field: str, title: str | None = None, **more: Any) -> Spec:
    """Encoding of a share, with ticks in per cent."""
    return {
        "field": field,
        "type": "quantitative",
        "axis": {"title": title, "format": ".0%", "tickCount": 5},
        **more,
    }


def colours(members: Mapping[str, str]) -> Spec:
    """A scale with the colour of each member, in their order."""
    return {"domain": list(members), "range": list(members.values())}


def money_text(*fields: str) -> list[Spec]:
    """Transforms that write money for tooltips: `spend` becomes the field `spend_text`."""
    return [
        {
            "calculate": f"isValid(datum.{field}) ? {money_expression(f'datum.{field}')} : '–'",
            "as": f"{field}_text",
        }
        for field in fields
    ]


def ratio_text(*fields: str) -> list[Spec]:
    """Transforms that write ratios for tooltips: `roas` becomes the field `roas_text`."""
    return [
        {
            "calculate": f"isValid(datum.{field}) ? format(datum.{field}, ',.2f') + 'x' : '–'",
            "as": f"{field}_text",
        }
        for field in fields
    ]


def tooltip(fields: Mapping[str, str]) -> list[Spec]:
    """Tooltip of fields by their titles; fields of days are those whose name holds "day"."""
    return [
        {"field": field, "title": title, "type": "temporal", "format": day_format()}
        if "day" in field
        else {"field": field, "title": title, "type": "nominal"}
        for field, title in fields.items()
    ]


def course(rows: Sequence[Mapping[str, Any]], x: Spec, y: Spec, colour: Spec) -> list[Spec]:
    """A line through whole weeks or months, and hollow points for those that the dates cut.

    Part of a week is less than a week: a line through it would show a fall that never was.

    Args:
        rows: What is drawn; they have `is_cut`, as those of `data.over_time`.
        x: Encoding of time.
        y: Encoding of the value.
        colour: Encoding of the colour.
    """
    encoding = {"x": x, "y": y, "color": colour}
    point = {"type": "point", "filled": False, "size": 40, "strokeWidth": 1.5}
    return [
        {
            "transform": [{"filter": "!datum.is_cut"}],
            "mark": {"type": "line", "strokeWidth": 2, "point": is_alone(rows)},
            "encoding": encoding,
        },
        {"transform": [{"filter": "datum.is_cut"}], "mark": point, "encoding": encoding},
    ]


def is_alone(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a line through whole days, weeks or months has one point, and so is none to see."""
    return sum(not row["is_cut"] for row in rows) == 1


def bars(x: Spec, y: Spec, colour: Spec, width: float) -> Spec:
    """Bars over time, paler where the dates cut a week or month.

    Args:
        x: Encoding of time; the rows have `is_cut`, as those of `data.over_time`.
        y: Encoding of the value.
        colour: Encoding of the colour.
        width: Of a bar, in pixels.
    """
    opacity = {"condition": {"test": "datum.is_cut", "value": 0.35}, "value": 0.75}
    return {
        "mark": {"type": "bar", "width": width},
        "encoding": {"x": x, "y": y, "color": colour, "opacity": opacity},
    }


def hover_rule(x: Spec, shown: Mapping[str, str]) -> Spec:
    """An invisible rule at every point along x that shows a tooltip, and itself, under a mouse."""
    return {
        "mark": {"type": "rule", "strokeWidth": 1, "color": GREY},
        "params": [
            {
                "name": "hover",
                "select": {
                    "type": "point",
                    "encodings": ["x"],
                    "on": "pointerover",
                    "nearest": True,
                    "clear": "pointerout",
                },
            }
        ],
        "encoding": {
            "x": x,
            "opacity": {"condition": {"param": "hover", "empty": False, "value": 1}, "value": 0},
            "tooltip": tooltip(shown),
        },
    }
