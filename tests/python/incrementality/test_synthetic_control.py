"""Synthetic control against SciPy, on panels of many kinds.

The models' compiled SQL runs on tables made here. The reference is written from the papers: weights
by non-negative least squares, and conformal p-values by fitting again for every effect asked about.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pytest
from scipy.optimize import nnls

from tests.python.incrementality.golden import geolift, golden_cases, needs_reference
from tests.python.incrementality.panels import GeoTest, write_geo_tests
from tests.python.support import run_dbt

pytestmark = pytest.mark.build

Array = npt.NDArray[np.float64]
Row = dict[str, Any]

FIRST_DAY = date(2024, 1, 1)
KINDS = ("noise", "common", "whole numbers", "twins", "constant", "silent", "mixture", "tiny")
FIGURES = ("incremental_revenue", "ci_low", "ci_high", "p_value", "prob_positive", "att")
LARGEST = 1e-9  # what may be rounding, in units of the largest response


@dataclass(frozen=True)
class Panel:
    """Responses by date and geo; the last dates are the test."""

    control: Array
    treated: Array
    test_dates: int
    ci_level: float = 0.9
    break_even: float = 1.0
    spend: float | None = None
    is_demeaned: bool = True

    @property
    def dates(self) -> int:
        return len(self.control)

    @property
    def pretest_dates(self) -> int:
        return self.dates - self.test_dates

    @property
    def scale(self) -> float:
        return float(max(np.abs(self.control).max(), np.abs(self.treated).max()))

    @property
    def unit(self) -> float:
        """Revenue of an effect of 1, in units of the scale, per treated geo and date."""
        return self.scale * int(self.treated.shape[1]) * self.test_dates

    @property
    def gaps(self) -> Array:
        gaps: Array = self.control - self.treated.mean(axis=1, keepdims=True)
        return gaps / self.scale


class Reference:
    """What the papers say about a panel."""

    def __init__(self, panel: Panel) -> None:
        self.panel = panel
        pretest = panel.gaps[: panel.pretest_dates]
        level = pretest.mean(axis=0) if panel.is_demeaned else np.zeros(pretest.shape[1])
        self.pretest = pretest - level
        self.weights = simplex_weights(self.pretest)
        self.misses = (panel.gaps - level) @ self.weights

    @property
    def effect(self) -> float:
        return -float(self.misses[self.panel.pretest_dates :].mean())

    @property
    def is_unique(self) -> bool:
        """Whether no other weights could do as well."""
        differences = (self.pretest[:, 1:] - self.pretest[:, :1]) if self.pretest.size else None
        if differences is None or differences.shape[1] == 0:
            return True
        values = np.linalg.svd(differences, compute_uv=False)
        full = len(values) == differences.shape[1] and values[-1] > 1e-4 * values[0]
        return bool(full)

    def misses_under(self, effect: float) -> Array:
        """Misses on all dates, the effect taken off the test and the weights fitted to them all."""
        gaps = self.panel.gaps.copy()
        gaps[self.panel.pretest_dates :] += effect
        if self.panel.is_demeaned:
            gaps -= gaps.mean(axis=0)
        misses: Array = gaps @ simplex_weights(gaps)
        return misses

    def window_sums(self, values: Array) -> Array:
        """Sums over the test and its cyclic shifts."""
        shifts = [np.roll(values, -s)[self.panel.pretest_dates :] for s in range(self.panel.dates)]
        return np.array([shift.sum() for shift in shifts])

    def shifts(self, effect: float) -> int:
        """How many shifts do as badly as the test, up or down."""
        sums = np.abs(self.window_sums(self.misses_under(effect)))
        return int((sums >= sums[0] - LARGEST * self.panel.test_dates).sum())

    @property
    def p_value(self) -> float:
        """Of no effect on any date, from sums of absolute misses."""
        sums = self.window_sums(np.abs(self.misses_under(0)))
        kept = sums >= sums[0] - LARGEST * self.panel.test_dates
        return float(kept.mean())

    @property
    def rejecting_shifts(self) -> int:
        return int((1 - self.panel.ci_level) * self.panel.dates + 1e-9)


def simplex_weights(gaps: Array) -> Array:
    """Weights >= 0 with sum 1 that minimise |gaps @ weights|.

    With u = weights times any number, the conditions of the optimum are those of non-negative least
    squares for |gaps @ u|^2 + (sum(u) - 1)^2.
    """
    largest = np.abs(gaps).max() or 1.0
    system = np.vstack([gaps / largest, np.ones((1, gaps.shape[1]))])
    target = np.append(np.zeros(len(gaps)), 1.0)
    solution, _ = nnls(system, target, maxiter=10_000)
    weights: Array = solution / solution.sum()
    return weights


def random_panel(seed: int) -> Panel:
    random = np.random.default_rng(seed)
    kind = KINDS[seed % len(KINDS)]
    donors, treated = int(random.integers(1, 12)), int(random.integers(1, 5))
    pretest, test = int(random.integers(3, 36)), int(random.integers(1, 14))
    dates = pretest + test
    days = 1 + 0.2 * np.sin(np.arange(dates)) + 0.02 * random.normal(size=dates).cumsum()
    sizes = random.lognormal(0, 0.5, donors + treated)
    responses = sizes * days[:, None] + 0.1 * random.normal(size=(dates, donors + treated))
    if kind == "noise":
        responses = random.normal(size=responses.shape)
    elif kind == "whole numbers":
        responses = random.integers(0, 4, responses.shape).astype(float)
    control, treatment = responses[:, :donors], responses[:, donors:]
    if kind == "twins":
        control = control[:, random.integers(0, (donors + 1) // 2, donors)]
    elif kind == "constant":
        control[:, ::2] = 1
    elif kind == "silent":
        control = control * (random.random(control.shape) < 0.2)
        treatment = treatment * (random.random(treatment.shape) < 0.3)
    elif kind == "mixture":
        treatment = (control @ random.dirichlet(np.ones(donors)))[:, None]
        treatment = treatment + 0.01 * random.normal(size=treatment.shape)
    elif kind == "tiny":
        treatment = treatment * 1e-3
    treatment[pretest:] *= random.choice([1.0, 1.0, 1.3])
    scale = 1.0 if kind == "whole numbers" else 10.0 ** int(random.integers(-2, 7))
    return Panel(
        control=(scale * control).round(9),
        treated=(scale * treatment).round(9),
        test_dates=test,
        ci_level=float(random.choice([0.5, 0.8, 0.9, 0.95])),
        break_even=float(random.choice([1.0, 2.5])),
        spend=None if seed % 5 == 0 else float(scale * 10 * random.random()),
        is_demeaned=bool(random.random() < 0.7),
    )


def ordinary() -> Panel:
    panel = random_panel(1)
    assert panel.pretest_dates > panel.test_dates
    return replace(panel, ci_level=0.8, is_demeaned=True)


@pytest.fixture(scope="module")
def compiled_models(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """SQL of the models of synthetic control by relation, in the order in which they build."""
    folder = tmp_path_factory.mktemp("synthetic_control")
    raw = write_geo_tests(folder / "raw", [])
    selected = ("base_experiment_days", "base_synthetic_control_*", "inc_synthetic_control*")
    paths = [f"models/*/{name}.sql" for name in selected]
    compiling = ("compile", "--write-json", "--select", *paths)
    build = run_dbt(*compiling, raw=raw, warehouse=folder / "warehouse")
    assert build.returncode == 0, build.output
    manifest = json.loads((build.warehouse / "target" / "manifest.json").read_text("utf-8"))
    nodes = {key: node for key, node in manifest["nodes"].items() if node.get("compiled_code")}
    graph = {
        key: {parent for parent in node["depends_on"]["nodes"] if parent in nodes}
        for key, node in nodes.items()
        if node["resource_type"] == "model"
    }
    order = [nodes[key] for key in TopologicalSorter(graph).static_order()]
    assert len(order) > 5
    return {node["relation_name"]: node["compiled_code"] for node in order}


class Warehouse:
    """The models' tables on panels given in memory."""

    def __init__(self, models: Mapping[str, str], panels: Mapping[str, Panel]) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("set threads = 2; attach ':memory:' as build")
        for schema in ("panel", "baseline", "incrementality"):
            self.connection.execute(f"create schema build.{schema}")
        self._write_inputs(panels)
        for relation, sql in models.items():
            self.connection.execute(f"create table {relation} as {sql}")

    def _write_inputs(self, panels: Mapping[str, Panel]) -> None:
        experiments: list[tuple[object, ...]] = []
        spends: list[tuple[object, ...]] = []
        days: list[tuple[object, ...]] = []
        for name, panel in panels.items():
            pretest_end = FIRST_DAY + timedelta(days=panel.pretest_dates - 1)
            experiments.append(
                (name, pretest_end, panel.ci_level, panel.break_even, panel.is_demeaned)
            )
            spends.append((name, panel.spend, None if panel.spend else "none"))
            days += _days(name, panel)
        for table, columns, rows in (
            (
                "panel.panel_experiments",
                "experiment_id varchar, pretest_end date, ci_level double, break_even double,"
                " sc_demeaned boolean",
                experiments,
            ),
            (
                "baseline.base_experiment_spend",
                "experiment_id varchar, spend double, spend_problem varchar",
                spends,
            ),
            (
                "panel.panel_experiment_days",
                "experiment_id varchar, geo varchar, assignment varchar, date_day date,"
                " period varchar, response decimal(30, 12), cost decimal(30, 12),"
                " is_missing boolean",
                days,
            ),
        ):
            self.connection.execute(f"create table build.{table} ({columns})")
            self._insert(f"build.{table}", rows)

    def _insert(self, table: str, rows: Sequence[tuple[object, ...]]) -> None:
        if rows:
            columns = [list(column) for column in zip(*rows, strict=True)]
            placeholders = ", ".join(["unnest(?)"] * len(columns))
            self.connection.execute(f"insert into {table} select {placeholders}", columns)

    def rows(self, sql: str, *parameters: object) -> list[Row]:
        cursor = self.connection.execute(sql, parameters)
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def results(self) -> dict[str, Row]:
        found = self.rows("from build.incrementality.inc_synthetic_control")
        return {row["experiment_id"]: row for row in found}

    def weights(self, name: str) -> list[float]:
        sql = "select weight from build.baseline.base_synthetic_control_weights"
        rows = self.rows(f"{sql} where experiment_id = ? order by geo", name)
        return [row["weight"] for row in rows]


def _days(name: str, panel: Panel) -> Iterator[tuple[object, ...]]:
    for assignment, responses in (("control", panel.control), ("treatment", panel.treated)):
        for geo, series in enumerate(responses.T):
            for day, response in enumerate(series):
                period = "pretest" if day < panel.pretest_dates else "test"
                day_and_period = (FIRST_DAY + timedelta(days=day), period)
                values = (f"{response:.9f}", "0", False)
                yield (name, f"{assignment} {geo:02d}", assignment, *day_and_period, *values)


PANELS = {f"{KINDS[seed % len(KINDS)]} {seed}": random_panel(seed) for seed in range(64)}


@cache
def reference_of(name: str) -> Reference:
    return Reference(PANELS[name])


@pytest.fixture(scope="module")
def warehouse(compiled_models: Mapping[str, str]) -> Warehouse:
    return Warehouse(compiled_models, PANELS)


@pytest.fixture(scope="module")
def results(warehouse: Warehouse) -> dict[str, Row]:
    return warehouse.results()


@pytest.mark.parametrize("name", PANELS)
def test_weights_come_closest(name: str, warehouse: Warehouse, results: dict[str, Row]) -> None:
    panel, reference = PANELS[name], reference_of(name)
    weights = np.array(warehouse.weights(name))
    assert results[name]["is_converged"]
    assert weights.min() >= 0
    assert weights.sum() == pytest.approx(1, abs=1e-9)
    assert reference.pretest @ weights == pytest.approx(
        reference.misses[: panel.pretest_dates], abs=1e-9
    )
    if reference.is_unique:
        assert weights == pytest.approx(reference.weights, abs=1e-8)


@pytest.mark.parametrize("name", PANELS)
def test_estimate(name: str, results: dict[str, Row]) -> None:
    panel, reference, row = PANELS[name], reference_of(name), results[name]
    pretest = reference.misses[: panel.pretest_dates]
    imbalance = panel.scale * np.sqrt((pretest**2).sum())
    assert row["l2_imbalance"] == pytest.approx(imbalance, abs=1e-9 * panel.scale)
    if row["scaled_l2_imbalance"] is not None:
        uniform = panel.scale * np.sqrt((reference.pretest.mean(axis=1) ** 2).sum())
        assert row["scaled_l2_imbalance"] == pytest.approx(imbalance / uniform, abs=1e-6)
    if reference.is_unique:
        expected = panel.unit * reference.effect
        tolerance = 1e-9 * panel.unit
        assert row["incremental_revenue"] == pytest.approx(expected, rel=1e-7, abs=tolerance)
        assert row["att"] == pytest.approx(panel.scale * reference.effect, rel=1e-7, abs=tolerance)


@pytest.mark.parametrize("name", PANELS)
def test_p_value_of_no_effect(name: str, results: dict[str, Row]) -> None:
    assert results[name]["p_value"] == pytest.approx(reference_of(name).p_value)


@pytest.mark.parametrize("name", PANELS)
def test_interval_is_what_is_not_rejected(name: str, results: dict[str, Row]) -> None:
    panel, reference, row = PANELS[name], reference_of(name), results[name]
    rejecting = reference.rejecting_shifts
    if rejecting < 1 or (panel.is_demeaned and panel.test_dates >= panel.pretest_dates):
        assert row["ci_low"] is None
        assert row["interval_problem"]
        return
    low, high = row["ci_low"] / panel.unit, row["ci_high"] / panel.unit
    width = high - low
    around = np.linspace(low - 3 * width, high + 3 * width, 60)
    outside = [effect for effect in around if not low <= effect <= high]
    assert [effect for effect in outside if reference.shifts(effect) > rejecting] == []
    estimate = row["incremental_revenue"] / panel.unit
    for end, inwards in ((low, 1), (high, -1)):
        if end != pytest.approx(estimate, abs=1e-9):
            # A little to either side: at the end itself two sums are equal but for rounding.
            near = [end + inwards * step * max(width, 1e-6) for step in (-1e-7, 0, 1e-7)]
            assert max(reference.shifts(effect) for effect in near) > rejecting


@pytest.mark.parametrize("name", PANELS)
def test_probabilities_are_those_of_the_interval(name: str, results: dict[str, Row]) -> None:
    panel, reference, row = PANELS[name], reference_of(name), results[name]
    if row["ci_low"] is None:
        assert row["prob_positive"] is None
        assert row["prob_profitable"] is None
        return
    assert (row["prob_profitable"] is None) == (panel.spend is None)
    break_even = None if panel.spend is None else panel.break_even * panel.spend
    for probability, value in ((row["prob_positive"], 0), (row["prob_profitable"], break_even)):
        if value is None or row["incremental_revenue"] == value:
            continue
        is_above = row["incremental_revenue"] > value
        p_value = 2 * (1 - probability if is_above else probability)
        beyond = np.linspace(0, -8 if is_above else 8, 40) * (row["ci_high"] - row["ci_low"])
        shifts = [reference.shifts(effect / panel.unit) for effect in value + beyond]
        assert p_value * panel.dates >= max(shifts) - 1e-6
        outside = value < row["ci_low"] or value > row["ci_high"]
        certain = abs(probability - 0.5) >= panel.ci_level / 2 - 1e-12
        assert outside == certain


def test_probability_of_the_plain_case_is_the_p_value(results: dict[str, Row]) -> None:
    """Mostly nothing beyond a hypothesis is more plausible than it."""
    plain = 0
    measured = [name for name in PANELS if results[name]["prob_positive"] is not None]
    for name in measured:
        row = results[name]
        p_value = reference_of(name).shifts(0) / PANELS[name].dates
        expected = 1 - p_value / 2 if row["incremental_revenue"] > 0 else p_value / 2
        plain += row["prob_positive"] == pytest.approx(expected, abs=1e-9)
    assert plain >= 0.7 * len(measured)


def test_scale_does_not_matter(compiled_models: Mapping[str, str]) -> None:
    panel = ordinary()
    control, treated = panel.control / panel.scale, panel.treated / panel.scale
    scaled = {
        str(scale): replace(
            panel,
            control=(control.round(6) * scale).round(9),
            treated=(treated.round(6) * scale).round(9),
            spend=scale,
        )
        for scale in (1e-3, 1.0, 1e9)
    }
    warehouse = Warehouse(compiled_models, scaled)
    rows = warehouse.results()
    for name in ("0.001", "1000000000.0"):
        assert warehouse.weights(name) == pytest.approx(warehouse.weights("1.0"), abs=1e-9)
        for column in FIGURES:
            unit = 1.0 if column.startswith("p") else float(name)
            assert rows[name][column] / unit == pytest.approx(rows["1.0"][column], rel=1e-6)


def test_the_same_rows_every_time(compiled_models: Mapping[str, str], warehouse: Warehouse) -> None:
    backwards = Warehouse(compiled_models, dict(reversed(PANELS.items())))
    assert backwards.results() == warehouse.results()


def degenerate_panels() -> dict[str, Panel]:
    panel = ordinary()
    flat, none = np.full_like(panel.control, 5), panel.control[:, :0]
    return {
        "no_treated_region": replace(panel, treated=none),
        "no_control_region": replace(panel, control=none),
        "no_revenue": replace(panel, control=0 * flat, treated=0 * panel.treated),
        "short_pretest": replace(panel, test_dates=panel.dates - 2),
        "test_without_data": replace(panel, test_dates=0),
    }


def test_what_is_missing_is_told(compiled_models: Mapping[str, str]) -> None:
    rows = Warehouse(compiled_models, degenerate_panels()).results()
    for reason, row in rows.items():
        assert row["not_measurable_reason"] == row["interval_problem"] == reason
        assert [row[column] for column in FIGURES] == [None] * len(FIGURES)


def test_panels_that_leave_nothing_to_chance(compiled_models: Mapping[str, str]) -> None:
    panel = ordinary()
    flat, mean = np.full_like(panel.control, 5), panel.control.mean(axis=1, keepdims=True)
    jump = np.full((panel.dates, 2), 5.0)
    jump[panel.pretest_dates :] += 2
    panels = {
        "all constant": replace(panel, control=flat, treated=flat),
        "constant but for a jump": replace(panel, control=flat, treated=jump),
        "control constant": replace(panel, control=flat),
        "perfect mixture": replace(panel, treated=mean),
        "treated without revenue": replace(panel, treated=0 * panel.treated),
        "profit out of sight": replace(panel, spend=1e15),
    }
    rows = Warehouse(compiled_models, panels).results()
    assert sorted(rows) == sorted(panels)
    perfect = {"all constant", "constant but for a jump", "perfect mixture"}
    for name, row in rows.items():
        if name in perfect:
            assert row["interval_problem"] == "no_noise_in_pretest", name
            assert row["ci_low"] is row["ci_high"] is row["prob_positive"] is None, name
            continue
        assert all(np.isfinite(row[column]) for column in FIGURES), name
        assert row["is_converged"], name
        assert row["ci_low"] <= row["incremental_revenue"] <= row["ci_high"], name


@needs_reference
def test_geolift_walkthrough(compiled_models: Mapping[str, str]) -> None:
    """Weights, imbalance and block conformal p-value as GeoLift and augsynth give them."""
    golden = golden_cases()["SC-GL-1-demeaned"]["results"]
    test = geolift()
    panel = Panel(
        control=_responses(test, test.control),
        treated=_responses(test, test.treatment),
        test_dates=len(test.response_dates),
    )
    warehouse = Warehouse(compiled_models, {"GL": panel})
    row = warehouse.results()["GL"]
    assert row["att"] == pytest.approx(golden["att"], rel=1e-9)
    assert row["incremental_revenue"] == pytest.approx(golden["incremental"], rel=1e-9)
    assert row["l2_imbalance"] == pytest.approx(golden["l2_imbalance"], rel=1e-9)
    assert row["scaled_l2_imbalance"] == pytest.approx(golden["scaled_l2"], rel=1e-9)
    assert row["p_value"] == pytest.approx(golden["conformal_block_p"], rel=1e-12)
    weights = dict(zip(test.control, warehouse.weights("GL"), strict=True))
    for geo, weight in weights.items():
        assert weight == pytest.approx(golden["weights"].get(geo, 0), abs=1e-9)


def _responses(test: GeoTest, geos: Sequence[str]) -> Array:
    days = [*test.pretest_dates, *test.response_dates]
    return np.array([[float(test.response([geo], [day])) for geo in geos] for day in days])


def test_compiled_models_are_those_of_the_project(compiled_models: Mapping[str, str]) -> None:
    names = {relation.split(".")[-1].strip('"') for relation in compiled_models}
    folder = Path(__file__).parents[3] / "models"
    written = {path.stem for path in folder.rglob("*synthetic_control*.sql")}
    assert names == written | {"base_experiment_days"}
