"""Charts of experiments: forests of estimates, and one experiment day by day."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from html import escape
from itertools import compress
from statistics import median_high
from textwrap import wrap
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from viewer.charts import intervals, theme
from viewer.charts.intervals import Array, Rows
from viewer.charts.theme import BLUE, GREY, PURPLE, Chart, Trace
from viewer.data import OUT_OF_REACH
from viewer.format import count, day, is_missing, money, ratio

ROW_HEIGHT = 30
# The legend above the rows, on a phone one entry a line, and the axis below them.
AROUND_ROWS = 150
# A name leaves room for what stands beside it, on a phone too.
NAME_LINE = 28
# Intervals so many times as wide as the middle one are cut, so that the others can be read.
WIDE = 4
# What is left of an axis that is cut by less than this is not worth the cut.
WORTH_A_CUT = 1.5
# Panels of one experiment have their days below each other.
AXIS_WIDTH = 64
NUMBERS = ("value", "low", "high", "truth", "reference")


class Forest(NamedTuple):
    """A chart with a row for each estimate, and names of the rows that go beyond its axis."""

    chart: Chart
    cut: list[str]


class Axis(NamedTuple):
    """What the estimates of a forest are called, and their columns, in the order of NUMBERS."""

    title: str
    truth: str
    write: Callable[[Any], str]
    columns: tuple[str, ...]


IROAS = Axis(
    "Incremental ROAS",
    "True iROAS",
    ratio,
    ("iroas", "iroas_low", "iroas_high", "true_iroas", "break_even"),
)
REVENUE = Axis(
    "Incremental revenue",
    "True effect",
    money,
    ("incremental_revenue", "ci_low", "ci_high", "true_incremental_revenue", "nothing"),
)


def experiments(rows: pd.DataFrame, names: Mapping[str, str], chosen: str | None) -> Forest:
    """Incremental ROAS of rows of `data.experiments`, one marked; a click on a row picks its id."""
    verdicts = Counter(rows["verdict"])
    words = ", ".join(f"{verdict} {count(number)}" for verdict, number in verdicts.most_common())
    alt = (
        f"Forest plot of iROAS of {count(len(rows))} experiments,"
        f" {count(int(rows['iroas_low'].notna().sum()))} of them with an interval; verdicts:"
        f" {words}."
    )
    more = [f"Test from {day(start)}<br>" for start in rows["test_start"]]
    data = rows[["experiment_id", *IROAS.columns, "verdict"]]
    return _forest(rows, IROAS, "experiment_id", names, chosen, more, "diamond-open", alt, data)


def methods(rows: pd.DataFrame, names: Mapping[str, str], shown: str) -> Forest:
    """Incremental ROAS of rows of `data.experiment_methods`, one marked; revenue if none has it."""
    axis = IROAS if has_iroas(rows) else REVENUE
    rows = rows.assign(nothing=0.0)
    value, _, _, truth, _ = axis.columns
    words = "; ".join(
        f"{names[method]} {axis.write(amount)}"
        for method, amount in zip(rows["method"], rows[value], strict=True)
        if not is_missing(amount)
    )
    alt = f"Forest plot of {axis.title} by method: {words or 'none could measure it'}."
    if not is_missing(rows[truth].iloc[0]):
        alt += f" The truth is {axis.write(rows[truth].iloc[0])}."
    data = rows[["method", *axis.columns[:4], "verdict"]]
    return _forest(rows, axis, "method", names, shown, [""] * len(rows), "line-ns", alt, data)


def has_iroas(rows: pd.DataFrame) -> bool:
    """Whether a method of `data.experiment_methods` could tell iROAS."""
    return bool(rows["iroas"].notna().any())


# --- Forests -----------------------------------------------------------------------------------


def _forest(
    rows: pd.DataFrame,
    axis: Axis,
    key: str,
    names: Mapping[str, str],
    marked: str | None,
    more: Sequence[str],
    truth_mark: str,
    alt: str,
    data: pd.DataFrame,
) -> Forest:
    numbers = {
        name: rows[column].to_numpy(float)
        for name, column in zip(NUMBERS, axis.columns, strict=True)
    }
    if axis is IROAS:
        reference = numbers["reference"]
        numbers["reference"] = np.where(reference > OUT_OF_REACH, np.nan, reference)
    keys, verdicts = rows[key].tolist(), rows["verdict"].tolist()
    lower, upper = domain(numbers)
    size = len(rows)
    estimates: Rows = numbers | {
        "key": keys,
        "verdict": verdicts,
        "is_chosen": [True] * size,
        "told": [
            f"{opening}{axis.title} {theme.estimate(axis.write, value, low, high)}"
            f"<br>{theme.capital(verdict)}: {escape(reason)}"
            f"{'' if is_missing(truth) else f'<br>{axis.truth} {axis.write(truth)}'}"
            for opening, value, low, high, truth, verdict, reason in zip(
                more, *list(numbers.values())[:4], verdicts, rows["verdict_reason"], strict=True
            )
        ],
        "unknown": [f" {theme.capital(verdict)}" for verdict in verdicts],
    }
    places, truths = np.arange(size), numbers["truth"]
    traces = [
        _marks(numbers["reference"], GREY, "line-ns", 1.5, hoverinfo="skip", showlegend=False),
        *intervals.traces(estimates, lower, upper, theme.verdicts(verdicts), has_legend=True),
    ]
    if not np.isnan(truths).all():
        group = {"name": axis.truth, "legendgroup": "truth", "hoverinfo": "skip"}
        within = np.where((truths >= lower) & (truths <= upper), truths, np.nan)
        ends = truths[:, np.newaxis]
        traces += [
            _marks(within, PURPLE, truth_mark, 2.5 if truth_mark == "line-ns" else 2, **group),
            *intervals.arrows(places, ends, lower, upper, PURPLE, showlegend=False, **group),
        ]
    stripes = [
        {
            "type": "rect", "xref": "paper", "x0": 0, "x1": 1, "y0": place - 0.5,
            "y1": place + 0.5, "fillcolor": BLUE, "opacity": 0.2, "line": {"width": 0},
            "layer": "below",
        }
        for place, one in enumerate(keys)
        if one == marked
    ]  # fmt: skip
    labels = [names[one] for one in keys]
    ticks = (
        theme.money_ticks(theme.nice_ticks(lower, upper))
        if axis is REVENUE
        else {"ticksuffix": "x"}
    )
    drawing = theme.drawing(
        traces,
        ROW_HEIGHT * size + AROUND_ROWS,
        hovermode="y unified",
        xaxis={"title": {"text": axis.title}, "range": [lower, upper]} | ticks,
        yaxis=intervals.names_axis([_in_two_lines(label) for label in labels]),
        shapes=stripes,
    )
    is_cut = intervals.beyond(numbers, (*intervals.NUMBERS, "truth"), lower, upper)
    return Forest(Chart(drawing, alt, data, "zoom"), list(compress(labels, is_cut)))


def _in_two_lines(name: str) -> str:
    return "<br>".join(map(escape, wrap(name, NAME_LINE, max_lines=2, placeholder=" …")))


def _marks(values: Array, colour: str, shape: str, width: float, **trace: Any) -> Trace:
    """A mark in every row: a line as high as the row, or a diamond."""
    size = 9 if shape.startswith("diamond") else ROW_HEIGHT / 2 - 2
    line = {"color": colour, "width": width}
    marker = {"symbol": shape, "size": size, "color": colour, "line": line}
    return theme.scatter(x=values, y=np.arange(len(values)), mode="markers", marker=marker, **trace)


def domain(estimates: Rows) -> tuple[float, float]:
    """Ends of an axis on which most intervals can be read; the widest go beyond it."""
    numbers = np.column_stack([estimates[name] for name in NUMBERS])
    values, lows, highs, _, references = numbers.T
    widths = highs - lows
    everything = _reach(numbers)
    if np.isnan(widths).all():
        return everything
    is_legible = widths <= WIDE * median_high(widths[~np.isnan(widths)].tolist())
    shown = [numbers[is_legible], references]
    least, most = _reach(*shown)
    # Estimates that are not far away are shown, if not with the whole of their interval.
    span = most - least
    near = values[(values >= least - span) & (values <= most + span)]
    legible = _reach(*shown, near)
    whole, part = everything[1] - everything[0], legible[1] - legible[0]
    return everything if whole <= WORTH_A_CUT * part else legible


def _reach(*parts: Array) -> tuple[float, float]:
    """From the least to the most number, with some room at both ends."""
    numbers = np.concatenate([part.ravel() for part in parts])
    least, most = float(np.nanmin(numbers)), float(np.nanmax(numbers))
    room = 0.04 * (most - least) or 1.0
    return least - room, most + room


# --- One experiment day by day -----------------------------------------------------------------


@dataclass(frozen=True)
class Course:
    """Some rows of `data.experiment_days`, first and last day of the test, and its true effect."""

    days: pd.DataFrame
    test_start: date
    test_end: date
    truth: float | None

    @cached_property
    def tested(self) -> pd.DataFrame:
        """The days of test and cooldown."""
        return self.days[self.days["date_day"] >= pd.Timestamp(self.test_start)]


def actual_and_counterfactual(course: Course) -> Chart:
    """Revenue of treated regions, and what it would have been without the campaign."""
    days = course.days
    has_band = days["baseline_low"].notna().any()
    name = f"Without the campaign{', and its interval' if has_band else ''}"
    traces = [
        *_line(days, "baseline", "baseline", name, GREY, dash="5px,3px"),
        *_line(days, "actual", None, "Actual", BLUE),
    ]
    earned, expected = course.tested["actual"].sum(), course.tested["baseline"].sum()
    first, last = (day(days["date_day"].iloc[place].date()) for place in (0, -1))
    alt = (
        "Line chart of the revenue of treated regions and of what it would have been without"
        f" the campaign, {first} to {last}: over test and cooldown {money(earned)} against"
        f" {money(expected)}."
    )
    columns = ["actual", "baseline", "baseline_low", "baseline_high"]
    return _panel(course, traces, 300, columns, alt, is_first=True)


def daily_effect(course: Course) -> Chart:
    """Actual revenue of treated regions less what it would have been."""
    traces = _line(course.days, "effect", "effect", "Effect", BLUE, showlegend=False)
    mean = money(course.tested["effect"].mean())
    alt = f"Line chart of the effect by date: {mean} on the mean date of test and cooldown."
    return _panel(course, traces, 210, ["effect", "effect_low", "effect_high"], alt)


def cumulative_effect(course: Course) -> Chart:
    """The daily effect added up from the start of the test, and the truth where it is known."""
    days, tested = course.days, course.tested
    columns = ["cumulative_incremental", "cumulative_low", "cumulative_high"]
    limits = tested["cumulative_low"].notna().sum()
    name = "Cumulative effect"
    if limits:
        name += f", and its interval{'' if limits > 1 else ' in the end'}"
    more: dict[str, Any] = {}
    if limits == 1:  # Methods that have an interval of the whole only.
        value, low, high = (days[column] for column in columns)
        ends = {"array": high - value, "arrayminus": value - low}
        more["error_y"] = {"symmetric": False, "thickness": 2, "width": 5} | ends
    traces = _line(days, "cumulative_incremental", "cumulative", name, BLUE, **more)
    value, low, high = tested[columns].iloc[-1]
    alt = f"Line chart of the cumulative effect, in the end {money(value)}"
    if not is_missing(low):
        alt += f" with an interval from {money(low)} to {money(high)}"
    if not is_missing(course.truth):
        alt += f"; the truth is {money(course.truth)}"
        traces.append(
            theme.scatter(
                x=tested["date_day"].iloc[[0, -1]], y=[course.truth] * 2, mode="lines",
                line={"color": PURPLE, "width": 2.5, "dash": "6px,3px"},
                name="True effect in the end", hoverinfo="skip",
            )
        )  # fmt: skip
    return _panel(course, traces, 270, columns, f"{alt}.", more=[course.truth])


def step_name(days: pd.DataFrame) -> str:
    """How far dates of `data.experiment_days` are apart, as a word before "effect"."""
    step = days["date_day"].diff().min()
    return {pd.Timedelta(days=1): "Daily", pd.Timedelta(days=7): "Weekly"}.get(step, "Single")


def has_gaps(days: pd.DataFrame) -> bool:
    """Whether days between the first and the last of `data.experiment_days` are left out."""
    return bool(_stretches(days).any())


def _panel(
    course: Course,
    traces: Sequence[Trace],
    height: int,
    columns: Sequence[str],
    alt: str,
    is_first: bool = False,
    more: Sequence[float | None] = (),
) -> Chart:
    """A chart of columns, with periods marked: the first names them, the others have a zero."""
    days = course.days[["date_day", *columns]]
    shapes, annotations = _periods(course)
    if not is_first:
        zero = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 0, "y1": 0}
        shapes.append(zero | {"line": {"color": GREY, "width": 1}, "layer": "below"})
    values = [*days[list(columns)].to_numpy(float).ravel(), *more]
    drawing = theme.time_drawing(
        traces,
        height,
        days["date_day"],
        "",
        yaxis=theme.money_axis(values, not is_first, automargin=False),
        margin={"l": AXIS_WIDTH},
        shapes=shapes,
        annotations=annotations if is_first else [],
        legend={"y": 1.08} if is_first else {},  # above the names of periods
    )
    return Chart(drawing, alt, days, "zoom")


def _stretches(days: pd.DataFrame) -> Array:
    """Number of the stretch without a gap that a day is in: lines do not cross days left out."""
    steps = np.diff(days["date_day"].to_numpy())
    is_new = (steps > 1.5 * steps.min()).tolist() if len(steps) else []
    return np.cumsum([0, *is_new])


def _line(
    days: pd.DataFrame,
    column: str,
    limits: str | None,
    name: str,
    colour: str,
    dash: str = "solid",
    **trace: Any,
) -> list[Trace]:
    """A line over the band of its limits, if any, with gaps where days are left out."""
    at, stretches = days["date_day"].to_numpy(), _stretches(days)
    values, low, high = (
        days[known].to_numpy(float) if known else np.full(len(days), np.nan)
        for known in (column, limits and f"{limits}_low", limits and f"{limits}_high")
    )
    told = [
        theme.estimate(money, *row)
        for row in zip(values.tolist(), low.tolist(), high.tolist(), strict=True)
    ]
    # A day without a value between two stretches breaks the line.
    gaps = np.flatnonzero(np.diff(stretches)) + 1
    line = theme.scatter(
        x=np.insert(at, gaps, at[gaps] - np.timedelta64(12, "h")),
        y=np.insert(values, gaps, np.nan),
        customdata=np.insert(np.array(told, object), gaps, ""), hovertemplate="%{customdata}",
        name=name, legendgroup=name, mode="lines+markers" if len(days) == 1 else "lines",
        line={"color": colour, "width": 2 if dash == "solid" else 1.5, "dash": dash}, **trace,
    )  # fmt: skip
    known = ~np.isnan(low)
    if "error_y" in trace or not known.any():
        return [line]
    area = (at[known], low[known], high[known])
    return [theme.band(*area, colour, stretches[known], legendgroup=name), line]


def _periods(course: Course) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The pretest shaded, marks where test and cooldown begin, and the names of all three."""
    days = course.days["date_day"]
    test = pd.Timestamp(course.test_start)
    cooldown = days[days > pd.Timestamp(course.test_end)]
    starts = {"Test": test} | ({"Cooldown": cooldown.iloc[0]} if len(cooldown) else {})
    across = {"yref": "paper", "y0": 0, "y1": 1, "layer": "below"}
    dots = {"color": GREY, "dash": "dot", "width": 1.5}
    shapes: list[dict[str, Any]] = [
        across | {"type": "line", "x0": start, "x1": start, "line": dots}
        for start in starts.values()
    ]
    if (days < test).any():
        shade = {"type": "rect", "x0": days.iloc[0], "x1": test, "line": {"width": 0}}
        shapes.append(across | shade | {"fillcolor": GREY, "opacity": 0.1})
        starts = {"Pretest": days.iloc[0]} | starts
    # The name of the last ends where the panel does.
    last = list(starts)[-1]
    return shapes, [
        {
            "text": name, "x": days.iloc[-1] if name == last else start,
            "xanchor": "right" if name == last else "left", "y": 1, "yref": "paper",
            "yanchor": "bottom", "showarrow": False, "font": {"color": GREY, "weight": 500},
        }
        for name, start in starts.items()
    ]  # fmt: skip
