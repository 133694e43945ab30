"""Rows of estimates with their intervals, as in a ranking or a forest plot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from textwrap import wrap
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from viewer.charts import theme
from viewer.charts.theme import GREY

LINE = 28
DRAWN = ["key", "value", "low", "high", "verdict", "is_chosen", "told", "unknown"]


def traces(
    rows: pd.DataFrame, lower: float, upper: float, colours: Mapping[str, str]
) -> list[go.Scatter]:
    """Points with their intervals, arrows where the axis cuts these, and what takes clicks.

    Args:
        rows: From top to bottom: value, low and high, verdict, is_chosen (others are faded), key
            (what a click picks), told (what the mouse shows) and unknown (what stands in for a
            missing value).
        lower: Where the axis begins.
        upper: Where it ends.
        colours: Colour of each verdict; of one alone there is no legend.
    """
    rows = rows[DRAWN].assign(place=np.arange(len(rows)))  # wide frames are slow to take apart
    drawn: list[go.Scatter] = []
    for verdict, colour in colours.items():
        of_verdict = rows[(rows["verdict"] == verdict) | (len(colours) == 1)]
        # Error bars have one colour a trace, so that those that are faded need another.
        for is_chosen, part in of_verdict.groupby("is_chosen", sort=False):
            group = {
                "name": theme.capital(verdict),
                "legendgroup": verdict,
                "showlegend": False,
                "opacity": 1.0 if is_chosen else theme.FADED,
                "hoverinfo": "skip",
            }
            drawn += [_intervals(part, lower, upper, colour, group)]
            drawn += arrows(part, ("low", "value", "high"), lower, upper, colour, group)
        if len(colours) > 1:
            drawn.append(_legend_entry(verdict, colour))
    unknown = rows[rows["value"].isna()]
    if len(unknown):
        drawn.append(
            go.Scatter(
                x=[lower] * len(unknown), y=unknown["place"], text=unknown["unknown"], mode="text",
                textposition="middle right", textfont={"color": GREY, "style": "italic"},
                hoverinfo="skip", showlegend=False,
            )
        )  # fmt: skip
    # Points are small on a phone: the whole of a row takes clicks and tells about it.
    middle = rows["value"].fillna((lower + upper) / 2).clip(lower, upper)
    drawn.append(
        go.Scatter(
            x=middle, y=rows["place"], mode="markers", marker_color=theme.TRANSPARENT,
            showlegend=False, customdata=rows[["key", "told"]].to_numpy(object),
            hovertemplate="%{customdata[1]}<extra></extra>",
        )
    )  # fmt: skip
    return drawn


def arrows(
    rows: pd.DataFrame,
    columns: Sequence[str],
    lower: float,
    upper: float,
    colour: str,
    trace: Mapping[str, Any],
) -> list[go.Scatter]:
    """Arrows at the ends of the axis for rows that go on beyond it.

    Args:
        rows: Rows with a place from the top.
        columns: What may lie beyond the axis.
        lower: Where the axis begins.
        upper: Where it ends.
        colour: Of the arrows.
        trace: Further parts of the trace.
    """
    numbers, places = rows[list(columns)].to_numpy(float), rows["place"].to_numpy()
    left = places[(numbers < lower).any(axis=1)].tolist()
    right = places[(numbers > upper).any(axis=1)].tolist()
    if not left and not right:
        return []
    symbols = ["triangle-left"] * len(left) + ["triangle-right"] * len(right)
    return [
        go.Scatter(
            x=[lower] * len(left) + [upper] * len(right), y=left + right, mode="markers",
            marker={"symbol": symbols, "size": 10, "color": colour}, cliponaxis=False, **trace,
        )
    ]  # fmt: skip


def beyond(
    rows: pd.DataFrame, columns: Sequence[str], lower: float, upper: float
) -> pd.Series[bool]:
    """Whether each row goes on beyond the axis."""
    numbers = rows[list(columns)]
    return ((numbers < lower) | (numbers > upper)).any(axis=1)


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
    rows: pd.DataFrame, lower: float, upper: float, colour: str, trace: Mapping[str, Any]
) -> go.Scatter:
    numbers = rows[["value", "low", "high"]].to_numpy(float).T
    point, low, high = np.clip(numbers, lower, upper)
    is_within = point == numbers[0]
    return go.Scatter(
        x=point, y=rows["place"].to_numpy(), mode="markers",
        marker={"color": colour, "size": 9, "opacity": is_within.astype(float)},
        error_x={
            "type": "data", "symmetric": False, "array": high - point, "arrayminus": point - low,
            "color": colour, "thickness": 3, "width": 0,
        },
        **trace,
    )  # fmt: skip


def _legend_entry(verdict: str, colour: str) -> go.Scatter:
    """An entry that is not faded, whoever is chosen."""
    return go.Scatter(
        x=[None], y=[None], mode="markers", marker={"color": colour, "size": 9},
        name=theme.capital(verdict), legendgroup=verdict,
    )  # fmt: skip
