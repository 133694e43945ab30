"""One look for every chart: colours that every eye tells apart, fonts, axes, lakh and crore."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from itertools import pairwise
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from plotly.basedatatypes import BaseFigure

from viewer.format import is_missing, money_tick, style

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
Values: TypeAlias = "pd.Series[Any] | np.ndarray[Any, Any]"
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
    """What a chart draws, whatever it looks like: traces, the lowest first, and their layout."""

    traces: list[Trace]
    layout: dict[str, Any]

    def figure(self, theme: Theme, drag: Drag = False, **layout: Any) -> BaseFigure:
        """The drawing in the look of its page; dragging selects a range of dates, or zooms."""
        whole = self.layout | layout | {"template": template(theme, drag)}
        return _Figure({"data": self.traces, "layout": whole})


class Chart(NamedTuple):
    """A drawing, what it shows in words, its rows to download, and what a mouse's drag is for."""

    drawing: Drawing
    alt: str
    data: pd.DataFrame
    drag: Drag = False


def drawing(traces: Iterable[Trace], height: int, **layout: Any) -> Drawing:
    """Traces, the lowest first, and their layout, of a height in pixels, clickable."""
    shared = {"height": height, "dragmode": DRAG_OF_TEMPLATE, "clickmode": "event+select"}
    return Drawing(list(traces), shared | layout)


def _trace(kind: str, /, **parts: Any) -> Trace:
    return {"type": kind} | {name: _plain(part) for name, part in parts.items()}


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


# Traces; their parts are named as Plotly names them.
scatter, bar = partial(_trace, "scatter"), partial(_trace, "bar")
waterfall = partial(_trace, "waterfall")


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
    """Traces over days, weeks or months, all told where the mouse is, as of `title` and the day."""
    day, short_day, month = (
        ("%Y-%m-%d", "%Y-%m-%d", "%Y-%m")
        if style().iso_dates
        else ("%-d %b %Y", "%-d %b %y", "%b %y")
    )
    axis: dict[str, Any] = {
        "type": "date",
        "showgrid": False,
        "tickformat": short_day,
        "tickformatstops": [{"dtickrange": ["M1", None], "value": month}],
        "tickangle": 0,
        "unifiedhovertitle": {"text": f"{title} %{{x|{day}}}".lstrip()},
    }
    if len(days) <= 7:  # else Plotly puts the hours of a day between a few
        axis |= {"tickmode": "array", "tickvals": days.tolist()}
    return drawing(traces, height, hovermode="x unified", **{"xaxis": axis} | layout)


def money_axis(values: Iterable[Any], has_zero: bool = True, **axis: Any) -> dict[str, Any]:
    """An axis from one round amount to another with all values on it, but for None and nan."""
    known = [float(value) for value in values if not pd.isna(value)]
    least, most = min(known, default=0.0), max(known, default=1.0)
    if has_zero:
        least, most = min(least, 0.0), max(most, 0.0)
    ticks = nice_ticks(least, most)
    return {"range": [ticks[0], ticks[-1]], "fixedrange": True} | money_ticks(ticks) | axis


def money_ticks(places: Sequence[float], amounts: Sequence[float] | None = None) -> dict[str, Any]:
    """Ticks of an axis of money; `amounts` are what stands at the places, if not the places."""
    shown = places if amounts is None else amounts
    return {"tickvals": list(places), "ticktext": [money_tick(amount) for amount in shown]}


def nice_ticks(least: float, most: float) -> list[float]:
    """Round numbers from one below the least to one above the most, in some five steps."""
    span = (most - least) or abs(most) or 1.0
    power = 10.0 ** math.floor(math.log10(span / 5))
    step = next(power * nice for nice in NICE_STEPS if power * nice * 5 >= span * (1 - 1e-9))
    first, last = math.floor(least / step + 1e-9), math.ceil(most / step - 1e-9)
    return [number * step for number in range(first, max(last, first + 1) + 1)]


def band(
    days: Values,
    low: Values,
    high: Values,
    colour: str,
    stretches: np.ndarray[Any, Any] | None = None,
    **trace: Any,
) -> Trace:
    """The pale area between two lines, with nothing between stretches, which number the days."""
    x: list[Any] = []
    y: list[float | None] = []
    breaks = [] if stretches is None else (np.flatnonzero(np.diff(stretches)) + 1).tolist()
    at, lows, highs = _plain(days), _plain(low), _plain(high)
    for first, end in pairwise([0, *breaks, len(days)]):
        there = slice(first, end)
        x += [*at[there], *at[there][::-1], None]
        y += [*lows[there], *highs[there][::-1], None]
    red, green, blue = channels(colour)
    return scatter(
        x=x, y=y, fill="toself", fillcolor=f"rgba({red},{green},{blue},0.27)", line={"width": 0},
        mode="lines", hoverinfo="skip", showlegend=False, **trace,
    )  # fmt: skip


def course(
    rows: pd.DataFrame, column: str, name: str, colour: str, told: np.ndarray[Any, Any]
) -> Trace:
    """A line through whole weeks or months, and hollow points for those that the dates cut.

    Part of a week is less than a week: a line through it would show a fall that never was. Rows
    are those of `data.Figures.over_time`; what a click gives and the mouse shows is as of `picks`.
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


def picks(rows: pd.DataFrame, texts: Sequence[str]) -> np.ndarray[Any, Any]:
    """First and last day of weeks or months, for a click or a drag, and a text for the mouse."""
    days = [
        np.datetime_as_string(rows[column].to_numpy(), unit="D")
        for column in ("bucket_start", "bucket_end")
    ]
    return np.array([*days, list(texts)], dtype=object).T


def channels(colour: str) -> list[int]:
    """Red, green and blue of a colour such as #0072B2."""
    return [int(colour[start : start + 2], 16) for start in (1, 3, 5)]


def verdicts(present: Iterable[str]) -> dict[str, str]:
    """The colour of each of some verdicts, in the order of a legend."""
    present = set(present)
    known = {verdict: colour for verdict, colour in VERDICT_COLOURS.items() if verdict in present}
    return known | {verdict: GREY for verdict in sorted(present - known.keys())}


def estimate(
    write: Callable[[Any], str], value: float | None, low: float | None, high: float | None
) -> str:
    """An estimate with its interval, if it has one: 1.20x (0.80x to 1.60x)."""
    has_interval = not is_missing(low) and not is_missing(high)
    return write(value) + (f" ({write(low)} to {write(high)})" if has_interval else "")


def capital(text: str) -> str:
    """Text that begins with a capital letter; the others stay."""
    return text[:1].upper() + text[1:]


def cut(text: str, longest: int) -> str:
    """Text that is cut where it is too long."""
    return text if len(text) <= longest else text[: longest - 1] + "…"
