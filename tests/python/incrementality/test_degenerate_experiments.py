"""Experiments that tell little or nothing get a verdict and its reason, no crash, no infinity."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.python.incrementality import reference
from tests.python.incrementality.invariants import (
    MARTS,
    METHODS,
    Published,
    Row,
    broken_invariants,
    read_published,
)
from tests.python.incrementality.panels import GeoDay, GeoTest, write_geo_tests
from tests.python.support import Build, build_marts

pytestmark = pytest.mark.build

FIRST_DAY = date(2024, 3, 1)
GEOS = 4
FIGURES = (
    *("incremental_revenue", "se", "ci_low", "ci_high", "iroas", "iroas_low", "iroas_high"),
    *("prob_positive", "prob_profitable", "lift"),
)

Amount = Callable[[str, int, int], float]


def wavy(group: str, geo: int, day: int) -> float:
    """Days that all geos share, and noise of each geo's own."""
    shared = 17 * ((day * day) % 5) + 3 * day
    own = (31 * day * day + 7 * day * geo + 13 * geo + (5 * day if group == "t" else 0)) % 23
    effect = 25 if group == "t" and day >= 20 else 0
    return 100 * (geo + 1) + shared + own + effect


def on_test_days(group: str, geo: int, day: int) -> float:
    """A cost that only the treated geos have, and only from day 20 on, when the test begins."""
    return 10 + geo if group == "t" and day >= 20 else 0


def geo_test(
    name: str,
    *,
    response: Amount = wavy,
    cost: Amount = on_test_days,
    treated: int = GEOS,
    control: int = GEOS,
    pretest_days: int = 20,
    test_days: int = 10,
    paired: bool = False,
) -> GeoTest:
    """Twenty days of pretest before the test begins, unless fewer of them are recorded."""
    days = range(20 - pretest_days, 20 + test_days)
    geos = [("t", geo) for geo in range(treated)] + [("c", geo) for geo in range(control)]
    return GeoTest(
        experiment_id=name,
        pretest=(FIRST_DAY, FIRST_DAY + timedelta(days=19)),
        test=(FIRST_DAY + timedelta(days=20), FIRST_DAY + timedelta(days=19 + max(test_days, 1))),
        treatment=[f"t{geo}" for group, geo in geos if group == "t"],
        control=[f"c{geo}" for group, geo in geos if group == "c"],
        rows=[
            GeoDay(
                f"{group}{geo}",
                FIRST_DAY + timedelta(days=day),
                Decimal(str(response(group, geo, day))),
                Decimal(str(cost(group, geo, day))),
            )
            for group, geo in geos
            for day in days
        ],
        pairs={f"{group}{geo}": str(geo) for group, geo in geos} if paired else {},
    )


def constant(_group: str, _geo: int, _day: int) -> float:
    return 50


def nothing(_group: str, _geo: int, _day: int) -> float:
    return 0


def constant_control(group: str, geo: int, day: int) -> float:
    return 50 + geo if group == "c" else wavy(group, geo, day)


def same_in_both(_group: str, geo: int, day: int) -> float:
    return wavy("c", geo, day)


def nothing_before(group: str, geo: int, day: int) -> float:
    return wavy(group, geo, day) if day >= 20 else 0


def nothing_after(group: str, geo: int, day: int) -> float:
    return wavy(group, geo, day) if day < 20 else 0


def exact_line(group: str, geo: int, day: int) -> float:
    """The treated geos are twice the control geos, so that nothing is left to chance."""
    return wavy("c", geo, day) * (2 if group == "t" else 1)


def noisy_cost(group: str, geo: int, day: int) -> float:
    """A cost in every geo on every day, which does not change when the test begins."""
    return 5 + (day * 13 + geo * 5 + (3 if group == "t" else 0)) % 11


def cost_told_by_a_mean_only(group: str, _geo: int, day: int) -> float:
    """A rise that is told from nothing with two degrees of freedom, but not with one."""
    if group == "c":
        return 0
    return (10, 12, 14)[day - 17] if day < 20 else 24 if day == 20 else 0


def revenue_of_a_giant(group: str, geo: int, day: int) -> float:
    return 1e11 + wavy(group, geo, day)


def no_control_revenue_before(group: str, geo: int, day: int) -> float:
    return wavy(group, geo, day) if group == "t" or day >= 20 else 0


def refunded_cost(group: str, geo: int, day: int) -> float:
    return -on_test_days(group, geo, day)


def penny(group: str, geo: int, day: int) -> float:
    """A cost so small that any effect is a million times as large."""
    return 0.0001 if group == "t" and geo == 0 and day == 20 else 0


def spend_in_control(group: str, geo: int, day: int) -> float:
    return on_test_days(group, geo, day) + (2 if group == "c" and day >= 20 else 0)


def returns_only(group: str, geo: int, day: int) -> float:
    return -wavy(group, geo, day)


GEO_TESTS = [
    geo_test("ordinary"),
    geo_test("ordinary pairs", paired=True),
    geo_test("constant control", response=constant_control),
    geo_test("everything constant", response=constant, paired=True),
    *(geo_test(f"{n} pretest days", pretest_days=n) for n in (0, 1, 2, 3)),
    geo_test("no cost", cost=nothing, paired=True),
    geo_test("undetectable cost", cost=noisy_cost, paired=True),
    geo_test("the same cost everywhere", cost=constant, paired=True),
    geo_test("spend in control", cost=spend_in_control, paired=True),
    geo_test("one geo per arm", treated=1, control=1, paired=True),
    geo_test("one treated geo", treated=1),
    geo_test("one control geo", control=1),
    geo_test("no control geo", control=0),
    geo_test("no treated geo", treated=0),
    geo_test("no geo", treated=0, control=0),
    geo_test("no revenue", response=nothing, paired=True),
    geo_test("no revenue and no cost", response=nothing, cost=nothing, paired=True),
    geo_test("no revenue in the pretest", response=nothing_before, paired=True),
    geo_test("no revenue in the test", response=nothing_after, paired=True),
    geo_test("returns only", response=returns_only, paired=True),
    geo_test("no row in the test", test_days=0, paired=True),
    geo_test("one test day", test_days=1, paired=True),
    geo_test("identical arms", response=same_in_both, paired=True),
    geo_test("nothing left to chance", response=exact_line, paired=True),
    geo_test(
        "cost told by a mean only", cost=cost_told_by_a_mean_only, pretest_days=3, test_days=1
    ),
    geo_test("revenue of a giant", response=revenue_of_a_giant, paired=True),
    geo_test("no control revenue before", response=no_control_revenue_before, paired=True),
    geo_test("refunded cost", cost=refunded_cost, paired=True),
    geo_test("a penny", cost=penny, paired=True),
    replace(
        geo_test("nothing recorded in the cooldown"), cooldown_end=FIRST_DAY + timedelta(days=40)
    ),
    replace(
        geo_test("cooldown without a test", test_days=0),
        cooldown_end=FIRST_DAY + timedelta(days=30),
    ),
    replace(geo_test("level of nearly 1"), settings={"ci_level": "0.9999999"}),
    replace(geo_test("level of nearly 0"), settings={"ci_level": "0.0001"}),
    replace(geo_test("no panel"), rows=()),
    replace(
        geo_test("half a pair", treated=3, paired=True),
        pairs={"t0": "a", "c0": "a", "t1": "b", "c1": "b", "t2": "c", "c3": "d"},
    ),
    replace(geo_test("one pair"), pairs={"t0": "a", "c0": "a"}),
    replace(geo_test("two pairs"), pairs={"t0": "a", "c0": "a", "t1": "b", "c1": "b"}),
    replace(geo_test("crowded pair"), pairs={f"{g}{i}": "a" for g in "tc" for i in range(GEOS)}),
]
NAMES = [test.experiment_id for test in GEO_TESTS]


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    folder = tmp_path_factory.mktemp("degenerate")
    raw = write_geo_tests(folder / "raw", GEO_TESTS)
    build = build_marts(*MARTS, raw=raw, warehouse=folder / "warehouse")
    assert build.returncode == 0, build.output
    return build


@pytest.fixture(scope="module")
def published(build: Build) -> Published:
    return read_published(build)


def by_id(name: str) -> GeoTest:
    return next(test for test in GEO_TESTS if test.experiment_id == name)


def assert_agrees(row: Row, result: reference.Result) -> None:
    for column, value in result.figures().items():
        assert row[column] == pytest.approx(float(value), rel=1e-9, abs=1e-12), column


def assert_unmeasured(rows: Sequence[Row]) -> None:
    for row in rows:
        assert row["verdict"] == "not measurable", row["method"]
        assert row["verdict_reason"], row["method"]


@pytest.mark.parametrize("name", NAMES)
def test_invariants(name: str, published: Published) -> None:
    assert broken_invariants(published.only(name)) == []


def test_every_experiment_has_every_method(published: Published) -> None:
    expected = sorted((name, method) for name in NAMES for method in METHODS)
    assert sorted(published.methods) == expected


def test_every_experiment_is_in_the_dimension(build: Build) -> None:
    sql = "select experiment_id, source from marts.dim_experiments order by 1"
    assert build.query(sql) == [(name, "geo test") for name in sorted(NAMES)]


def test_constant_control_has_no_slope(published: Published) -> None:
    """TBR compares with the pretest mean, and the mean is all it estimates."""
    row = published.methods["constant control", "tbr"]
    assert_agrees(row, reference.tbr(by_id("constant control")))
    assert row["df"] == 19


@pytest.mark.parametrize("days", [0, 1, 2])
def test_too_few_pretest_days(days: int, published: Published) -> None:
    row = published.methods[f"{days} pretest days", "tbr"]
    assert row["incremental_revenue"] is None
    assert_unmeasured([row])
    assert row["pretest_days"] == days


def test_three_pretest_days_are_enough(published: Published) -> None:
    row = published.methods["3 pretest days", "tbr"]
    assert_agrees(row, reference.tbr(by_id("3 pretest days")))


def test_without_cost_there_is_no_ratio(published: Published) -> None:
    for name in ("no cost", "no revenue and no cost"):
        for row in published.of(name):
            assert row["iroas"] is None
            assert row["prob_profitable"] is None
        assert_unmeasured(published.of(name))
    revenue = published.methods["no cost", "tbr"]["incremental_revenue"]
    expected = reference.tbr(by_id("no cost")).incremental_revenue
    assert revenue == pytest.approx(float(expected), rel=1e-9)


def test_undetectable_cost_is_no_denominator(published: Published) -> None:
    test = by_id("undetectable cost")
    with pytest.raises(ZeroDivisionError, match="not told from 0"):
        reference.tbr(test)
    row = published.methods["undetectable cost", "tbr"]
    assert row["iroas_low"] is None
    assert row["iroas_high"] is None
    assert_unmeasured([row])
    effect = reference.tbr_days(test)[-1].cumulative
    assert row["incremental_revenue"] == pytest.approx(float(effect.location), rel=1e-9)
    assert row["se"] == pytest.approx(float(effect.se), rel=1e-9)


def test_one_geo_per_arm_suits_tbr_but_not_did(published: Published) -> None:
    row = published.methods["one geo per arm", "tbr"]
    assert_agrees(row, reference.tbr(by_id("one geo per arm")))
    assert row["is_default"]
    for method in ("did", "did_ratio", "gbr", "trimmed_match"):
        assert published.methods["one geo per arm", method]["ci_low"] is None
        assert_unmeasured([published.methods["one geo per arm", method]])


@pytest.mark.parametrize("name", ["no control geo", "no treated geo", "no geo", "no panel"])
def test_nothing_to_compare(name: str, published: Published) -> None:
    for method in (
        *("did", "did_ratio", "did_ratio_robust", "tbr", "gbr", "trimmed_match"),
        "synthetic_control",
    ):
        row = published.methods[name, method]
        assert [row[column] for column in FIGURES] == [None] * len(FIGURES), method
        assert_unmeasured([row])


def test_without_control_the_pretest_mean_is_left(published: Published) -> None:
    row = published.methods["no control geo", "pre_period"]
    assert_agrees(row, reference.pre_period(by_id("no control geo")))


def test_no_row_in_the_test(published: Published) -> None:
    rows = published.of("no row in the test")
    assert {row["test_days"] for row in rows} == {0}
    assert_unmeasured(rows)


def test_one_test_day(published: Published) -> None:
    test = by_id("one test day")
    estimators = {
        "tbr": reference.tbr,
        "did": reference.did,
        "did_ratio_robust": reference.did_ratio_robust,
    }
    for method, estimator in estimators.items():
        assert_agrees(published.methods["one test day", method], estimator(test))


def test_no_revenue_is_no_earning(published: Published) -> None:
    for name in ("no revenue", "no revenue and no cost"):
        for row in published.of(name):
            assert row["verdict"] != "profitable", row["method"]
            assert not row["incremental_revenue"], row["method"]
            assert row["lift"] is None, row["method"]


def test_identical_arms_differ_by_nothing(published: Published) -> None:
    for method in ("did", "did_ratio", "did_ratio_robust", "tbr"):
        row = published.methods["identical arms", method]
        if row["incremental_revenue"] is not None:
            assert row["incremental_revenue"] == pytest.approx(0, abs=1e-6), method
        assert row["verdict"] != "profitable", method


@pytest.mark.parametrize(
    ("name", "methods"),
    [
        (
            "everything constant",
            ("pre_period", "did", "did_ratio", "did_ratio_robust", "tbr", "synthetic_control"),
        ),
        ("identical arms", ("tbr", "synthetic_control")),
        ("nothing left to chance", ("tbr",)),
        (
            "no revenue in the pretest",
            ("pre_period", "did_ratio", "did_ratio_robust", "tbr", "synthetic_control"),
        ),
    ],
)
def test_a_perfect_fit_is_no_certainty(
    name: str, methods: Sequence[str], published: Published
) -> None:
    """Where the pretest leaves nothing to chance, it does not tell how large chance is."""
    assert_unmeasured([published.methods[name, method] for method in methods])


def test_spend_in_control_is_told(published: Published) -> None:
    for row in published.of("spend in control"):
        assert row["spend_in_control"] == 10 * GEOS * 2
    for row in published.of("ordinary"):
        assert row["spend_in_control"] == 0


def test_unpaired_geos_are_not_matched(published: Published) -> None:
    for name in ("ordinary", "crowded pair", "one pair"):
        assert_unmeasured([published.methods[name, "trimmed_match"]])
    assert published.methods["ordinary pairs", "trimmed_match"]["pairs"] == GEOS
    assert published.methods["half a pair", "trimmed_match"]["pairs"] == 2


def test_ordinary_experiments_are_measured_by_every_method_that_applies(
    published: Published,
) -> None:
    for method in (
        *("pre_period", "did", "did_ratio", "did_ratio_robust", "tbr", "gbr"),
        "synthetic_control",
    ):
        assert published.methods["ordinary", method]["verdict"] != "not measurable", method
    assert published.methods["ordinary", "did_ratio_robust"]["is_default"]
