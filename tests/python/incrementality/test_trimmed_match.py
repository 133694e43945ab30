"""Trimmed Match against the definition of its figures, evaluated by sorting residuals in numpy.

Nothing here follows ranks along the axis: estimates must be zeros of the trimmed mean, and of all
zeros that a scan finds the most even one; intervals must hold every iROAS of a dense grid that the
studentised trimmed mean does not exclude, and end where it starts to exclude.
"""

from __future__ import annotations

import math
from decimal import Decimal
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.python.incrementality.trimmed_match_models import Design, Doubles, Row, run_models

MEASURES = (
    *("iroas", "iroas_se", "iroas_low", "iroas_high", "incremental_cost", "incremental_revenue"),
    *("se", "ci_low", "ci_high", "prob_positive", "prob_profitable", "minimum_detectable_revenue"),
)


def residuals(design: Design, iroas: Doubles) -> Doubles:
    """Sorted residuals, one row per iROAS."""
    return np.sort(design.y - iroas[:, None] * design.x, axis=1)


def kept(design: Design, trimmed: int, iroas: Doubles) -> Doubles:
    return residuals(design, iroas)[:, trimmed : len(design.x) - trimmed]


def studentised(design: Design, trimmed: int, iroas: Doubles) -> Doubles:
    """Trimmed mean over its error, from the winsorised residuals."""
    middle = kept(design, trimmed, iroas)
    ends = [np.repeat(middle[:, [end]], trimmed, axis=1) for end in (0, -1)]
    spread = np.concatenate([middle, *ends], axis=1)
    squares = ((spread - spread.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    h = middle.shape[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        means: Doubles = middle.mean(axis=1) / np.sqrt(squares / (h * (h - 1)))
    return means


def breakpoints(design: Design) -> Doubles:
    """Where two pairs swap ranks; something where none ever do."""
    i, j = np.triu_indices(len(design.x), 1)
    differ = design.x[i] != design.x[j]
    slopes = (design.y[i] - design.y[j])[differ] / (design.x[i] - design.x[j])[differ]
    return np.unique(slopes) if slopes.size else np.array([0.0])


def grid(design: Design, around: Doubles) -> Doubles:
    """Breakpoints, points between them, points far out, and many near the figures in question."""
    points = np.unique(np.concatenate([breakpoints(design), around]))
    far = (1 + np.abs(points).max()) * np.array([-1e3, -10.0, -2.0, 2.0, 10.0, 1e3])
    points = np.unique(np.concatenate([points, far]))
    shares = np.linspace(0, 1, 6)[:-1]
    between = points[:-1, None] + shares * np.diff(points)[:, None]
    return np.unique(np.concatenate([points, between.ravel()]))


def changes_sign(design: Design, trimmed: int) -> bool:
    sums = kept(design, trimmed, grid(design, np.array([0.0]))).sum(axis=1)
    noise = 1e-9 * np.abs(sums).max()
    signs = np.sign(sums[np.abs(sums) > noise])
    return bool((signs[:-1] != signs[1:]).any())


def zeros(design: Design, trimmed: int) -> list[float]:
    """Zeros of the trimmed mean, by halving wherever it changes sign."""
    points = grid(design, np.array([0.0]))
    sums = kept(design, trimmed, points).sum(axis=1)
    found = [float(point) for point in points[sums == 0]]
    for k in np.nonzero(sums[:-1] * sums[1:] < 0)[0]:
        low, high = points[k], points[k + 1]
        for _ in range(200):
            middle = (low + high) / 2
            same_sign = kept(design, trimmed, np.array([middle])).sum() * sums[k] > 0
            low, high = (middle, high) if same_sign else (low, middle)
        found.append(float(low))
    return found


def asymmetry(design: Design, trimmed: int, iroas: float) -> float:
    middle = kept(design, trimmed, np.array([iroas]))[0]
    return float(np.abs(middle + middle[::-1]).mean())


def standard_errors(design: Design, trimmed: int, iroas: float) -> tuple[float, float]:
    """Smallest and largest error; they differ where a kept and a trimmed pair are level."""
    e = design.y - iroas * design.x
    n = len(e)
    scale = np.abs(design.y).max() + abs(iroas) * np.abs(design.x).max()
    middle = np.sort(e)[trimmed : n - trimmed]
    squares = (middle**2).sum() + trimmed * (middle[0] ** 2 + middle[-1] ** 2)
    costs = []
    for sign in (-1, 1):
        # Level pairs in order of cost, and against it: the extremes of what may be kept.
        order = np.lexsort((sign * design.x, np.round(e / (1e-11 * scale))))
        costs.append(abs(design.x[order][trimmed : n - trimmed].sum()))
    return (
        math.sqrt(squares) / max(costs),
        math.sqrt(squares) / min(costs) if min(costs) else math.inf,
    )


def assert_candidate(design: Design, candidate: Row) -> None:
    trimmed, iroas = candidate["pairs_trimmed_each_side"], candidate["iroas"]
    scale = float(np.abs(design.y).max() + abs(iroas) * np.abs(design.x).max())
    middle = kept(design, trimmed, np.array([iroas]))[0]
    assert abs(middle.sum()) <= 1e-9 * np.abs(middle).sum() + 1e-11 * scale
    for zero in zeros(design, trimmed):
        assert asymmetry(design, trimmed, iroas) <= asymmetry(design, trimmed, zero) + 1e-9 * scale
    least, most = standard_errors(design, trimmed, iroas)
    if candidate["iroas_se"] == 0:
        assert least * abs(candidate["kept_cost"]) <= 1e-10 * scale * len(design.x)
    elif most == pytest.approx(least):
        assert candidate["iroas_se"] == pytest.approx(least, rel=1e-8)
    else:
        assert least * (1 - 1e-8) <= candidate["iroas_se"]


def assert_choice(design: Design, candidates: list[Row]) -> Row:
    """The smallest number of trimmed pairs whose error is close to the least of all allowed."""
    n = len(design.x)
    if design.trim_rate is None:
        most = max(m for m in range(n) if m <= design.max_trim_rate * n + 1e-9 and n - 2 * m >= 2)
        found = {c["pairs_trimmed_each_side"] for c in candidates}
        assert found <= set(range(most + 1))
        # One without an iROAS that balances its kept pairs is left out: their costs add up to zero.
        assert not any(changes_sign(design, m) for m in set(range(most + 1)) - found)
    else:
        exact = math.ceil(design.trim_rate * n - 1e-9)
        assert {c["pairs_trimmed_each_side"] for c in candidates} == {exact}
    limit = (1 + 0.25 / math.sqrt(n)) * min(c["iroas_se"] for c in candidates)
    expected = next(c for c in candidates if c["iroas_se"] <= limit)
    assert [c for c in candidates if c["is_chosen"]] == [expected]
    return expected


def width_is(row: Row, width: float) -> bool:
    return bool(row["iroas_high"] - row["iroas_low"] == pytest.approx(width, rel=1e-9))


def assert_interval(design: Design, row: Row, chosen: Row) -> None:
    z = NormalDist().inv_cdf((1 + design.ci_level) / 2)
    trimmed, low, high = row["pairs_trimmed_each_side"], row["iroas_low"], row["iroas_high"]
    assert low <= row["iroas"] <= high
    points = grid(design, np.array([low, high, row["iroas"], 0.0, design.break_even]))
    distance = np.abs(studentised(design, trimmed, points))
    accepted = points[distance < z * (1 - 1e-7)]
    half_width = 3 * z * row["iroas_se"]
    if width_is(row, 2 * half_width):
        far_out = bool(np.isin(points[[0, -1]], accepted).any())
        assert far_out or np.ptp(accepted) > 1e5 * half_width
        return
    width = high - low
    assert accepted.size == 0 or accepted.min() >= low - 1e-6 * width
    assert accepted.size == 0 or accepted.max() <= high + 1e-6 * width
    for end in (low, high):
        distance_of_end = abs(float(studentised(design, trimmed, np.array([end]))[0]))
        # Where all kept residuals are zero, nothing speaks against that iROAS: it is inside.
        agrees_exactly = not kept(design, trimmed, np.array([end])).any()
        assert agrees_exactly or distance_of_end == pytest.approx(z, rel=1e-6)


def probability_above(design: Design, row: Row, chosen: Row, iroas: float) -> float | None:
    """The normal probability of the studentised mean, held on the interval's side."""
    z = NormalDist().inv_cdf((1 + design.ci_level) / 2)
    half_width = 3 * z * row["iroas_se"]
    if width_is(row, 2 * half_width):
        distance = (row["iroas"] - iroas) / (3 * row["iroas_se"])
    else:
        mean = float(studentised(design, row["pairs_trimmed_each_side"], np.array([iroas]))[0])
        if not math.isfinite(mean):
            return None
        distance = math.copysign(1, chosen["kept_cost"]) * mean
    probability = math.erfc(-distance / math.sqrt(2)) / 2
    least, most = (1 - design.ci_level) / 2, (1 + design.ci_level) / 2
    if iroas < row["iroas_low"]:
        return max(probability, most)
    if iroas > row["iroas_high"]:
        return min(probability, least)
    return min(max(probability, least), most)


def assert_probabilities(design: Design, row: Row, chosen: Row) -> None:
    profitable = probability_above(design, row, chosen, design.break_even)
    positive = probability_above(design, row, chosen, 0.0)
    if profitable is not None:
        assert row["prob_profitable"] == pytest.approx(profitable, abs=1e-9)
    if positive is not None:
        expected = positive if row["incremental_cost"] > 0 else 1 - positive
        assert row["prob_positive"] == pytest.approx(expected, abs=1e-9)


def assert_revenue(design: Design, row: Row) -> None:
    cost = float(sum(design.costs))
    ends = sorted((row["iroas_low"] * cost, row["iroas_high"] * cost))
    assert row["incremental_cost"] == pytest.approx(cost, rel=1e-12)
    assert row["incremental_revenue"] == pytest.approx(row["iroas"] * cost, rel=1e-12)
    assert row["se"] == pytest.approx(row["iroas_se"] * abs(cost), rel=1e-12)
    assert [row["ci_low"], row["ci_high"]] == pytest.approx(ends, rel=1e-12)
    quantiles = NormalDist().inv_cdf((1 + design.ci_level) / 2) + NormalDist().inv_cdf(0.8)
    assert row["minimum_detectable_revenue"] == pytest.approx(quantiles * row["se"], rel=1e-12)


def assert_sound(design: Design, row: Row, candidates: list[Row]) -> None:
    """A row is either measured by definition or has a reason and no figure."""
    assert row["pairs"] == len(design.costs)
    if row["not_measurable_reason"] is not None:
        assert [row[measure] for measure in MEASURES] == [None] * len(MEASURES)
        return
    assert all(math.isfinite(row[measure]) for measure in MEASURES)
    for candidate in candidates:
        assert_candidate(design, candidate)
    chosen = assert_choice(design, candidates)
    assert (row["iroas"], row["iroas_se"]) == (chosen["iroas"], chosen["iroas_se"])
    assert_interval(design, row, chosen)
    assert_probabilities(design, row, chosen)
    assert_revenue(design, row)


def decimals(values: Doubles, places: int) -> list[Decimal]:
    return [Decimal(f"{value:.{places}f}") for value in values]


def random_designs(seed: int, count: int) -> list[Design]:
    """Heavy tails, costs of either sign, whole numbers and tenths with many ties."""
    rng = np.random.default_rng(seed)
    designs = []
    for k in range(count):
        n = int(rng.integers(3, 32))
        noise = rng.standard_t(2, n)
        costs = [
            rng.lognormal(3, 1, n),
            rng.normal(0, 10, n),
            -rng.lognormal(3, 1, n),
            rng.integers(-3, 8, n).astype(float),
            rng.integers(0, 6, n) / 10,
        ][k % 5]
        whole = rng.integers(-10, 20, n).astype(float)
        responses = whole / 10 if k % 5 == 4 else whole if k % 5 == 3 else 2 * costs + 10 * noise
        designs.append(
            Design(
                costs=decimals(costs, 4),
                responses=decimals(responses, 4),
                ci_level=float(rng.choice([0.8, 0.9, 0.95])),
                break_even=float(rng.choice([1.0, 2.5])),
                trim_rate=float(rng.choice([0, 0.1, 0.2, 0.25])) if k % 3 == 0 else None,
                max_trim_rate=float(rng.choice([0.1, 0.25, 0.5])),
            )
        )
    return designs


@pytest.mark.slow
def test_random_designs() -> None:
    designs = random_designs(seed=20, count=150)
    rows, candidates = run_models(designs)
    for design, row, of_row in zip(designs, rows, candidates, strict=True):
        assert_sound(design, row, of_row)
    assert sum(row["not_measurable_reason"] is None for row in rows) > 130


small_numbers = st.integers(-4, 4).map(Decimal)
tenths = st.integers(-30, 30).map(lambda n: Decimal(n) / 10)
any_numbers = st.decimals(-(10**6), 10**6, places=6)


@st.composite
def any_design(draw: st.DrawFn) -> Design:
    numbers = draw(st.sampled_from([small_numbers, tenths, any_numbers]))
    n = draw(st.integers(1, 9))
    return Design(
        costs=draw(st.lists(numbers, min_size=n, max_size=n)),
        responses=draw(st.lists(numbers, min_size=n, max_size=n)),
        trim_rate=draw(st.sampled_from([None, 0.0, 0.2])),
        max_trim_rate=draw(st.sampled_from([0.25, 0.4])),
    )


# A third zero, so far out that its rounding is larger than what two others differ by.
FAR_ZERO = Design(
    costs=[Decimal(0), Decimal("0.163421"), Decimal(0), Decimal("-0.000007"), Decimal("0.000001")],
    responses=[
        Decimal("8.142979"),
        Decimal(0),
        Decimal("-0.000023"),
        Decimal(0),
        Decimal("0.000003"),
    ],
    ci_level=0.9,
    break_even=1.0,
    trim_rate=None,
    max_trim_rate=0.25,
)

# The interval ends where all kept residuals are zero at once.
EXACT_END = Design(
    costs=[Decimal(-1), Decimal(-1), Decimal(-1), Decimal(4)],
    responses=[Decimal(0), Decimal(-1), Decimal(-1), Decimal(3)],
    ci_level=0.9,
    break_even=1.0,
    trim_rate=None,
    max_trim_rate=0.25,
)


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(any_design(), min_size=1, max_size=6))
@example([FAR_ZERO])
@example([EXACT_END])
def test_any_design(designs: list[Design]) -> None:
    rows, candidates = run_models(designs)
    for design, row, of_row in zip(designs, rows, candidates, strict=True):
        assert_sound(design, row, of_row)


def whole(*values: int) -> list[Decimal]:
    return [Decimal(value) for value in values]


@pytest.mark.parametrize(
    ("costs", "responses", "reason"),
    [
        (whole(1), whole(2), "few_pairs"),
        (whole(1, 2), whole(2, 3), "few_pairs"),
        (whole(0, 0, 0, 0), whole(1, 2, 3, 4), "cost_does_not_differ"),
        (whole(3, -1, -2), whole(1, 2, 3), "cost_cancels_out"),
        (whole(1, 2, 3, 4), whole(0, 0, 0, 0), "response_does_not_differ"),
        (whole(1, 2, 3, 5), whole(2, 4, 6, 10), "no_noise_in_kept_pairs"),
        (whole(2, 2, 2, 2), whole(3, 3, 3, 3), "no_noise_in_kept_pairs"),
        (whole(1, 2, 4), whole(2, 3, 9), None),
        (whole(2, 2, 2, 2), whole(1, 2, 3, 9), None),
        (whole(-1, -2, -4, -3), whole(-2, -3, -9, -5), None),
    ],
)
def test_degenerate_designs(
    costs: list[Decimal], responses: list[Decimal], reason: str | None
) -> None:
    design = Design(costs, responses)
    (row,), (candidates,) = run_models([design])
    if reason is None:
        assert row["not_measurable_reason"] is None
    else:
        assert row["not_measurable_reason"].startswith(reason)
    assert_sound(design, row, candidates)


@pytest.mark.parametrize(
    ("pairs", "rate", "trimmed"),
    [(5, 0.2, 1), (43, 7 / 43, 7), (41, 7 / 41, 7), (79, 15 / 79, 15), (10, 0.25, 3), (10, 0.3, 3)],
)
def test_a_given_rate_trims_a_whole_number_of_pairs(pairs: int, rate: float, trimmed: int) -> None:
    """Google's package trims one more of 43 or 41 pairs: there 7 / 43 * 43 is just above 7."""
    rng = np.random.default_rng(1)
    costs = rng.lognormal(3, 1, pairs)
    responses = 2 * costs + rng.normal(0, 10, pairs)
    design = Design(decimals(costs, 2), decimals(responses, 2), trim_rate=rate)
    (row,), _ = run_models([design])
    assert (row["pairs_trimmed_each_side"], row["trim_rate"]) == (trimmed, rate)


def test_the_same_to_the_last_bit_with_any_threads() -> None:
    designs = random_designs(seed=5, count=60)
    assert run_models(designs, threads=1) == run_models(designs, threads=4)
