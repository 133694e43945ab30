"""What holds of every row that the estimators publish, whatever the data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Any

from tests.python.support import Build

METHODS = (
    *("attributed", "organic_projection", "pre_period", "did", "did_ratio", "did_ratio_robust"),
    "joint_panel",
    *("tbr", "gbr", "trimmed_match", "synthetic_control"),
)
# What tests of experiments ask, and so have built.
MARTS = ("fct_incremental_roas", "fct_baseline_days", "dim_experiments")
VERDICTS = ("profitable", "unprofitable", "inconclusive", "not measurable")
INTERVALS = (
    ("ci_low", "incremental_revenue", "ci_high"),
    ("iroas_low", "iroas", "iroas_high"),
    ("lift_low", "lift", "lift_high"),
)
DAY_INTERVALS = (
    ("baseline_low", "baseline", "baseline_high"),
    ("cumulative_low", "cumulative_incremental", "cumulative_high"),
)
REL = 1e-9

Row = dict[str, Any]


@dataclass(frozen=True)
class Published:
    """The estimators' two marts, with rows by their keys."""

    methods: dict[tuple[str, str], Row]
    days: dict[tuple[str, str], list[Row]]

    @property
    def experiment_ids(self) -> list[str]:
        return sorted({experiment_id for experiment_id, _ in self.methods})

    def only(self, experiment_id: str) -> Published:
        """What is published of one experiment."""
        return Published(
            {key: row for key, row in self.methods.items() if key[0] == experiment_id},
            {key: rows for key, rows in self.days.items() if key[0] == experiment_id},
        )

    def of(self, experiment_id: str) -> list[Row]:
        return [row for (found, _), row in self.methods.items() if found == experiment_id]


def read_published(build: Build) -> Published:
    rows = _dicts(build, "fct_incremental_roas", "experiment_id, method")
    days: dict[tuple[str, str], list[Row]] = {}
    for row in _dicts(build, "fct_baseline_days", "experiment_id, method, date_day"):
        days.setdefault((row["experiment_id"], row["method"]), []).append(row)
    return Published({(row["experiment_id"], row["method"]): row for row in rows}, days)


def _dicts(build: Build, mart: str, order: str) -> list[Row]:
    columns = build.query(f"describe marts.{mart}")
    names = [name for name, *_ in columns]
    # Decimals arrive as such, and floats are what estimates are.
    selected = ", ".join(
        f"{name}::double" if kind.startswith("DECIMAL") else name for name, kind, *_ in columns
    )
    rows = build.query(f"select {selected} from marts.{mart} order by {order}")
    return [dict(zip(names, row, strict=True)) for row in rows]


def broken_invariants(published: Published) -> list[str]:
    """One line for each thing that must not be."""
    return [
        *(
            f"{experiment_id} {method}: {problem}"
            for (experiment_id, method), row in published.methods.items()
            for problem in (
                *_not_finite(row),
                *_intervals(row, INTERVALS),
                *_sums(row),
                *_probabilities(row),
                *_verdict(row),
            )
        ),
        *(
            f"{experiment_id} {method} {row['date_day']}: {problem}"
            for (experiment_id, method), rows in published.days.items()
            for row in rows
            for problem in (*_not_finite(row), *_intervals(row, DAY_INTERVALS))
        ),
        *(
            f"{experiment_id} {method}: {problem}"
            for (experiment_id, method), rows in published.days.items()
            for problem in _last_day(published.methods.get((experiment_id, method)), rows)
        ),
        *(
            f"{experiment_id}: {problem}"
            for experiment_id in published.experiment_ids
            for problem in _experiment(published.of(experiment_id))
        ),
    ]


def _not_finite(row: Row) -> Iterator[str]:
    for name, value in row.items():
        if isinstance(value, float) and not isfinite(value):
            yield f"{name} is {value}"


def _intervals(row: Row, intervals: tuple[tuple[str, str, str], ...]) -> Iterator[str]:
    for low_name, point_name, high_name in intervals:
        low, point, high = row[low_name], row[point_name], row[high_name]
        if low is None and high is not None:
            yield f"{high_name} without {low_name}"
        elif low is not None and high is None and not _is_boundless(row, high_name):
            yield f"{low_name} without {high_name}"
        elif low is not None and point is None:
            yield f"{low_name} without {point_name}"
        elif low is not None and not _is_between(low, point, high):
            yield f"{point_name} {point} is not between {low} and {high}"


def _is_between(low: float, point: float, high: float | None) -> bool:
    """An interval may end at the estimate, and sums taken in another order differ by a bit."""
    slack = REL * max(abs(low), abs(point))
    return low <= point + slack and (high is None or (low <= high and point - slack <= high))


def _is_boundless(row: Row, name: str) -> bool:
    """Revenue that may all be incremental is infinitely more than nothing."""
    return name == "lift_high" and bool(row["ci_high"] >= row["actual_revenue"])


def _close(value: float, expected: float, scale: float = 0) -> bool:
    return abs(value - expected) <= REL * max(abs(value), abs(expected), scale)


def _sums(row: Row) -> Iterator[str]:
    incremental = row["incremental_revenue"]
    actual, baseline, spend = row["actual_revenue"], row["baseline_revenue"], row["spend"]
    if None not in (actual, baseline, incremental) and not _close(
        actual - baseline, incremental, scale=abs(actual)
    ):
        yield f"actual {actual} - baseline {baseline} is not incremental {incremental}"
    if row["iroas"] is not None and (
        None in (incremental, spend) or not _close(row["iroas"] * spend, incremental)
    ):
        yield f"iroas {row['iroas']} is not {incremental} / {spend}"
    # Pairs also measure what is lost by spending less.
    if row["iroas"] is not None and (
        spend == 0 or (spend < 0 and row["method"] != "trimmed_match")
    ):
        yield f"a ratio to a spend of {spend}"


def _probabilities(row: Row) -> Iterator[str]:
    """One inference procedure per row: whatever the interval leaves out is improbable."""
    for probability_name, low_name, high_name, value in (
        ("prob_positive", "ci_low", "ci_high", 0.0),
        ("prob_profitable", "iroas_low", "iroas_high", row["break_even"]),
    ):
        probability, low, high = row[probability_name], row[low_name], row[high_name]
        if (probability is None) != (low is None):
            yield f"{probability_name} is {probability}, but {low_name} is {low}"
            continue
        if probability is None or _on_the_bound(low, high, value):
            continue
        if not 0 <= probability <= 1:
            yield f"{probability_name} is {probability}"
        upper = (1 + row["ci_level"]) / 2
        if min(abs(probability - upper), abs(probability - (1 - upper))) < REL:
            continue
        if (low > value) != (probability > upper) or (high < value) != (probability < 1 - upper):
            yield f"{probability_name} {probability} contradicts {low} to {high} at {upper}"


def _on_the_bound(low: float, high: float, value: float) -> bool:
    return min(abs(low - value), abs(high - value)) <= REL * max(high - low, abs(low), abs(high))


def _verdict(row: Row) -> Iterator[str]:
    verdict, low, high = row["verdict"], row["iroas_low"], row["iroas_high"]
    if verdict not in VERDICTS:
        yield f"verdict {verdict}"
    if low is None:
        expected = "not measurable"
    elif low > row["break_even"]:
        expected = "profitable"
    elif high < row["break_even"]:
        expected = "unprofitable"
    else:
        expected = "inconclusive"
    if verdict != expected:
        yield f"verdict {verdict}, but iroas is from {low} to {high}"
    needs_reason = verdict == "not measurable" or None in (
        *(row["incremental_revenue"], row["ci_low"], row["iroas"], row["iroas_low"]),
    )
    if needs_reason and not (row["verdict_reason"] or "").strip():
        yield f"verdict {verdict} without a reason"


def _last_day(row: Row | None, days: list[Row]) -> Iterator[str]:
    """A method's series ends with what the method says of the whole."""
    if row is None:
        yield "days of a method without a row"
        return
    last = days[-1]
    for day_name, name in (
        ("cumulative_incremental", "incremental_revenue"),
        ("cumulative_low", "ci_low"),
        ("cumulative_high", "ci_high"),
    ):
        value, expected = last[day_name], row[name]
        if value is None:
            continue
        # Small differences of large totals keep the digits that these leave over.
        scale = max(row["se"] or 0, 1e-5 * abs(row["actual_revenue"] or 0))
        if expected is None or not _close(value, expected, scale):
            yield f"the last {day_name} is {value}, but {name} is {expected}"


def _experiment(rows: list[Row]) -> Iterator[str]:
    if sorted(row["method"] for row in rows) != sorted(METHODS):
        yield f"methods {[row['method'] for row in rows]}"
    defaults = [row for row in rows if row["is_default"]]
    if len(defaults) > 1:
        yield f"several defaults: {[row['method'] for row in defaults]}"
    if not defaults and any(row["verdict"] != "not measurable" for row in rows):
        yield "no default, though something is measured"
    for row in defaults:
        if not (row["default_reason"] or "").strip():
            yield f"{row['method']} is the default without a reason"
