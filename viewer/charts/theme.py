"""One look for every chart: colours that every eye tells apart, fonts, axes, lakh and crore."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from plotly.basedatatypes import BaseFigure

from viewer.format import money_tick, style

# By Okabe and Ito (2008): people with colour-blindness can tell them apart.
BLUE, VERMILION, GREEN, ORANGE = "#0072B2", "#D55E00", "#009E73", "#E69F00"
PURPLE, SKY, GREY = "#CC79A7", "#56B4E9", "#8A939B"
VERDICT_COLOURS = {
    "profitable": GREEN,
    "unprofitable": VERMILION,
    "inconclusive": ORANGE,
    "not measurable": GREY,
}
FONT = "Source Sans, Source Sans Pro, Segoe UI, Roboto, Arial, sans-serif"
# Streamlit takes clicks off a chart whose layout says that a drag selects. It does not look into
# the template, and what is no drag mode makes Plotly look there.
DRAG_OF_TEMPLATE = "template"
FADED = 0.25
TRANSPARENT = "rgba(0,0,0,0)"
NICE_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)

Trace = dict[str, Any]
Theme = Literal["light", "dark", "print"]
Drag = Literal["select", "zoom", False]
# Writing, ground and lines of grid and axes.
THEMES: dict[Theme, tuple[str, str, str]] = {
    "light": ("#23302F", "#FBFAF7", "#E3DFD5"),
    "dark": ("#E7E9E6", "#14191D", "#37424B"),
    "print": ("#1c2423", "#ffffff", "#dfe2df"),
}


class _Figure(BaseFigure):  # type: ignore[misc]
    """A figure that is sent as it is.

    Making objects of traces, and validating these, takes longer than all queries of a page. The
    tests validate every chart.
    """

    def __init__(self, figure: dict[str, Any]) -> None:
        self._figure = figure

    def to_dict(self) -> dict[str, Any]:
        return self._figure


class Drawing(NamedTuple):
    """What a chart draws, whatever it looks like.

    Attributes:
        traces: Traces, the lowest first.
        layout: The layout, without a template.
    """

    traces: list[Trace]
    layout: dict[str, Any]

    def figure(self, theme: Theme, drag: Drag = False, **layout: Any) -> BaseFigure:
        """The drawing as a figure that looks like its page.

        Args:
            theme: Whether the page is light, dark or paper.
            drag: What dragging does: "select" a range of dates, "zoom", or nothing.
            layout: Further parts of the layout.
        """
        whole = self.layout | layout | {"template": template(theme, drag)}
        return _Figure({"data": self.traces, "layout": whole})


class Chart(NamedTuple):
    """A drawing, and what goes with it.

    Attributes:
        drawing: What is drawn.
        alt: What it shows in words for those who cannot see it.
        data: The rows that it draws, to download.
        drag: What dragging is for, where a mouse can.
    """

    drawing: Drawing
    alt: str
    data: pd.DataFrame
    drag: Drag = False


def drawing(traces: Iterable[Trace], height: int, **layout: Any) -> Drawing:
    """Traces and their layout, clickable.

    Args:
        traces: Traces, the lowest first.
        height: Height in pixels.
        layout: Further parts of the layout.
    """
    shared = {"height": height, "dragmode": DRAG_OF_TEMPLATE, "clickmode": "event+select"}
    return Drawing(list(traces), shared | layout)


def scatter(**trace: Any) -> Trace:
    """A trace of points or lines.

    Args:
        trace: Its parts, as Plotly names them.
    """
    return {"type": "scatter"} | {name: _plain(part) for name, part in trace.items()}


def bar(**trace: Any) -> Trace:
    """A trace of bars.

    Args:
        trace: Its parts, as Plotly names them.
    """
    return {"type": "bar"} | {name: _plain(part) for name, part in trace.items()}


def _plain(part: Any) -> Any:
    """Columns as lists, with None for what is not known: Plotly is slow at writing others."""
    if isinstance(part, dict):
        return {name: _plain(value) for name, value in part.items()}
    if isinstance(part, pd.Series):
        part = part.to_numpy()
    if not isinstance(part, np.ndarray):
        return part
    if part.dtype.kind == "M":
        return np.datetime_as_string(part, unit="s").tolist()
    values = part.tolist()
    return [None if value != value else value for value in values] if part.ndim == 1 else values


@cache
def template(theme: Theme, drag: Drag = False) -> dict[str, Any]:
    """The look of charts on a light or dark page, or on paper."""
    ink, ground, line = THEMES[theme]
    axis = {
        "automargin": True,
        "gridcolor": line,
        "linecolor": line,
        "zeroline": False,
        "ticklabelstandoff": 4,
        "spikecolor": GREY,
        "spikedash": "dot",
        "spikethickness": 1,
        "title": {"standoff": 8},
    }
    layout = {
        "colorway": [BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY],
        "font": {"family": FONT, "size": 12, "color": ink},
        "paper_bgcolor": ground,
        "plot_bgcolor": ground,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "legend": {
            "orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"
        },
        "hoverlabel": {
            "align": "left", "bgcolor": ground, "bordercolor": GREY, "font": {"color": ink}
        },
        "hoverdistance": -1,  # what is nearest to the mouse, however far
        "modebar": {"bgcolor": TRANSPARENT, "color": GREY, "activecolor": ink},
        "xaxis": axis,
        "yaxis": axis | {"fixedrange": True},
        "dragmode": drag,
        "selectdirection": "h",
    }  # fmt: skip
    return {"layout": layout}


def time_drawing(
    traces: Iterable[Trace], height: int, days: pd.Series[Any], title: str, **layout: Any
) -> Drawing:
    """Traces over time, whose figures are all told where the mouse is.

    Args:
        traces: Traces, the lowest first.
        height: Height in pixels.
        days: Days, weeks or months along the chart.
        title: What a day of them is, such as "Week from".
        layout: Further parts of the layout.
    """
    day = "%Y-%m-%d" if style().iso_dates else "%-d %b %Y"
    axis: dict[str, Any] = {
        "type": "date",
        "showgrid": False,
        "tickformat": day if style().iso_dates else "%-d %b %y",
        "tickformatstops": [
            {"dtickrange": ["M1", None], "value": "%Y-%m" if style().iso_dates else "%b %y"}
        ],
        "tickangle": 0,
        "unifiedhovertitle": {"text": f"{title} %{{x|{day}}}".lstrip()},
    }
    if len(days) <= 7:  # else Plotly puts the hours of a day between a few
        axis |= {"tickmode": "array", "tickvals": days.tolist()}
    return drawing(traces, height, hovermode="x unified", **{"xaxis": axis} | layout)


def money_axis(values: Iterable[Any], has_zero: bool = True, **axis: Any) -> dict[str, Any]:
    """An axis of money from one round amount to another, so that all values are on it.

    Args:
        values: Amounts, None and nan among them.
        has_zero: Whether it shall reach to zero.
        axis: Further parts of the axis.
    """
    known = [float(value) for value in values if not pd.isna(value)]
    least, most = min(known, default=0.0), max(known, default=1.0)
    if has_zero:
        least, most = min(least, 0.0), max(most, 0.0)
    ticks = nice_ticks(least, most)
    shown = {"range": [ticks[0], ticks[-1]], "fixedrange": True}
    return shown | {"tickvals": ticks, "ticktext": [money_tick(tick) for tick in ticks]} | axis


def nice_ticks(least: float, most: float, steps: int = 5) -> list[float]:
    """Round numbers from one below the least to one above the most, in some five steps."""
    span = (most - least) or abs(most) or 1.0
    power = 10.0 ** math.floor(math.log10(span / steps))
    step = next(power * nice for nice in NICE_STEPS if power * nice * steps >= span * (1 - 1e-9))
    first, last = math.floor(least / step + 1e-9), math.ceil(most / step - 1e-9)
    return [number * step for number in range(first, max(last, first + 1) + 1)]


def band(
    days: pd.Series[Any],
    low: pd.Series[Any],
    high: pd.Series[Any],
    colour: str,
    stretches: np.ndarray[Any, Any] | None = None,
    **trace: Any,
) -> Trace:
    """The area between two lines.

    Args:
        days: Where they are known.
        low: The lower line.
        high: The upper line.
        colour: Colour of the area, which is pale.
        stretches: Number of the stretch that each day is in; nothing is drawn between two.
        trace: Further parts of the trace.
    """
    x: list[Any] = []
    y: list[float | None] = []
    numbers = np.zeros(len(days)) if stretches is None else stretches
    at, lows, highs = _plain(days), _plain(low), _plain(high)
    for number in dict.fromkeys(numbers.tolist()):
        first, last = np.flatnonzero(numbers == number)[[0, -1]].tolist()
        there = slice(first, last + 1)
        x += [*at[there], *at[there][::-1], None]
        y += [*lows[there], *highs[there][::-1], None]
    return scatter(
        x=x, y=y, fill="toself", fillcolor=translucent(colour, 0.27), line={"width": 0},
        mode="lines", hoverinfo="skip", showlegend=False, **trace,
    )  # fmt: skip


def course(
    rows: pd.DataFrame, column: str, name: str, colour: str, told: np.ndarray[Any, Any]
) -> Trace:
    """A line through whole weeks or months, and hollow points for those that the dates cut.

    Part of a week is less than a week: a line through it would show a fall that never was.

    Args:
        rows: What is drawn; `bucket` and `is_partial` are those of `data.Figures.over_time`.
        column: The figure.
        name: What it is called.
        colour: Its colour.
        told: What a click gives and the mouse shows, as of `picks`.
    """
    at, values, is_cut = (
        rows["bucket"].to_numpy(), rows[column].to_numpy(float), rows["is_partial"].to_numpy(bool)
    )  # fmt: skip
    # A place without a value between what is cut and what is whole breaks the line.
    gaps = np.flatnonzero(np.diff(is_cut)) + 1
    drawn_cut = np.insert(is_cut, gaps, False)
    is_alone = (~is_cut).sum() == 1
    return scatter(
        x=np.insert(at, gaps, at[gaps] - (at[gaps] - at[gaps - 1]) / 2),
        y=np.insert(values, gaps, np.nan), name=name,
        customdata=np.insert(told, gaps, told[gaps], axis=0),
        hovertemplate="%{customdata[2]}", mode="lines+markers",
        line={"color": colour, "width": 2},
        marker={
            "size": 7,
            "color": [colour if cut or is_alone else TRANSPARENT for cut in drawn_cut],
            "symbol": ["circle-open" if cut else "circle" for cut in drawn_cut],
        },
    )  # fmt: skip


def bars(
    rows: pd.DataFrame, column: str, name: str, colour: str, told: np.ndarray[Any, Any]
) -> Trace:
    """Bars over time, paler where the dates cut a week or month; arguments as of `course`."""
    return bar(
        x=rows["bucket"], y=rows[column].astype(float), name=name, customdata=told,
        hovertemplate="%{customdata[2]}",
        marker={"color": colour, "opacity": [0.35 if cut else 0.75 for cut in rows["is_partial"]]},
    )  # fmt: skip


def points(is_drawn: pd.Series[bool], colour: str) -> dict[str, Any]:
    """Points of a line, to be clicked: they are seen only where one alone makes no line."""
    return {"color": colour if is_drawn.sum() == 1 else TRANSPARENT, "size": 7}


def picks(rows: pd.DataFrame, texts: Sequence[str]) -> np.ndarray[Any, Any]:
    """First and last day of weeks or months, for a click or a drag, and a text for the mouse."""
    days = [
        np.datetime_as_string(rows[column].to_numpy(), unit="D")
        for column in ("bucket_start", "bucket_end")
    ]
    return np.array([*days, list(texts)], dtype=object).T


def translucent(colour: str, opacity: float) -> str:
    """A colour through which the grid is seen."""
    red, green, blue = channels(colour)
    return f"rgba({red},{green},{blue},{opacity:g})"


def channels(colour: str) -> list[int]:
    """Red, green and blue of a colour such as #0072B2."""
    return [int(colour[start : start + 2], 16) for start in (1, 3, 5)]


def verdicts(present: Iterable[str]) -> dict[str, str]:
    """The colour of each of some verdicts, in the order of a legend."""
    present = set(present)
    known = {verdict: VERDICT_COLOURS[verdict] for verdict in VERDICT_COLOURS if verdict in present}
    return known | {verdict: GREY for verdict in sorted(present - known.keys())}


def capital(text: str) -> str:
    """Text that begins with a capital letter; the others stay."""
    return text[:1].upper() + text[1:]


def cut(text: str, longest: int) -> str:
    """Text that is cut where it is too long."""
    return text if len(text) <= longest else text[: longest - 1] + "…"
