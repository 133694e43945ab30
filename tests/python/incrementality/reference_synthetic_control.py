"""Synthetic control: the treated mean against the best mixture of control geos.

Abadie, Diamond, Hainmueller (2010); with every geo's own pretest mean taken off first as in Ferman,
Pinto (2021). The weights solve a quadratic programme by an active set: the optimum given which
weights are 0 is a linear system, and the multipliers tell which to free.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from tests.python.incrementality.panels import GeoTest
from tests.python.incrementality.reference import ONE, ZERO, Matrix, Vector, dot, inverted
from tests.python.incrementality.student_t import DIGITS


@dataclass(frozen=True)
class SyntheticControl:
    """Weights by control geo, and the effect on all treated geos by date of test and cooldown."""

    weights: dict[str, Decimal]
    effects: dict[date, Decimal]

    @property
    def incremental_revenue(self) -> Decimal:
        with localcontext(DIGITS):
            return sum(self.effects.values(), ZERO)


def synthetic_control(test: GeoTest) -> SyntheticControl:
    """The demeaned form, unless the experiment's settings say otherwise."""
    demeaned = test.settings.get("sc_demeaned", True)
    with localcontext(DIGITS):
        dates = [*test.pretest_dates, *test.response_dates]
        n = len(test.pretest_dates)
        treated = [test.response(test.treatment, [day]) / len(test.treatment) for day in dates]
        control = [[test.response([geo], [day]) for day in dates] for geo in test.control]
        if demeaned:
            treated = _less_pretest_mean(treated, n)
            control = [_less_pretest_mean(series, n) for series in control]
        weights = simplex_weights([series[:n] for series in control], treated[:n])
        effects = {
            day: len(test.treatment)
            * (treated[i] - sum((w * s[i] for w, s in zip(weights, control, strict=True)), ZERO))
            for i, day in enumerate(dates)
            if i >= n
        }
        return SyntheticControl(dict(zip(test.control, weights, strict=True)), effects)


def _less_pretest_mean(series: Vector, n: int) -> Vector:
    mean = sum(series[:n], ZERO) / n
    return [value - mean for value in series]


def simplex_weights(donors: Matrix, target: Vector) -> Vector:
    """Weights >= 0 with sum 1 for which the donors' mixture is nearest to the target."""
    gram = [[dot(a, b) for b in donors] for a in donors]
    moment = [dot(a, target) for a in donors]
    size = len(donors)
    nearest = min(range(size), key=lambda j: gram[j][j] - 2 * moment[j])
    weights = [ONE if j == nearest else ZERO for j in range(size)]
    free = {nearest}
    scale = max(gram[j][j] for j in range(size))
    while True:
        weights, free = _descend(gram, moment, weights, free)
        gradient = [dot(gram[j], weights) - moment[j] for j in range(size)]
        level = gradient[min(free)]
        worst = min(range(size), key=lambda j: gradient[j])
        if gradient[worst] >= level - scale * Decimal("1e-40"):
            return weights
        free = free | {worst}


def _descend(
    gram: Matrix, moment: Vector, weights: Vector, free: set[int]
) -> tuple[Vector, set[int]]:
    """To the optimum over the free weights, fixing at 0 those that would fall below."""
    while True:
        order = sorted(free)
        optimum = _equality_optimum(gram, moment, order)
        negative = [j for j in order if optimum[j] < 0]
        if not negative:
            return [optimum.get(j, ZERO) for j in range(len(weights))], free
        share, blocked = min((weights[j] / (weights[j] - optimum[j]), j) for j in negative)
        weights = [
            w + share * (optimum[j] - w) if j in free else ZERO for j, w in enumerate(weights)
        ]
        weights[blocked] = ZERO
        free = free - {blocked}


def _equality_optimum(gram: Matrix, moment: Vector, free: list[int]) -> dict[int, Decimal]:
    """The best weights with sum 1 among the free ones, whatever their sign."""
    system = [[*(gram[i][j] for j in free), ONE] for i in free]
    system.append([*(ONE for _ in free), ZERO])
    right = [*(moment[i] for i in free), ONE]
    return {j: dot(row, right) for j, row in zip(free, inverted(system), strict=False)}
