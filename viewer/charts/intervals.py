"""Rows of estimates with their intervals, as in a ranking or a forest plot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from textwrap import wrap
from typing import Any

import numpy as np

from viewer.charts import theme
from viewer.charts.theme import GREY, Trace

LINE = 28
NUMBERS = ("low", "value", "high")
Array = np.ndarray[Any, Any]
# Columns by name, arrays and lists: pandas takes ten times as long on so few rows.
Rows = dict[str, Any]


def traces(rows: Rows, lower: float, upper: float, colours: Mapping[str, str]) -> list[Trace]:
    """Points with their intervals, arrows where the axis cuts these, and what takes clicks.

    Args:
        rows: From top to bottom: value, low and high, verdict, is_chosen (others are faded), key
            (what a click picks), told (what the mouse shows) and unknown (what stands in for a
            missing value).
        lower: Where the axis begins.
        upper: Where it ends.
        colours: Colour of each verdict; of one alone there is no legend.
    """
    numbers = np.column_stack([rows[name] for name in NUMBERS])
    verdicts, is_chosen = np.array(rows["verdict"], object), np.array(rows["is_chosen"], bool)
    drawn: list[Trace] = []
    for verdict, colour in colours.items():
        of_verdict = (verdicts == verdict) | (len(colours) == 1)
        # Error bars have one colour a trace, so that those that are faded need another.
        for chosen in dict.fromkeys(is_chosen[of_verdict].tolist()):
            places = np.flatnonzero(of_verdict & (is_chosen == chosen))
            group = {
                "name": theme.capital(verdict),
                "legendgroup": verdict,
                "showlegend": False,
                "opacity": 1.0 if chosen else theme.FADED,
                "hoverinfo": "skip",
            }
            drawn.append(_intervals(places, numbers[places], lower, upper, colour, group))
            drawn += arrows(places, numbers[places], lower, upper, colour, group)
        if len(colours) > 1:
            drawn.append(_legend_entry(verdict, colour))
    values = numbers[:, 1]
    unknown = np.flatnonzero(np.isnan(values))
    if len(unknown):
        drawn.append(
            theme.scatter(
                x=[lower] * len(unknown), y=unknown, mode="text",
                text=np.array(rows["unknown"], object)[unknown],
                textposition="middle right", textfont={"color": GREY, "style": "italic"},
                hoverinfo="skip", showlegend=False,
            )
        )  # fmt: skip
    # Points are small on a phone: the whole of a row takes clicks and tells about it.
    middle = np.where(np.isnan(values), (lower + upper) / 2, np.clip(values, lower, upper))
    drawn.append(
        theme.scatter(
            x=middle, y=np.arange(len(values)), mode="markers",
            marker={"color": theme.TRANSPARENT}, showlegend=False,
            customdata=[list(row) for row in zip(rows["key"], rows["told"], strict=True)],
            hovertemplate="%{customdata[1]}<extra></extra>",
        )
    )  # fmt: skip
    return drawn


def arrows(
    places: Array,
    numbers: Array,
    lower: float,
    upper: float,
    colour: str,
    trace: Mapping[str, Any],
) -> list[Trace]:
    """Arrows at the ends of the axis for rows that go on beyond it.

    Args:
        places: Places of the rows from the top.
        numbers: What may lie beyond the axis, for each row.
        lower: Where the axis begins.
        upper: Where it ends.
        colour: Of the arrows.
        trace: Further parts of the trace.
    """
    left = places[(numbers < lower).any(axis=1)].tolist()
    right = places[(numbers > upper).any(axis=1)].tolist()
    if not left and not right:
        return []
    symbols = ["triangle-left"] * len(left) + ["triangle-right"] * len(right)
    return [
        theme.scatter(
            x=[lower] * len(left) + [upper] * len(right), y=left + right, mode="markers",
            marker={"symbol": symbols, "size": 10, "color": colour}, cliponaxis=False, **trace,
        )
    ]  # fmt: skip


def beyond(rows: Rows, columns: Sequence[str], lower: float, upper: float) -> Array:
    """Whether each row goes on beyond the axis."""
    numbers = np.column_stack([rows[name] for name in columns])
    return np.asarray(((numbers < lower) | (numbers > upper)).any(axis=1))


def names_axis(names: Sequence[str], **axis: Any) -> dict[str, Any]:
    """An axis with a name for each row, from top to bottom."""
    places = list(range(len(names)))
    return {
        "range": [len(names) - 0.5, -0.5], "tickvals": places, "ticktext": list(names),
        "showgrid": False, "fixedrange": True, "ticklabelstandoff": 10,
    } | axis  # fmt: skip


def in_two_lines(name: str) -> str:
    """A name that leaves room for what stands beside it, on a phone too."""
    return "<br>".join(map(escape, wrap(name, LINE, max_lines=2, placeholder=" …")))


def line(value: float, **more: Any) -> dict[str, Any]:
    """A dashed line across all rows, as a shape."""
    return {
        "type": "line", "x0": value, "x1": value, "yref": "paper", "y0": 0, "y1": 1,
        "line": {"color": GREY, "dash": "dash", "width": 1.5}, "layer": "below",
    } | more  # fmt: skip


def _intervals(
    places: Array,
    numbers: Array,
    lower: float,
    upper: float,
    colour: str,
    trace: Mapping[str, Any],
) -> Trace:
    low, point, high = np.clip(numbers.T, lower, upper)
    is_within = point == numbers[:, 1]
    return theme.scatter(
        x=point, y=places, mode="markers",
        marker={"color": colour, "size": 9, "opacity": is_within.astype(float)},
        error_x={
            "type": "data", "symmetric": False, "array": high - point, "arrayminus": point - low,
            "color": colour, "thickness": 3, "width": 0,
        },
        **trace,
    )  # fmt: skip


def _legend_entry(verdict: str, colour: str) -> Trace:
    """An entry that is not faded, whoever is chosen."""
    return theme.scatter(
        x=[None], y=[None], mode="markers", marker={"color": colour, "size": 9},
        name=theme.capital(verdict), legendgroup=verdict,
    )  # fmt: skip
