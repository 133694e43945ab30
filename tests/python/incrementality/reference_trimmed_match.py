"""Trimmed Match as its paper defines it, solved without rankings between breakpoints.

Chen, Au (2022), Robust causal inference for incremental return on ad spend with randomized paired
geo experiments. The trimmed mean of the residuals is a continuous function of iROAS that is linear
between breakpoints, so that its roots lie where it changes sign; between breakpoints the squared
studentised mean compares two parabolas, and three points tell a parabola.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, localcontext
from statistics import NormalDist

from tests.python.incrementality.panels import GeoTest
from tests.python.incrementality.student_t import DIGITS

ZERO = Decimal(0)


@dataclass(frozen=True)
class Pair:
    """Differences between the treated and the control geo of a pair."""

    response: Decimal
    cost: Decimal

    def residual(self, iroas: Decimal) -> Decimal:
        return self.response - iroas * self.cost


@dataclass(frozen=True)
class TrimmedMatch:
    """What the method says of an experiment."""

    iroas: Decimal
    se: Decimal
    low: Decimal
    high: Decimal
    trim_rate: Decimal
    spend: Decimal


def pairs_of(test: GeoTest) -> list[Pair]:
    """Test and cooldown of each pair with both its geos."""
    treated = {test.pairs[geo]: geo for geo in test.treatment if geo in test.pairs}
    control = {test.pairs[geo]: geo for geo in test.control if geo in test.pairs}
    days = test.response_dates
    return [
        Pair(
            test.response([treated[pair]], days) - test.response([control[pair]], days),
            test.cost([treated[pair]], days) - test.cost([control[pair]], days),
        )
        for pair in sorted({*treated} & {*control})
    ]


def trimmed_match(test: GeoTest) -> TrimmedMatch:
    """With the given trim rate, or with the smallest whose error is nearly the smallest."""
    with localcontext(DIGITS):
        pairs = pairs_of(test)
        n = len(pairs)
        fixed = test.settings.get("trim_rate", "")
        max_rate = Decimal(str(test.settings.get("max_trim_rate", "0.25")))
        if fixed == "":
            trims = [m for m in range(n) if Decimal(m) / n <= max_rate and n - 2 * m >= 2]
        else:
            trims = [int((Decimal(str(fixed)) * n).to_integral_value(ROUND_CEILING))]
        candidates = [(m, iroas, _se(pairs, m, iroas)) for m in trims for iroas in _best(pairs, m)]
        limit = (1 + Decimal("0.25") / Decimal(n).sqrt()) * min(se for _, _, se in candidates)
        m, iroas, se = next(found for found in candidates if found[2] <= limit)
        z = Decimal(NormalDist().inv_cdf(float((1 + test.ci_level) / 2)))
        low, high = _interval(pairs, m, z)
        if low is None or high is None or high - low > 1_000_000 * se:
            low, high = iroas - 3 * z * se, iroas + 3 * z * se
        spend = sum((pair.cost for pair in pairs), ZERO)
        rate = Decimal(m) / n if fixed == "" else Decimal(str(fixed))
        return TrimmedMatch(iroas, se, low, high, rate, spend)


def best_of(pairs: Sequence[Pair], max_trim_rate: float) -> tuple[Decimal, Decimal]:
    """The iROAS with its error, with the smallest trim rate whose error is nearly the smallest."""
    n = len(pairs)
    with localcontext(DIGITS):
        trims = [m for m in range(n) if m <= max_trim_rate * n + 1e-9 and n - 2 * m >= 2]
        found = [(iroas, _se(pairs, m, iroas)) for m in trims for iroas in _best(pairs, m)]
        limit = (1 + Decimal("0.25") / Decimal(n).sqrt()) * min(se for _, se in found)
        return next(one for one in found if one[1] <= limit)


def _breakpoints(pairs: Sequence[Pair]) -> list[Decimal]:
    """Where two residuals are equal."""
    return sorted(
        {
            (a.response - b.response) / (a.cost - b.cost)
            for i, a in enumerate(pairs)
            for b in pairs[:i]
            if a.cost != b.cost
        }
    )


def _residuals(pairs: Sequence[Pair], iroas: Decimal) -> list[Decimal]:
    return sorted(pair.residual(iroas) for pair in pairs)


def _trimmed_mean(pairs: Sequence[Pair], m: int, iroas: Decimal) -> Decimal:
    kept = _residuals(pairs, iroas)[m : len(pairs) - m]
    return sum(kept, ZERO) / len(kept)


def _roots(pairs: Sequence[Pair], m: int) -> list[Decimal]:
    if m == 0:
        return [sum((p.response for p in pairs), ZERO) / sum((p.cost for p in pairs), ZERO)]
    points = _breakpoints(pairs)
    # Beyond the outer breakpoints the function is linear, too: two points tell the line.
    points = [points[0] - 2, points[0] - 1, *points, points[-1] + 1, points[-1] + 2]
    values = [_trimmed_mean(pairs, m, point) for point in points]
    roots = []
    for i in range(len(points) - 1):
        (a, b), (fa, fb) = points[i : i + 2], values[i : i + 2]
        if fa == fb:
            continue
        root = a - fa * (b - a) / (fb - fa)
        from_below = i == 0 or root >= a
        from_above = i == len(points) - 2 or root <= b
        if from_below and from_above:
            roots.append(root)
    return sorted(set(roots))


def _best(pairs: Sequence[Pair], m: int) -> list[Decimal]:
    """Of several roots the one with the most symmetric residuals."""

    def asymmetry(iroas: Decimal) -> Decimal:
        residuals = _residuals(pairs, iroas)
        kept = range(m, len(pairs) - m)
        return sum((abs(residuals[i] + residuals[-1 - i]) for i in kept), ZERO) / len(kept)

    return sorted(_roots(pairs, m), key=asymmetry)[:1]


def _se(pairs: Sequence[Pair], m: int, iroas: Decimal) -> Decimal:
    n = len(pairs)
    ranked = sorted(pairs, key=lambda pair: pair.residual(iroas))
    kept = ranked[m : n - m]
    winsorised = [*kept, *(m * [kept[0]]), *(m * [kept[-1]])]
    squares = sum((pair.residual(iroas) ** 2 for pair in winsorised), ZERO) / n
    cost = sum((pair.cost for pair in kept), ZERO) / n
    return (squares / n).sqrt() / abs(cost)


def _excess(pairs: Sequence[Pair], m: int, z: Decimal, iroas: Decimal) -> Decimal:
    """Positive where the studentised trimmed mean is less than z: a parabola by pieces."""
    residuals = _residuals(pairs, iroas)
    kept = residuals[m : len(pairs) - m]
    h = len(kept)
    winsorised = [*(m * [kept[0]]), *kept, *(m * [kept[-1]])]
    mean = sum(winsorised, ZERO) / len(winsorised)
    squares = sum(((value - mean) ** 2 for value in winsorised), ZERO)
    return z * z * squares - h * (h - 1) * (sum(kept, ZERO) / h) ** 2


def _interval(
    pairs: Sequence[Pair], m: int, z: Decimal
) -> tuple[Decimal, Decimal] | tuple[None, None]:
    """First and last iROAS that the data do not contradict, or nothing where there is no end."""
    points = _breakpoints(pairs)
    far = 10**10 * (1 + max(abs(points[0]), abs(points[-1])))
    if any(_excess(pairs, m, z, end) > 0 for end in (-far, far)):
        return None, None
    accepted = []
    for a, b in zip([-far, *points], [*points, far], strict=True):
        middle = (a + b) / 2
        at_a, at_b, at_middle = (_excess(pairs, m, z, point) for point in (a, b, middle))
        accepted += [point for point, value in ((a, at_a), (b, at_b)) if value >= 0]
        # f(x) = p x^2 + q x + r on x from -1 to 1
        p, q, r = (at_a + at_b) / 2 - at_middle, (at_b - at_a) / 2, at_middle
        for x in _zeros(p, q, r):
            if -1 <= x <= 1:
                accepted.append(middle + x * (b - a) / 2)
    return min(accepted), max(accepted)


def _zeros(p: Decimal, q: Decimal, r: Decimal) -> list[Decimal]:
    if p == 0:
        return [-r / q] if q else []
    discriminant = q * q - 4 * p * r
    if discriminant < 0:
        return []
    root = discriminant.sqrt()
    return [(-q - root) / (2 * p), (-q + root) / (2 * p)]
