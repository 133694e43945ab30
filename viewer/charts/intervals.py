"""Rows of estimates with their intervals, as in a ranking or a forest plot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from viewer.charts import theme
from viewer.charts.theme import GREY, Trace

NUMBERS = ("low", "value", "high")
Array = np.ndarray[Any, Any]
# Columns by name, arrays and lists: pandas takes ten times as long on so few rows.
Rows = dict[str, Any]


def traces(
    rows: Rows, lower: float, upper: float, colours: Mapping[str, str], has_legend: bool
) -> list[Trace]:
    """Points with their intervals, arrows where the axis cuts these, and what takes clicks.

    Rows go from top to bottom and have value, low and high, verdict, is_chosen (others are faded),
    key (what a click picks), told (what the mouse shows) and unknown (what stands in for a missing
    value). A colour of one verdict alone is that of all rows.
    """
    numbers = np.column_stack([rows[name] for name in NUMBERS])
    low, point, high = np.clip(numbers.T, lower, upper)
    is_known, is_within = ~np.isnan(point), point == numbers[:, 1]
    verdicts, is_chosen = np.array(rows["verdict"], object), np.array(rows["is_chosen"], bool)
    drawn: list[Trace] = []
    for verdict, colour in colours.items():
        name = theme.capital(verdict)
        of_verdict = (verdicts == verdict) | (len(colours) == 1)
        # Error bars have one colour a trace, so that those that are faded need another.
        for chosen in dict.fromkeys(is_chosen[of_verdict].tolist()):
            at = np.flatnonzero(of_verdict & (is_chosen == chosen))
            group = {
                "name": name, "legendgroup": verdict, "showlegend": False, "hoverinfo": "skip",
                "opacity": 1.0 if chosen else theme.FADED,
            }  # fmt: skip
            drawn += [
                theme.scatter(
                    x=point[at], y=at, mode="markers",
                    marker={"color": colour, "size": 9, "opacity": is_within[at].astype(float)},
                    error_x={
                        "type": "data", "symmetric": False, "color": colour, "thickness": 3,
                        "array": (high - point)[at], "arrayminus": (point - low)[at], "width": 0,
                    },
                    **group,
                ),
                *arrows(at, numbers[at], lower, upper, colour, **group),
            ]  # fmt: skip
        if has_legend:  # an entry that is not faded, whoever is chosen
            drawn.append(
                theme.scatter(
                    x=[None], y=[None], mode="markers", marker={"color": colour, "size": 9},
                    name=name, legendgroup=verdict, showlegend=True,
                )
            )  # fmt: skip
    unknown = np.flatnonzero(~is_known)
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
    drawn.append(
        theme.scatter(
            x=np.where(is_known, point, (lower + upper) / 2), y=np.arange(len(point)),
            mode="markers", marker={"color": theme.TRANSPARENT}, showlegend=False,
            customdata=[list(row) for row in zip(rows["key"], rows["told"], strict=True)],
            hovertemplate="%{customdata[1]}<extra></extra>",
        )
    )  # fmt: skip
    return drawn


def arrows(
    places: Array, numbers: Array, lower: float, upper: float, colour: str, **trace: Any
) -> list[Trace]:
    """Arrows at the ends of the axis for the places of rows whose numbers go on beyond it."""
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
    return {
        "range": [len(names) - 0.5, -0.5], "tickvals": list(range(len(names))),
        "ticktext": list(names), "showgrid": False, "fixedrange": True, "ticklabelstandoff": 10,
    } | axis  # fmt: skip
