"""Charts of experiments: forests of estimates, and one experiment day by day."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from html import escape
from itertools import compress
from statistics import median_high
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from viewer.charts import intervals, theme
from viewer.charts.intervals import Array, Rows
from viewer.charts.theme import BLUE, GREY, PURPLE, Chart, Drawing, Trace
from viewer.format import count, day, is_missing, money, money_tick, ratio

ROW_HEIGHT = 30
# The legend above the rows, on a phone one entry a line, and the axis below them.
AROUND_ROWS = 150
# Intervals so many times as wide as the middle one are cut, so that the others can be read.
WIDE = 4
# What is left of an axis that is cut by less than this is not worth the cut.
WORTH_A_CUT = 1.5
# Panels of one experiment have their days below each other.
AXIS_WIDTH = 64
NUMBERS = ("value", "low", "high", "truth", "reference")


class Forest(NamedTuple):
    """A chart with one row for each estimate.

    Attributes:
        chart: The chart.
        cut: Names of the rows whose estimate, interval or truth goes beyond the axis.
    """

    chart: Chart
    cut: list[str]


class Axis(NamedTuple):
    """What the estimates of a forest are.

    Attributes:
        title: What they are called.
        truth: What their true values are called.
        is_money: Whether they are money, and else ratios.
        has_one_truth: Whether all rows have the same truth.
    """

    title: str
    truth: str
    is_money: bool
    has_one_truth: bool

    def write(self, value: float | None) -> str:
        """A value as text."""
        return money(value) if self.is_money else ratio(value)


IROAS = Axis("Incremental ROAS", "True iROAS", is_money=False, has_one_truth=False)
IROAS_BY_METHOD = IROAS._replace(has_one_truth=True)
REVENUE_BY_METHOD = Axis("Incremental revenue", "True effect", is_money=True, has_one_truth=True)
IROAS_COLUMNS = ("iroas", "iroas_low", "iroas_high", "true_iroas", "break_even")
REVENUE_COLUMNS = (
    *("incremental_revenue", "ci_low", "ci_high", "true_incremental_revenue", "nothing"),
)


def experiments(rows: pd.DataFrame, names: Mapping[str, str], chosen: str | None) -> Forest:
    """Incremental ROAS of experiments with its interval; a click on a row picks its id.

    Args:
        rows: Rows of `data.experiments`.
        names: Name of each experiment by its id.
        chosen: The experiment to mark.
    """
    more = [f"Test from {day(start)}<br>" for start in rows["test_start"]]
    estimates = _estimates(rows, IROAS_COLUMNS, "experiment_id", names, chosen) | {"more": more}
    verdicts = Counter(rows["verdict"])
    words = ", ".join(f"{verdict} {count(number)}" for verdict, number in verdicts.most_common())
    alt = (
        f"Forest plot of iROAS of {count(len(rows))} experiments,"
        f" {count(int(rows['iroas_low'].notna().sum()))} of them with an interval; verdicts:"
        f" {words}."
    )
    return _forest(estimates, IROAS, alt, rows[["experiment_id", *IROAS_COLUMNS, "verdict"]])


def methods(rows: pd.DataFrame, names: Mapping[str, str], shown: str) -> Forest:
    """Incremental ROAS of one experiment by every method; incremental revenue where none has it.

    Args:
        rows: Rows of `data.experiment_methods`.
        names: Name of each method.
        shown: The method to mark.
    """
    axis, columns = (
        (IROAS_BY_METHOD, IROAS_COLUMNS)
        if has_iroas(rows)
        else (REVENUE_BY_METHOD, REVENUE_COLUMNS)
    )
    rows = rows.assign(nothing=0.0)
    estimates = _estimates(rows, columns, "method", names, shown) | {"more": [""] * len(rows)}
    words = "; ".join(
        f"{name} {axis.write(value)}"
        for name, value in zip(estimates["label"], estimates["value"], strict=True)
        if not is_missing(value)
    )
    alt = f"Forest plot of {axis.title} by method: {words or 'none could measure it'}."
    truth = estimates["truth"][0]
    if not is_missing(truth):
        alt += f" The truth is {axis.write(truth)}."
    return _forest(estimates, axis, alt, rows[["method", *columns[:4], "verdict"]])


def has_iroas(rows: pd.DataFrame) -> bool:
    """Whether a method could tell iROAS.

    Args:
        rows: Rows of `data.experiment_methods`.
    """
    return bool(rows["iroas"].notna().any())


# --- Forests -----------------------------------------------------------------------------------


def _estimates(
    rows: pd.DataFrame,
    columns: Sequence[str],
    key: str,
    names: Mapping[str, str],
    marked: str | None,
) -> Rows:
    """Estimates, in order, by the names of NUMBERS."""
    keys = rows[key].tolist()
    return {
        **{name: rows[of].to_numpy(float) for name, of in zip(NUMBERS, columns, strict=True)},
        "key": keys,
        "label": [names[one] for one in keys],
        "verdict": rows["verdict"].tolist(),
        "reason": rows["verdict_reason"].tolist(),
        "is_marked": [one == marked for one in keys],
    }


def _forest(estimates: Rows, axis: Axis, alt: str, data: pd.DataFrame) -> Forest:
    lower, upper = domain(estimates)
    size = len(estimates["value"])
    rows = estimates | {
        "is_chosen": [True] * size,
        "told": [
            _told(dict(zip(estimates, row, strict=True)), axis)
            for row in zip(*estimates.values(), strict=True)
        ],
        "unknown": [f" {theme.capital(verdict)}" for verdict in estimates["verdict"]],
    }
    colours = theme.verdicts(rows["verdict"])
    traces = [
        _marks(rows["reference"], np.arange(size), GREY, "line-ns", width=1.5, hoverinfo="skip",
               showlegend=False),
        *intervals.traces(rows, lower, upper, colours),
        *([_only_entry(*next(iter(colours.items())))] if len(colours) == 1 else []),
    ]  # fmt: skip
    if not np.isnan(rows["truth"]).all():
        traces += _truths(rows, axis, lower, upper)
    stripes: list[dict[str, Any]] = [
        {
            "type": "rect", "xref": "paper", "x0": 0, "x1": 1, "y0": place - 0.5,
            "y1": place + 0.5, "fillcolor": BLUE, "opacity": 0.2, "line": {"width": 0},
            "layer": "below",
        }
        for place in np.flatnonzero(rows["is_marked"]).tolist()
    ]  # fmt: skip
    ticks = theme.nice_ticks(lower, upper)
    shown: dict[str, Any] = (
        {"tickvals": ticks, "ticktext": [money_tick(tick) for tick in ticks]}
        if axis.is_money
        else {"ticksuffix": "x"}
    )
    drawing = theme.drawing(
        traces,
        ROW_HEIGHT * size + AROUND_ROWS,
        hovermode="y unified",
        xaxis={"title": {"text": axis.title}, "range": [lower, upper]} | shown,
        yaxis=intervals.names_axis([intervals.in_two_lines(name) for name in rows["label"]]),
        shapes=stripes,
    )
    is_cut = intervals.beyond(rows, (*intervals.NUMBERS, "truth"), lower, upper)
    return Forest(Chart(drawing, alt, data, "zoom"), list(compress(rows["label"], is_cut)))


def _told(row: Mapping[Any, Any], axis: Axis) -> str:
    has_interval = not (is_missing(row["low"]) or is_missing(row["high"]))
    span = f" ({axis.write(row['low'])} to {axis.write(row['high'])})" if has_interval else ""
    truth = "" if is_missing(row["truth"]) else f"<br>{axis.truth} {axis.write(row['truth'])}"
    return (
        f"{row['more']}{axis.title} {axis.write(row['value'])}"
        f"{span}<br>{theme.capital(row['verdict'])}: {escape(row['reason'])}{truth}"
    )


def _only_entry(verdict: str, colour: str) -> Trace:
    """The legend also says what the only verdict is."""
    return theme.scatter(
        x=[None], y=[None], mode="markers", marker={"color": colour, "size": 9},
        name=theme.capital(verdict), showlegend=True,
    )  # fmt: skip


def _truths(rows: Rows, axis: Axis, lower: float, upper: float) -> list[Trace]:
    truths = rows["truth"]
    places = np.arange(len(truths))
    within = np.where((truths >= lower) & (truths <= upper), truths, np.nan)
    shape, width = ("line-ns", 2.5) if axis.has_one_truth else ("diamond-open", 2)
    group = {"name": axis.truth, "legendgroup": "truth", "hoverinfo": "skip"}
    return [
        _marks(within, places, PURPLE, shape, width, **group),
        *intervals.arrows(
            places, truths[:, np.newaxis], lower, upper, PURPLE, group | {"showlegend": False}
        ),
    ]


def _marks(
    values: Array, places: Array, colour: str, shape: str, width: float, **trace: Any
) -> Trace:
    """A mark in every row: a line as high as the row, or a diamond."""
    size = 9 if shape.startswith("diamond") else ROW_HEIGHT / 2 - 2
    line = {"color": colour, "width": width}
    marker = {"symbol": shape, "size": size, "color": colour, "line": line}
    return theme.scatter(x=values, y=places, mode="markers", marker=marker, **trace)


def domain(estimates: Rows) -> tuple[float, float]:
    """Ends of an axis on which most intervals can be read; the widest go beyond it.

    Args:
        estimates: value, low, high, truth and reference of each row, in the same unit.

    Returns:
        The least and the most value.
    """
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
    """One experiment day by day.

    Attributes:
        days: Rows of `data.experiment_days`, of which there are some.
        test_start: First day of the test.
        test_end: Last day of the test.
        truth: What it really brought, where that is known.
    """

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
    has_band = bool(days["baseline_low"].notna().any())
    name = _with_band("Without the campaign", has_band)
    traces = [
        *_band(days, "baseline", GREY, has_band, name),
        _line(days, "baseline", name, GREY, dash="5px,3px"),
        _line(days, "actual", "Actual", BLUE),
    ]
    earned, expected = course.tested["actual"].sum(), course.tested["baseline"].sum()
    columns = ["actual", "baseline", "baseline_low", "baseline_high"]
    return Chart(
        _panel(course, traces, 300, columns, has_zero=False, is_labelled=True),
        f"Line chart of the revenue of treated regions and of what it would have been without"
        f" the campaign, {_from_to(days)}: over test and cooldown {money(earned)} against"
        f" {money(expected)}.",
        days[["date_day", *columns]],
        "zoom",
    )


def daily_effect(course: Course) -> Chart:
    """Actual revenue of treated regions less what it would have been."""
    days = course.days
    has_band = bool(days["effect_low"].notna().any())
    traces = [
        *_band(days, "effect", BLUE, has_band, "Effect"),
        _line(days, "effect", "Effect", BLUE, showlegend=False),
    ]
    columns = ["effect", "effect_low", "effect_high"]
    mean = course.tested["effect"].mean()
    return Chart(
        _panel(course, traces, 210, columns),
        f"Line chart of the effect by date: {money(mean)} on the mean date of test and cooldown.",
        days[["date_day", *columns]],
        "zoom",
    )


def cumulative_effect(course: Course) -> Chart:
    """The daily effect added up from the start of the test, and the truth where it is known."""
    days, tested = course.days, course.tested
    limits = tested["cumulative_low"].notna().sum()
    has_band = bool(limits > 1)
    name = "Cumulative effect"
    if limits:
        name += ", and its interval" + ("" if has_band else " in the end")
    line = _line(days, "cumulative_incremental", name, BLUE, limits="cumulative")
    if limits and not has_band:
        line.update(error_y=_last_interval(days))
    traces = [*_band(days, "cumulative", BLUE, has_band, name), line]
    last = tested.iloc[-1]
    alt = f"Line chart of the cumulative effect, in the end {money(last['cumulative_incremental'])}"
    if not is_missing(last["cumulative_low"]):
        low, high = money(last["cumulative_low"]), money(last["cumulative_high"])
        alt += f" with an interval from {low} to {high}"
    if not is_missing(course.truth):
        alt += f"; the truth is {money(course.truth)}"
        traces.append(
            theme.scatter(
                x=[tested["date_day"].iloc[0], last["date_day"]], y=[course.truth] * 2,
                mode="lines", line={"color": PURPLE, "width": 2.5, "dash": "6px,3px"},
                name="True effect in the end", hoverinfo="skip",
            )
        )  # fmt: skip
    columns = ["cumulative_incremental", "cumulative_low", "cumulative_high"]
    return Chart(
        _panel(course, traces, 270, columns, more=[course.truth]),
        f"{alt}.",
        days[["date_day", *columns]],
        "zoom",
    )


def step_name(days: pd.DataFrame) -> str:
    """How far the dates are apart, as a word before "effect".

    Args:
        days: Rows of `data.experiment_days`.
    """
    step = days["date_day"].diff().min()
    return {1: "Daily", 7: "Weekly"}.get(0 if step is pd.NaT else step.days, "Single")


def has_gaps(days: pd.DataFrame) -> bool:
    """Whether days between the first and the last are left out.

    Args:
        days: Rows of `data.experiment_days`.
    """
    return bool(_stretches(days).any())


def _panel(
    course: Course,
    traces: Sequence[Trace],
    height: int,
    columns: Sequence[str],
    has_zero: bool = True,
    is_labelled: bool = False,
    more: Sequence[float | None] = (),
) -> Drawing:
    shapes, annotations = _periods(course, is_labelled)
    if has_zero:
        zero = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 0, "y1": 0}
        shapes.append(zero | {"line": {"color": GREY, "width": 1}, "layer": "below"})
    values = [*course.days[list(columns)].to_numpy(float).ravel(), *more]
    days = course.days["date_day"]
    return theme.time_drawing(
        traces,
        height,
        days,
        "",
        yaxis=theme.money_axis(values, has_zero, automargin=False),
        margin={"l": AXIS_WIDTH},
        shapes=shapes,
        annotations=annotations,
        legend={"y": 1.08} if is_labelled else {},  # above the names of periods
    )


def _stretches(days: pd.DataFrame) -> Array:
    """Number of the stretch without a gap that a day is in: lines do not cross days left out."""
    steps = np.diff(days["date_day"].to_numpy())
    is_new = (steps > 1.5 * steps.min()).tolist() if len(steps) else []
    return np.cumsum([0, *is_new])


def _line(
    days: pd.DataFrame,
    column: str,
    name: str,
    colour: str,
    limits: str = "",
    dash: str = "solid",
    **trace: Any,
) -> Trace:
    """A line that breaks where days are left out; the mouse also tells its limits, if any."""
    limits = limits or column
    low, high = (
        days.get(f"{limits}_{end}", pd.Series(np.nan, days.index)) for end in ("low", "high")
    )
    told = [
        money(value) + ("" if is_missing(least) else f" ({money(least)} to {money(most)})")
        for value, least, most in zip(days[column], low, high, strict=True)
    ]
    at, values = days["date_day"].to_numpy(), days[column].to_numpy(float)
    # A day without a value between two stretches breaks the line.
    gaps = np.flatnonzero(np.diff(_stretches(days))) + 1
    return theme.scatter(
        x=np.insert(at, gaps, at[gaps] - np.timedelta64(12, "h")),
        y=np.insert(values, gaps, np.nan),
        customdata=np.insert(np.array(told, object), gaps, ""), hovertemplate="%{customdata}",
        name=name, legendgroup=name, mode="lines+markers" if len(days) == 1 else "lines",
        line={"color": colour, "width": 2 if dash == "solid" else 1.5, "dash": dash}, **trace,
    )  # fmt: skip


def _band(days: pd.DataFrame, name: str, colour: str, has_band: bool, group: str) -> list[Trace]:
    """The interval of a figure by day, where a method has one."""
    if not has_band:
        return []
    low, high = days[f"{name}_low"], days[f"{name}_high"]
    known = low.notna().to_numpy()
    stretches = _stretches(days)[known]
    return [
        theme.band(
            days["date_day"][known], low[known], high[known], colour, stretches, legendgroup=group
        )
    ]


def _last_interval(days: pd.DataFrame) -> dict[str, Any]:
    """The interval of the whole at its end, for methods that have none by day."""
    value = days["cumulative_incremental"]
    return {
        "symmetric": False, "array": days["cumulative_high"] - value,
        "arrayminus": value - days["cumulative_low"], "thickness": 2, "width": 5,
    }  # fmt: skip


def _periods(
    course: Course, is_labelled: bool
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The pretest shaded, marks where test and cooldown begin, and the names of all three."""
    days = course.days["date_day"]
    test = pd.Timestamp(course.test_start)
    cooldown = days[days > pd.Timestamp(course.test_end)]
    starts = {"Test": test} | ({"Cooldown": cooldown.iloc[0]} if len(cooldown) else {})
    across = {"yref": "paper", "y0": 0, "y1": 1, "layer": "below"}
    shapes: list[dict[str, Any]] = [
        across
        | {"type": "line", "x0": start, "x1": start}
        | {"line": {"color": GREY, "dash": "dot", "width": 1.5}}
        for start in starts.values()
    ]
    if (days < test).any():
        shade = {"type": "rect", "x0": days.iloc[0], "x1": test, "line": {"width": 0}}
        shapes.append(across | shade | {"fillcolor": GREY, "opacity": 0.1})
        starts = {"Pretest": days.iloc[0]} | starts
    if not is_labelled:
        return shapes, []
    names = list(starts)
    # The name of the last ends where the panel does.
    ends = {name: (starts[name], "left") for name in names[:-1]}
    ends[names[-1]] = (days.iloc[-1], "right")
    return shapes, [
        {
            "text": name, "x": at, "xanchor": anchor, "y": 1, "yref": "paper",
            "yanchor": "bottom", "showarrow": False, "font": {"color": GREY, "weight": 500},
        }
        for name, (at, anchor) in ends.items()
    ]  # fmt: skip


def _with_band(name: str, has_band: bool) -> str:
    return f"{name}, and its interval" if has_band else name


def _from_to(days: pd.DataFrame) -> str:
    first, last = days["date_day"].iloc[0].date(), days["date_day"].iloc[-1].date()
    return f"{day(first)} to {day(last)}"
