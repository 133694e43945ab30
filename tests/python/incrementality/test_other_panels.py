"""Panels of many shapes, through the models and through the papers' formulas in fifty digits."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from tests.python.incrementality import reference, student_t
from tests.python.incrementality.invariants import (
    MARTS,
    Published,
    broken_invariants,
    read_published,
)
from tests.python.incrementality.panels import GeoTest, write_geo_tests
from tests.python.incrementality.random_panels import Shape, random_test
from tests.python.incrementality.reference import Result
from tests.python.incrementality.reference_synthetic_control import synthetic_control
from tests.python.incrementality.reference_trimmed_match import trimmed_match
from tests.python.support import build_marts

pytestmark = pytest.mark.build

SHAPES = {
    "plain": Shape(),
    "odd windows": Shape(pretest=17, test=9),
    "a gap before the test": Shape(gap=11),
    "cooldown": Shape(cooldown=10),
    "cost in the cooldown": Shape(cooldown=10, costs="test and cooldown"),
    "weekly": Shape(pretest=26, test=6, step=7),
    "weekly, periods that end mid-week": Shape(pretest=20, test=5, step=7, overhang=3),
    "weekly with cooldown": Shape(pretest=30, test=4, cooldown=3, step=7, overhang=2),
    "every third day": Shape(step=3),
    "missing geo-days": Shape(missing=0.1),
    "missing geo-days and cooldown": Shape(missing=0.3, cooldown=5),
    "few treated": Shape(treated=2, control=40),
    "few control": Shape(treated=25, control=2),
    "two against two, three days": Shape(treated=2, control=2, pretest=3, test=1),
    "long": Shape(treated=3, control=3, pretest=200, test=60, cooldown=30),
    "test weekdays not in the pretest": Shape(pretest=5, test=10),
    "fewer pretest days than weekdays": Shape(pretest=7, test=7),
    "eight pretest days": Shape(pretest=8, test=7),
    "negative effect": Shape(effect=-0.15),
    "no effect": Shape(effect=0),
    "some refunds": Shape(refunds=0.05),
    "tiny figures": Shape(scale=1e-3, decimals=12),
    "huge figures": Shape(scale=1e9),
    "very high R2": Shape(noise=5e-5, decimals=6),
    "noise only": Shape(noise=0.9),
    "variable cost": Shape(costs="every day"),
    "variable cost and cooldown": Shape(costs="every day", cooldown=8),
    "variable cost of half the geos": Shape(costs="half the geos, every day", missing=0.02),
    "geos without pretest response": Shape(silent=2, treated=9, control=9),
    "level 50 %": Shape(settings={"ci_level": 0.5}),
    "level 99.9 %": Shape(settings={"ci_level": 0.999}),
    "weight power 0": Shape(settings={"gbr_weight_power": 0}),
    "weight power 1.5": Shape(settings={"gbr_weight_power": 1.5}),
    "weight power 1, variable cost": Shape(
        costs="every day", settings={"gbr_weight_power": 1, "ci_level": 0.8}
    ),
    "synthetic control of plain sums": Shape(settings={"sc_demeaned": False}),
    "three pairs": Shape(treated=3, control=3, paired=True),
    "twelve pairs": Shape(treated=12, control=12, paired=True),
    "some geos in no pair": Shape(treated=9, control=8, paired=True),
    "pairs with cost in both": Shape(treated=12, control=12, paired=True, costs="every day"),
    "pairs and cooldown": Shape(treated=11, control=11, paired=True, cooldown=6),
    "pairs with equal costs": Shape(treated=13, control=13, paired=True, scale=20, decimals=0),
    "25 pairs, at most 10 % off": Shape(
        treated=25, control=25, paired=True, settings={"max_trim_rate": 0.1, "ci_level": 0.95}
    ),
    "25 pairs, 28 % off": Shape(treated=25, control=25, paired=True, settings={"trim_rate": 0.28}),
    "a rate between two pairs": Shape(
        treated=14, control=14, paired=True, settings={"trim_rate": 0.1}
    ),
    "43 pairs": Shape(treated=43, control=43, pretest=14, test=7, paired=True),
    "pairs, none off": Shape(treated=10, control=10, paired=True, settings={"trim_rate": 0}),
}
GEO_TESTS = {
    name: random_test(name, seed, shape) for seed, (name, shape) in enumerate(SHAPES.items())
}
METHODS: dict[str, Callable[[GeoTest], Result]] = {
    "pre_period": reference.pre_period,
    "did": reference.did,
    "did_ratio": reference.did_ratio,
    "did_ratio_robust": reference.did_ratio_robust,
    "tbr": reference.tbr,
    "gbr": reference.gbr,
}
FEWEST_DF = 3  # of did_ratio_robust
# With fewer pretest dates than control geos several mixtures are as good, and so are geos alike.
ONE_OPTIMUM = [
    name for name, shape in SHAPES.items() if shape.control < shape.pretest and not shape.silent
]
# P(T > 6) as 1 - P(T <= 6) keeps sixteen digits of 1, not of itself.
PROBABILITY = 1e-12


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    folder = tmp_path_factory.mktemp("others")
    raw = write_geo_tests(folder / "raw", list(GEO_TESTS.values()))
    build = build_marts(*MARTS, raw=raw, warehouse=folder / "warehouse")
    assert build.returncode == 0, build.output
    return read_published(build)


def test_invariants(published: Published) -> None:
    assert broken_invariants(published) == []


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", GEO_TESTS)
def test_figures(name: str, method: str, published: Published) -> None:
    test = GEO_TESTS[name]
    row = published.methods[name, method]
    if not has_enough(method, test):
        assert row["verdict"] == "not measurable"
        assert row["incremental_revenue"] is None
        return
    expected = METHODS[method](test).figures()
    wrong = {
        column: (row[column], float(value))
        for column, value in expected.items()
        if row[column]
        != pytest.approx(
            float(value), rel=1e-9, abs=PROBABILITY if column.startswith("prob") else 0
        )
    }
    assert wrong == {}


@pytest.mark.parametrize("name", [name for name, shape in SHAPES.items() if shape.paired])
def test_trimmed_match(name: str, published: Published) -> None:
    result = trimmed_match(GEO_TESTS[name])
    row = published.methods[name, "trimmed_match"]
    assert row["iroas"] == pytest.approx(float(result.iroas), rel=1e-9)
    assert row["se"] / row["spend"] == pytest.approx(float(result.se), rel=1e-9)
    assert row["spend"] == pytest.approx(float(result.spend), rel=1e-9)
    assert row["iroas_low"] == pytest.approx(float(result.low), rel=1e-6)
    assert row["iroas_high"] == pytest.approx(float(result.high), rel=1e-6)
    assert row["trim_rate"] == pytest.approx(float(result.trim_rate))
    assert row["pairs"] == min(SHAPES[name].treated, SHAPES[name].control)


@pytest.mark.parametrize("name", ONE_OPTIMUM)
def test_synthetic_control(name: str, published: Published) -> None:
    test = GEO_TESTS[name]
    expected = synthetic_control(test)
    row = published.methods[name, "synthetic_control"]
    dates = len(test.pretest_dates) + len(test.response_dates)
    if 1 / dates >= 1 - float(test.ci_level):
        # Shifts of so few dates cannot make anything as improbable as that.
        assert row["verdict"] == "not measurable"
        assert row["verdict_reason"]
        return
    scale = 1e-6 * float(test.response(test.treatment, test.response_dates))
    total = float(expected.incremental_revenue)
    assert row["incremental_revenue"] == pytest.approx(total, rel=1e-6, abs=1e-3 * scale)
    days = {day["date_day"]: day for day in published.days[name, "synthetic_control"]}
    assert sorted(days) == sorted({*test.pretest_dates, *test.response_dates})
    for day, effect in expected.effects.items():
        actual, baseline = days[day]["actual"], days[day]["baseline"]
        assert actual - baseline == pytest.approx(float(effect), rel=1e-6, abs=scale)


@pytest.mark.parametrize("name", GEO_TESTS)
def test_tbr_day_by_day(name: str, published: Published) -> None:
    test = GEO_TESTS[name]
    level = test.ci_level
    days = {row["date_day"]: row for row in published.days[name, "tbr"]}
    assert sorted(days) == sorted({*test.pretest_dates, *test.response_dates})
    for expected in reference.tbr_days(test):
        row = days[expected.day]
        low, high = expected.cumulative.interval(level)
        figures = {
            "actual": expected.actual,
            "baseline": expected.baseline,
            "baseline_low": expected.actual - expected.pointwise.interval(level)[1],
            "baseline_high": expected.actual - expected.pointwise.interval(level)[0],
            "cumulative_incremental": expected.cumulative.location,
            "cumulative_low": low,
            "cumulative_high": high,
        }
        # A sum of effects may be next to nothing beside what it is the sum of.
        scale = float(expected.cumulative.se)
        for column, value in figures.items():
            assert row[column] == pytest.approx(float(value), rel=1e-9, abs=1e-9 * scale), (
                column,
                expected.day,
            )
    for day in test.pretest_dates:
        assert days[day]["cumulative_incremental"] is None
        assert days[day]["actual"] == pytest.approx(float(test.response(test.treatment, [day])))


@pytest.mark.parametrize("name", GEO_TESTS)
def test_diagnostics(name: str, published: Published) -> None:
    test = GEO_TESTS[name]
    geos = (*test.treatment, *test.control)
    dates = {*test.pretest_dates, *test.response_dates}
    recorded = {(row.geo, row.day) for row in test.rows if row.geo in geos and row.day in dates}
    total = test.response(test.treatment, test.response_dates)
    for row in published.of(name):
        assert row["pretest_days"] == len(test.pretest_dates)
        assert row["test_days"] == len(test.test_dates)
        assert row["cooldown_days"] == len(test.response_dates) - len(test.test_dates)
        assert row["geos_treated"] == len(test.treatment)
        assert row["geos_control"] == len(test.control)
        assert row["missing_geo_days"] == len(geos) * len(dates) - len(recorded)
        assert row["ci_level"] == float(test.ci_level)
        assert row["break_even"] == 1
    row = published.methods[name, "tbr"]
    assert row["pre_period_r2"] == pytest.approx(float(reference.pretest_r2(test)), rel=1e-9)
    assert row["actual_revenue"] == pytest.approx(float(total), rel=1e-12)
    baseline = total - reference.tbr(test).incremental_revenue
    assert row["baseline_revenue"] == pytest.approx(float(baseline), rel=1e-9)
    assert row["lift"] == pytest.approx(float(total / baseline - 1), rel=1e-9)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", GEO_TESTS)
def test_minimum_detectable_revenue(name: str, method: str, published: Published) -> None:
    """What is told from nothing in four of five experiments."""
    if not has_enough(method, GEO_TESTS[name]):
        assert published.methods[name, method]["minimum_detectable_revenue"] is None
        return
    result = METHODS[method](GEO_TESTS[name])
    level = (1 + GEO_TESTS[name].ci_level) / 2
    quantiles = (student_t.quantile(p, result.df) for p in (level, Decimal("0.8")))
    expected = sum(quantiles) * result.se
    row = published.methods[name, method]
    assert row["minimum_detectable_revenue"] == pytest.approx(float(expected), rel=1e-9)


def has_enough(method: str, test: GeoTest) -> bool:
    """Whether there are weeks and control regions enough for an error; others need no check."""
    return method != "did_ratio_robust" or reference.robust_effect(test).df >= FEWEST_DF


@pytest.mark.parametrize("name", [name for name in SHAPES if "every day" not in SHAPES[name].costs])
def test_verdicts(name: str, published: Published) -> None:
    """Where cost is fixed every method but those for pairs has a verdict of the interval."""
    for method, estimator in METHODS.items():
        if not has_enough(method, GEO_TESTS[name]):
            continue
        result = estimator(GEO_TESTS[name])
        assert result.iroas_low is not None and result.iroas_high is not None
        expected = (
            "profitable"
            if result.iroas_low > 1
            else "unprofitable"
            if result.iroas_high < 1
            else "inconclusive"
        )
        assert published.methods[name, method]["verdict"] == expected, method


def test_one_file_holds_experiments_with_the_same_geos(published: Published) -> None:
    assert published.experiment_ids == sorted(GEO_TESTS)


def test_shapes_are_what_they_are_called() -> None:
    assert reference.pretest_r2(GEO_TESTS["very high R2"]) > Decimal("0.9999999")
    assert reference.pretest_r2(GEO_TESTS["noise only"]) < Decimal("0.5")
    assert not reference.has_fixed_cost(GEO_TESTS["variable cost"])
    assert reference.has_fixed_cost(GEO_TESTS["cost in the cooldown"])
    assert any(row.response < 0 for row in GEO_TESTS["some refunds"].rows)
