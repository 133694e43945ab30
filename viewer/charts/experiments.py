"""Charts of experiments: forests of estimates, and one experiment day by day."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import compress
from statistics import median_high
from typing import Any, NamedTuple

import pandas as pd

from viewer.charts.base import (
    BLUE,
    GREY,
    PURPLE,
    VERDICT_COLOURS,
    Chart,
    Spec,
    chart,
    colours,
    hover_rule,
    midnight,
    money_axis,
    money_text,
    ratio_axis,
    records,
    time_axis,
    tooltip,
)
from viewer.format import count, day, is_missing, money, ratio

ROW_HEIGHT = 24
# A chart's height has the legend above and the axis below its rows in it.
AROUND_ROWS = 128
# Intervals so many times as wide as the middle one are cut, so that the others can be read.
WIDE = 4
# What is left of an axis that is cut by less than this is not worth the cut.
WORTH_A_CUT = 1.5
# Panels of one experiment have their days below each other.
AXIS_WIDTH = 62
# Whether a chart is on a phone, as Vega sees it.
IS_NARROW = "containerSize()[0] < 600"
# The selection of a forest, and the fields that it tells.
CHOSEN, KEY, TURN = "experiment", "key", "turn"
# What tells that an estimate, its interval or its truth goes beyond the axis.
CUT = ("is_cut_low", "is_cut_high", "is_truth_low", "is_truth_high")

# A row of a forest: key, label, value, low, high, reference, truth, verdict, reason, is_marked.
Estimate = dict[str, Any]


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


def experiments(
    rows: pd.DataFrame, names: Mapping[str, str], chosen: str | None, turn: int = 0
) -> Forest:
    """Incremental ROAS of experiments with its interval; a click on a row selects its id.

    Args:
        rows: Rows of `data.experiments`.
        names: Name of each experiment by its id.
        chosen: The experiment to mark.
        turn: Number of choices that were made before.
    """
    numbers = ("iroas", "iroas_low", "iroas_high", "break_even", "true_iroas")
    estimates = [
        {
            KEY: row["experiment_id"],
            "label": names[row["experiment_id"]],
            "when": row["when"],
            "value": row["iroas"],
            "low": row["iroas_low"],
            "high": row["iroas_high"],
            "reference": row["break_even"],
            "truth": row["true_iroas"],
            "verdict": row["verdict"],
            "reason": row["verdict_reason"],
            "is_marked": row["experiment_id"] == chosen,
            TURN: turn,
        }
        for row in records(
            rows.assign(when=rows["test_start"].map(day)),
            *("experiment_id", "when", *numbers, "verdict", "verdict_reason"),
        )
    ]
    measured = sum(row["low"] is not None for row in estimates)
    verdicts = Counter(row["verdict"] for row in estimates)
    words = ", ".join(f"{verdict} {count(number)}" for verdict, number in verdicts.most_common())
    alt = (
        f"Forest plot of iROAS of {count(len(rows))} experiments, {count(measured)} of them"
        f" with an interval; verdicts: {words}."
    )
    return _forest(estimates, IROAS, alt, shown={"when": "Test from"}, is_clickable=True)


def methods(rows: pd.DataFrame, names: Mapping[str, str], shown: str) -> Forest:
    """Incremental ROAS of one experiment by every method; incremental revenue where none has it.

    Args:
        rows: Rows of `data.experiment_methods`.
        names: Name of each method.
        shown: The method to mark.
    """
    if has_iroas(rows):
        axis = IROAS_BY_METHOD
        columns = ("iroas", "iroas_low", "iroas_high", "true_iroas", "break_even")
    else:
        axis = REVENUE_BY_METHOD
        columns = (
            "incremental_revenue",
            "ci_low",
            "ci_high",
            "true_incremental_revenue",
            "nothing",
        )
    fields = ("value", "low", "high", "truth", "reference")
    estimates = [
        {
            KEY: row["method"],
            "label": names[row["method"]],
            **{field: row[column] for field, column in zip(fields, columns, strict=True)},
            "verdict": row["verdict"],
            "reason": row["verdict_reason"],
            "is_marked": row["method"] == shown,
        }
        for row in records(rows.assign(nothing=0), "method", *columns, "verdict", "verdict_reason")
    ]
    words = "; ".join(
        f"{row['label']} {axis.write(row['value'])}"
        for row in estimates
        if row["value"] is not None
    )
    alt = f"Forest plot of {axis.title} by method: {words or 'none could measure it'}."
    truth = estimates[0]["truth"]
    if truth is not None:
        alt += f" The truth is {axis.write(truth)}."
    return _forest(estimates, axis, alt, shown={}, is_clickable=False)


def has_iroas(rows: pd.DataFrame) -> bool:
    """Whether a method could tell iROAS.

    Args:
        rows: Rows of `data.experiment_methods`.
    """
    return bool(rows["iroas"].notna().any())


# --- Forests -----------------------------------------------------------------------------------


def _forest(
    estimates: Sequence[Estimate],
    axis: Axis,
    alt: str,
    shown: Mapping[str, str],
    is_clickable: bool,
) -> Forest:
    ends = domain(estimates)
    rows = [_drawn(row, axis, *ends) for row in estimates]
    has_truth = any(row["truth"] is not None for row in rows)
    fields = {"label": "Name" if is_clickable else "Method", **shown, "estimate": axis.title}
    fields |= {"interval": "Interval", "verdict": "Verdict", "reason": "Because"}
    if has_truth:
        fields["true_value"] = axis.truth
    x = (money_axis if axis.is_money else ratio_axis)(
        "value_at", axis.title, scale={"domain": list(ends), "nice": False, "zero": False}
    )
    spec = chart(
        rows,
        _forest_layers(x, rows, axis, has_truth, fields, is_clickable),
        height=ROW_HEIGHT * len(rows) + AROUND_ROWS,
    )
    _wrap_legend(spec, 2)
    cut = [row["label"] for row in rows if any(row[name] for name in CUT)]
    return Forest(Chart(spec, alt), cut)


def _drawn(row: Estimate, axis: Axis, least: float, most: float) -> Estimate:
    """A row with where its marks stand on the axis, and its figures as text."""
    numbers = {name: row[name] for name in ("value", "low", "high", "truth")}
    known = {name: number for name, number in numbers.items() if number is not None}
    own = [number for name, number in known.items() if name != "truth"]
    truth = [number for name, number in known.items() if name == "truth"]
    has_interval = "low" in known and "high" in known
    interval = f"{axis.write(row['low'])} to {axis.write(row['high'])}" if has_interval else "–"
    return {
        **row,
        **{
            f"{name}_at": None if number is None else min(max(number, least), most)
            for name, number in numbers.items()
        },
        "is_cut_low": any(number < least for number in own),
        "is_cut_high": any(number > most for number in own),
        "is_truth_low": any(number < least for number in truth),
        "is_truth_high": any(number > most for number in truth),
        "verdict": row["verdict"].capitalize(),
        "estimate": axis.write(row["value"]),
        "interval": interval,
        "true_value": axis.write(row["truth"]),
    }


def domain(estimates: Sequence[Estimate]) -> tuple[float, float]:
    """Ends of an axis on which most intervals can be read; the widest go beyond it.

    Args:
        estimates: value, low, high, truth and reference of each row, in the same unit.

    Returns:
        The least and the most value.
    """
    widths = [_width(row) for row in estimates]
    everything = _reach(estimates)
    known = [width for width in widths if width is not None]
    if not known:
        return everything
    widest = WIDE * median_high(known)
    references = [{"reference": row["reference"]} for row in estimates]  # are always shown
    is_legible = [width is not None and width <= widest for width in widths]
    least, most = _reach([*compress(estimates, is_legible), *references])
    # Estimates that are not far away are shown, if not with the whole of their interval.
    near = [
        {"value": value}
        for row in estimates
        if (value := row["value"]) is not None
        and least - (most - least) <= value <= most + (most - least)
    ]
    legible = _reach([*compress(estimates, is_legible), *references, *near])
    whole, part = everything[1] - everything[0], legible[1] - legible[0]
    return everything if whole <= WORTH_A_CUT * part else legible


def _width(row: Estimate) -> float | None:
    low, high = row["low"], row["high"]
    return None if low is None or high is None else float(high - low)


def _reach(rows: Sequence[Mapping[str, float | None]]) -> tuple[float, float]:
    """From the least to the most number, with some room at both ends."""
    names = ("value", "low", "high", "truth", "reference")
    numbers = [number for row in rows for name in names if (number := row.get(name)) is not None]
    least, most = min(numbers), max(numbers)
    room = 0.04 * (most - least) or 1.0
    return least - room, most + room


def _wrap_legend(spec: Spec, columns: int) -> None:
    """Lay the legend out in so many columns where it would not fit into one row."""
    spec["config"]["legend"] |= {"columns": {"expr": f"{IS_NARROW} ? {columns} : 6"}}


def _forest_layers(
    x: Spec,
    rows: Sequence[Estimate],
    axis: Axis,
    has_truth: bool,
    fields: Mapping[str, str],
    is_clickable: bool,
) -> list[Spec]:
    y = {
        "field": "label",
        "type": "nominal",
        "sort": [row["label"] for row in rows],
        "axis": {
            "title": None,
            "ticks": False,
            "domain": False,
            "labelOverlap": False,
            "labelFlush": False,
            # Names are as long as a wide window allows; a phone needs the room for the intervals.
            "labelLimit": {"expr": f"{IS_NARROW} ? 110 : 340"},
        },
    }
    seen = {row["verdict"] for row in rows}
    members = {
        verdict.capitalize(): colour
        for verdict, colour in VERDICT_COLOURS.items()
        if verdict.capitalize() in seen
    }
    if has_truth:
        members[axis.truth] = PURPLE
    scale = colours(members)
    by_verdict = {"field": "verdict", "type": "nominal", "scale": scale}
    across = {"x": {"value": 0}, "x2": {"value": "width"}, "y": y}
    layers: list[Spec] = [
        {
            "transform": [{"filter": "datum.is_marked"}],
            "mark": {"type": "rect", "color": BLUE, "opacity": 0.2},
            "encoding": across,
        },
        {
            "mark": {"type": "tick", "size": ROW_HEIGHT, "thickness": 1.5, "color": GREY},
            "encoding": {"y": y, "x": x | {"field": "reference"}},
        },
        {
            "mark": {"type": "rule", "strokeWidth": 2.5},
            "encoding": {
                "y": y,
                "x": x | {"field": "low_at"},
                "x2": {"field": "high_at"},
                "color": by_verdict,
            },
        },
        *_arrows("is_cut", y, by_verdict),
        {
            "transform": [{"filter": "datum.value === datum.value_at"}],
            "mark": {"type": "point", "filled": True, "size": 75, "opacity": 1},
            "encoding": {"y": y, "x": x, "color": by_verdict},
        },
        {
            "transform": [{"filter": "!isValid(datum.value)"}],
            "mark": {
                "type": "text",
                "align": "left",
                "color": GREY,
                "fontSize": 11,
            },
            "encoding": {"y": y, "x": {"value": 6}, "text": {"field": "verdict"}},
        },
    ]
    if has_truth:
        by_truth = {"datum": axis.truth, "scale": scale}
        mark: Spec = {"type": "point", "shape": "diamond", "size": 60, "strokeWidth": 2}
        if axis.has_one_truth:
            mark = {"type": "tick", "size": ROW_HEIGHT, "thickness": 2.5}
        layers.append(
            {
                "transform": [{"filter": "datum.truth === datum.truth_at"}],
                "mark": mark,
                "encoding": {"y": y, "x": x | {"field": "truth_at"}, "color": by_truth},
            }
        )
        layers.extend(_arrows("is_truth", y, by_truth))
    layers.append(_hit_area(across, fields, is_clickable))
    return layers


def _arrows(name: str, y: Spec, colour: Spec) -> list[Spec]:
    """Arrows at the ends of the axis for rows that go beyond it."""
    return [
        {
            "transform": [{"filter": f"datum.{name}_{end}"}],
            "mark": {"type": "point", "shape": shape, "filled": True, "size": 90, "opacity": 1},
            "encoding": {"y": y, "x": {"value": x}, "color": colour},
        }
        for end, x, shape in (("low", 0, "triangle-left"), ("high", "width", "triangle-right"))
    ]


def _hit_area(across: Spec, fields: Mapping[str, str], is_clickable: bool) -> Spec:
    """The whole of every row, to point at and to click."""
    area: Spec = {
        "mark": {"type": "rect", "opacity": 0, "cursor": "pointer" if is_clickable else "default"},
        "encoding": across | {"tooltip": tooltip(fields)},
    }
    if is_clickable:
        # A click on the row that was clicked last counts, after something else was chosen.
        select = {"type": "point", "fields": [KEY, TURN]}
        area["params"] = [{"name": CHOSEN, "select": select}]
    return area


# --- One experiment day by day -----------------------------------------------------------------


class Course(NamedTuple):
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

    @property
    def tested(self) -> pd.DataFrame:
        """The days of test and cooldown."""
        return self.days[self.days["date_day"] >= pd.Timestamp(self.test_start)]


def actual_and_counterfactual(course: Course) -> Chart:
    """Revenue of treated regions, and what it would have been without the campaign."""
    has_band = bool(course.days["baseline_low"].notna().any())
    names = {"Actual": BLUE, _with_band("Without the campaign", has_band): GREY}
    scale = colours(names)
    actual, baseline = names
    own = {"datum": baseline, "scale": scale}
    x = time_axis("day")
    layers = [
        *_periods(course, x, is_labelled=True),
        *_band("baseline", x, own, has_band, has_zero=False),
        _line("baseline", x, own, has_zero=False, strokeDash=[5, 3]),
        _line("actual", x, {"datum": actual, "scale": scale}, has_zero=False),
        hover_rule(
            x,
            {"day": "Date", "actual_text": "Actual", "baseline_text": "Without the campaign"}
            | _limits("baseline", has_band),
        ),
    ]
    earned, expected = course.tested["actual"].sum(), course.tested["baseline"].sum()
    return Chart(
        _panel(course, layers, 300, ("actual", "baseline", "baseline_low", "baseline_high")),
        f"Line chart of the revenue of treated regions and of what it would have been without"
        f" the campaign, {_from_to(course.days)}: over test and cooldown {money(earned)} against"
        f" {money(expected)}.",
    )


def daily_effect(course: Course) -> Chart:
    """Actual revenue of treated regions less what it would have been."""
    has_band = bool(course.days["effect_low"].notna().any())
    colour = {"value": BLUE}
    x = time_axis("day")
    layers = [
        *_periods(course, x),
        *_band("effect", x, colour, has_band),
        _zero(),
        _line("effect", x, colour),
        hover_rule(x, {"day": "Date", "effect_text": "Effect"} | _limits("effect", has_band)),
    ]
    mean = course.tested["effect"].mean()
    return Chart(
        _panel(course, layers, 210, ("effect", "effect_low", "effect_high")),
        f"Line chart of the effect by date: {money(mean)} on the mean date of test and cooldown.",
    )


def cumulative_effect(course: Course) -> Chart:
    """The daily effect added up from the start of the test, and the truth where it is known."""
    tested = course.tested
    limits = tested["cumulative_low"].notna().sum()
    has_band = bool(limits > 1)
    name = "Cumulative effect, and its interval" + ("" if has_band else " in the end")
    names = {name if limits else "Cumulative effect": BLUE}
    has_truth = not is_missing(course.truth)
    if has_truth:
        names["True effect in the end"] = PURPLE
    scale = colours(names)
    x = time_axis("day")
    own = {"datum": next(iter(names)), "scale": scale}
    layers = [
        *_periods(course, x),
        *_band("cumulative", x, own, has_band),
        _zero(),
        _line("cumulative_incremental", x, own),
    ]
    if limits and not has_band:
        layers.append(_last_interval(x, own))
    if has_truth:
        layers.append(_truth(course, scale))
    shown = {"day": "Date", "cumulative_incremental_text": "Up to here"}
    layers.append(hover_rule(x, shown | _limits("cumulative", has_band)))
    last = tested.iloc[-1]
    alt = f"Line chart of the cumulative effect, in the end {money(last['cumulative_incremental'])}"
    if not is_missing(last["cumulative_low"]):
        low, high = money(last["cumulative_low"]), money(last["cumulative_high"])
        alt += f" with an interval from {low} to {high}"
    if has_truth:
        alt += f"; the truth is {money(course.truth)}"
    text = ("cumulative_incremental", "cumulative_low", "cumulative_high")
    return Chart(_panel(course, layers, 270, text), f"{alt}.")


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


def _panel(course: Course, layers: Sequence[Spec], height: int, text: Sequence[str]) -> Spec:
    days = course.days.assign(day=course.days["date_day"], stretch=_stretches(course.days))
    columns = ["day", "stretch", *text]
    spec = chart(records(days, *columns), layers, height, transform=money_text(*text))
    _wrap_legend(spec, 1)
    return spec


def _stretches(days: pd.DataFrame) -> pd.Series:
    """Number of the stretch without a gap that a day is in: lines do not cross days left out."""
    steps = days["date_day"].diff()
    is_new: pd.Series[bool] = steps > 1.5 * steps.min()
    return is_new.cumsum()


def _line(field: str, x: Spec, colour: Spec, has_zero: bool = True, **mark: Any) -> Spec:
    return {
        "mark": {"type": "line", "strokeWidth": 1.5 if mark else 2, **mark},
        "encoding": {
            "x": x,
            "y": _money(field, has_zero),
            "color": colour,
            "detail": {"field": "stretch"},
        },
    }


def _band(name: str, x: Spec, colour: Spec, has_band: bool, has_zero: bool = True) -> list[Spec]:
    """The interval of a figure by day, where a method has one."""
    if not has_band:
        return []
    return [
        {
            "mark": {"type": "area", "opacity": 0.25},
            "encoding": {
                "x": x,
                "y": _money(f"{name}_low", has_zero),
                "y2": {"field": f"{name}_high"},
                "color": colour,
                "detail": {"field": "stretch"},
            },
        }
    ]


def _money(field: str, has_zero: bool = True) -> Spec:
    encoding = money_axis(field, scale={"zero": has_zero, "nice": True})
    encoding["axis"] |= {"minExtent": AXIS_WIDTH, "maxExtent": AXIS_WIDTH}
    return encoding


def _zero() -> Spec:
    return {
        "mark": {"type": "rule", "color": GREY, "strokeWidth": 1},
        "encoding": {"y": {"datum": 0}},
    }


def _last_interval(x: Spec, colour: Spec) -> Spec:
    """The interval of the whole at its end, for methods that have none by day."""
    return {
        "transform": [{"filter": "isValid(datum.cumulative_low)"}],
        "mark": {"type": "errorbar", "ticks": True, "thickness": 2},
        "encoding": {
            "x": x,
            "y": _money("cumulative_low"),
            "y2": {"field": "cumulative_high"},
            "color": colour,
        },
    }


def _truth(course: Course, scale: Spec) -> Spec:
    first, last = course.tested["date_day"].iloc[0], course.tested["date_day"].iloc[-1]
    line = {"day": midnight(first), "until": midnight(last), "true": course.truth}
    return {
        "data": {"values": [line]},
        "mark": {"type": "rule", "strokeDash": [6, 3], "strokeWidth": 2.5},
        "encoding": {
            "x": time_axis("day"),
            "x2": {"field": "until"},
            "y": _money("true"),
            "color": {"datum": scale["domain"][-1], "scale": scale},
        },
    }


def _periods(course: Course, x: Spec, is_labelled: bool = False) -> list[Spec]:
    """The pretest shaded, and marks where test and cooldown begin."""
    days = course.days["date_day"]
    first = days.iloc[0]
    pretest = days[days < pd.Timestamp(course.test_start)]
    cooldown = days[days > pd.Timestamp(course.test_end)]
    starts = [{"day": midnight(course.test_start), "name": "Test"}]
    starts += [{"day": midnight(cooldown.iloc[0]), "name": "Cooldown"}] if len(cooldown) else []
    layers: list[Spec] = [
        {
            "data": {"values": starts},
            "mark": {"type": "rule", "strokeDash": [2, 3], "strokeWidth": 1.5, "color": GREY},
            "encoding": {"x": x},
        }
    ]
    names = list(starts)
    if len(pretest):
        shade = {"day": midnight(first), "until": midnight(course.test_start)}
        layers.insert(
            0,
            {
                "data": {"values": [shade]},
                "mark": {"type": "rect", "color": GREY, "opacity": 0.1},
                "encoding": {"x": x, "x2": {"field": "until"}},
            },
        )
        names.insert(0, {"day": midnight(first), "name": "Pretest"})
    if is_labelled:
        at_end = [{"day": midnight(days.iloc[-1]), "name": names.pop()["name"]}]
        layers.append(_period_names(names, x, "left"))
        layers.append(_period_names(at_end, x, "right"))
    return layers


def _period_names(names: Sequence[Spec], x: Spec, align: str) -> Spec:
    """Names of periods above the panel; that of the last ends where the panel does."""
    return {
        "data": {"values": list(names)},
        "mark": {
            "type": "text",
            "align": align,
            "baseline": "bottom",
            "dy": -4,
            "color": GREY,
            "fontWeight": 500,
        },
        "encoding": {"x": x, "y": {"value": 0}, "text": {"field": "name"}},
    }


def _with_band(name: str, has_band: bool) -> str:
    return f"{name}, and its interval" if has_band else name


def _limits(name: str, has_band: bool) -> dict[str, str]:
    return {f"{name}_low_text": "at least", f"{name}_high_text": "at most"} if has_band else {}


def _from_to(days: pd.DataFrame) -> str:
    first, last = days["date_day"].iloc[0].date(), days["date_day"].iloc[-1].date()
    return f"{day(first)} to {day(last)}"
