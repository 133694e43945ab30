"""What each regional campaign brought, by one model of all campaigns, regions and weeks.

Orders y of region r in week w are expected to be

    a_r m_w (1 + sum over campaigns c of lift_c x_crw + after_c u_crw)

with a free level a of each region and m of each week, x the share of the week's days in test or
cooldown of a campaign that treats the region, and u the same of the days after, so that what comes
late or is missing then disturbs no other campaign's comparison. Relative noise y / (a m) is
independent between regions; weeks i and j of one have the covariance

    [i = j] (counting / (a m_i) + white) + drift persistence^|i - j|
    + event d_i d_j EVENT_PERSISTENCE^|i - j|

where d says how far a week stands out from those around it: regions respond to a sale differently.

Each brand has levels of its own. Gauss-Newton steps of generalised least squares (Aitken 1936) on
y / (a m). Variances are the same for all brands of a shop, by restricted maximum likelihood
(Patterson and Thompson 1971) with average information (Gilmour, Thompson and Cullis 1995); degrees
of freedom by Satterthwaite (1946).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Rows = NDArray[np.intp]

EVENT_PERSISTENCE = 0.6  # of a region's response to a sale, a week later
EVENT_WEEKS = 13  # a week stands out from the median of so many around it
MOST_PERSISTENCE = 0.98
STEPS = 4
STEPS_WITH_NEW_NOISE = (1, 3)
# Variances are as good as known from so many regions; more cost time only.
ENOUGH_REGIONS = 120
SMALLEST_LEVEL = 1e-9
LEAST_SCALE = 0.05
LEAST_LEFT = 0.2  # of a level after a step
DEPENDENT = 1e-7  # of a column's squares, left when the others are taken off: none of its own


@dataclass(frozen=True)
class Brand:
    """Weekly orders of a brand, and the effects that are looked for.

    Attributes:
        orders: Shape (regions, weeks); some in each region and week.
        treated: Shape (regions, effects); whether an effect concerns a region.
        share: Shape (weeks, effects); share of the week's days on which it works, 0 to 1.
    """

    orders: Floats
    treated: Flags
    share: Floats

    @cached_property
    def standing_out(self) -> Floats:
        """How far each week lies from those around it, as a logarithm; shape (weeks,)."""
        log = np.log(np.maximum(self.orders.sum(axis=0), 1.0))
        around = np.pad(log, EVENT_WEEKS // 2, mode="edge")
        windows = np.lib.stride_tricks.sliding_window_view(around, EVENT_WEEKS)
        return np.asarray(log - np.median(windows, axis=1))


@dataclass(frozen=True)
class Noise:
    """Variances of relative weekly orders.

    Attributes:
        counting: Of counts, over their expectation; 1 is Poisson.
        white: Of a week by itself.
        drift: Of what lasts.
        event: Of a week that stands out, over the square of the logarithm of by how much.
        persistence: What is left of a drift a week later, 0 to 1.
    """

    counting: float
    white: float
    drift: float
    event: float
    persistence: float

    def as_free(self) -> Floats:
        """On a scale without limits, for the optimiser; shape (5,)."""
        odds = self.persistence / (MOST_PERSISTENCE - self.persistence)
        return np.log([self.counting, self.white, self.drift, self.event, odds])

    @classmethod
    def from_free(cls, values: Floats) -> "Noise":
        """The inverse of `as_free`, within limits."""
        counting, white, drift, event, odds = np.exp(np.clip(values, *FREE_LIMITS))
        return cls(counting, white, drift, event, MOST_PERSISTENCE * odds / (1 + odds))

    @property
    def slopes(self) -> Floats:
        """Derivatives of the values by those of `as_free`; shape (5,)."""
        left = 1 - self.persistence / MOST_PERSISTENCE
        return np.array(
            [self.counting, self.white, self.drift, self.event, self.persistence * left]
        )


START = Noise(counting=1.5, white=0.003, drift=0.0005, event=0.01, persistence=0.8)
FREE_LIMITS = (np.array([-3.0, -14, -14, -14, -4]), np.array([5.0, 1, 1, 3, 4]))
# How long a drift lasts shows in few shops: a prior around the first guess, with this precision.
PERSISTENCE_PRECISION = np.array([0, 0, 0, 0, 1.0])


@dataclass(frozen=True)
class Levels:
    """Levels of a brand and its effects.

    Attributes:
        region: Shape (regions,).
        week: Shape (weeks,).
        effect: Shape (effects,); relative change of orders.
    """

    region: Floats
    week: Floats
    effect: Floats

    @property
    def expected(self) -> Floats:
        """Orders without any effect, shape (regions, weeks)."""
        return np.maximum(self.region[:, None] * self.week, SMALLEST_LEVEL)


@dataclass(frozen=True)
class Equations:
    """Generalised least squares of a step: levels of regions swept out; weeks, effects left.

    Attributes:
        inverse: Shape (p, p); inverse of the matrix, p = weeks - 1 + effects: the first week is
            what levels of regions are measured in.
        solution: Shape (p,).
        deviance: Minus the restricted log likelihood, but for a constant.
        scale: Shape (regions, weeks); 1 + effects.
        residual: Shape (regions, weeks); what is to be explained.
        lines: Shape (regions, weeks); weights by which a region's own level is taken.
        swept: Shape (regions, weeks, weeks); inverse covariances without the region's level.
        columns: For each region the numbers of the columns that concern it, and these columns
            weighed, of shape (weeks, columns).
    """

    inverse: Floats
    solution: Floats
    deviance: float
    scale: Floats
    residual: Floats
    lines: Floats
    swept: Floats
    columns: list[tuple[Rows, Floats]]


@dataclass(frozen=True)
class Fit:
    """What came out for a brand.

    Attributes:
        levels: Levels and effects.
        covariance: Shape (effects, effects); of the effects.
        df: Shape (effects,); degrees of freedom of the effects' variances.
    """

    levels: Levels
    covariance: Floats
    df: Floats


def fit(brands: Sequence[Brand], start: Noise = START) -> tuple[list[Fit], Noise]:
    """Fit all brands of a shop.

    Args:
        brands: Brands whose effects can be told apart, see `independent`.
        start: First guess of the variances.

    Returns:
        What came out for each, and the variances.
    """
    levels = [
        Levels(
            brand.orders.sum(axis=1),
            brand.orders.sum(axis=0) / brand.orders.sum(),
            np.zeros(brand.share.shape[1]),
        )
        for brand in brands
    ]
    noise, covariance = start, np.zeros((5, 5))
    telling = _telling(brands)
    made: list[Equations] = []
    for step in range(STEPS):
        if step in STEPS_WITH_NEW_NOISE:
            noise, covariance = estimate_noise(
                [brands[number] for number in telling],
                [levels[number] for number in telling],
                noise,
            )
        before = levels
        made = [equations(b, old, noise) for b, old in zip(brands, before, strict=True)]
        levels = [_next(b, old, m) for b, old, m in zip(brands, before, made, strict=True)]
    fits = [
        Fit(
            new,
            m.inverse[len(new.week) - 1 :, len(new.week) - 1 :],
            _degrees_of_freedom(brand, old, noise, covariance, m),
        )
        for brand, old, new, m in zip(brands, before, levels, made, strict=True)
    ]
    return fits, noise


def _telling(brands: Sequence[Brand]) -> list[int]:
    """Brands that variances are learned from: all, or enough of them from large to small."""
    by_size = np.argsort([-brand.orders.sum() for brand in brands], kind="stable")
    regions = sum(len(brand.orders) for brand in brands)
    every = max(regions // ENOUGH_REGIONS, 1)
    return sorted(int(number) for number in by_size[::every])


def independent(treated: Flags, share: Floats, comes_first: Flags) -> tuple[Flags, Flags]:
    """Which effects can be told from levels of regions and weeks, and from one another.

    Args:
        treated: Shape (regions, effects).
        share: Shape (weeks, effects).
        comes_first: Shape (effects,); of two that cannot be told apart, one that comes first is
            kept and one that does not is given up. Two that come first are both given up.

    Returns:
        Shape (effects,): whether it differs from all levels; whether from the other effects too.
    """
    cells = treated[:, None, :] * share
    squares = np.square(cells).sum(axis=(0, 1))
    cells -= cells.mean(axis=0) + cells.mean(axis=1, keepdims=True) - cells.mean(axis=(0, 1))
    left = np.square(cells).sum(axis=(0, 1))
    differs = left > DEPENDENT * np.maximum(squares, SMALLEST_LEVEL)
    columns = cells.reshape(treated.shape[0] * share.shape[0], -1)
    columns /= np.sqrt(np.where(differs, left, 1))
    products = columns.T @ columns
    first = np.flatnonzero(differs & comes_first)
    values, vectors = np.linalg.eigh(products[np.ix_(first, first)])
    is_alone = ~(np.abs(vectors[:, values < DEPENDENT]) > np.sqrt(DEPENDENT)).any(axis=1)
    kept = list(first[is_alone])
    for effect in np.flatnonzero(differs & ~comes_first):
        others = products[kept, effect]
        if 1 - others @ np.linalg.solve(products[np.ix_(kept, kept)], others) > DEPENDENT:
            kept.append(effect)
    return differs, np.isin(np.arange(len(comes_first)), kept)


def equations(brand: Brand, levels: Levels, noise: Noise) -> Equations:
    """The normal equations of the next step, solved.

    Args:
        brand: Orders and effects.
        levels: Where the step starts.
        noise: Variances.

    Returns:
        The equations and their solution.
    """
    expected = levels.expected
    # An effect takes no more than all orders.
    scale = np.maximum(1 + (brand.treated * levels.effect) @ brand.share.T, LEAST_SCALE)
    residual = brand.orders / expected - scale
    covariances = _covariances(brand, expected, noise)
    deviance = float(np.log(np.diagonal(np.linalg.cholesky(covariances), axis1=1, axis2=2)).sum())
    weeks, effects = brand.share.shape
    matrix, right = np.zeros((weeks + effects, weeks + effects)), np.zeros(weeks + effects)
    swept = np.asarray(np.linalg.inv(covariances), np.float64)
    lines = np.empty_like(expected)
    columns = []
    for region, inverse in enumerate(swept):
        own, mine = scale[region], np.flatnonzero(brand.treated[region])
        line = inverse @ own
        weight = own @ line
        deviance += float(np.log(weight)) / 2
        lines[region] = line / weight
        inverse -= np.outer(line, lines[region])
        shares = brand.share[:, mine]
        # A week works in its own row only, an effect in all of its weeks.
        weighed = np.hstack([inverse * own, inverse @ shares])
        numbers = np.append(np.arange(weeks), weeks + mine)
        matrix[np.ix_(numbers, numbers)] += np.vstack([own[:, None] * weighed, shares.T @ weighed])
        right[numbers] += weighed.T @ residual[region]
        deviance += float(residual[region] @ inverse @ residual[region]) / 2
        columns.append((numbers[1:] - 1, weighed[:, 1:]))
    factor = cho_factor(matrix[1:, 1:], lower=True)
    inverse = cho_solve(factor, np.eye(weeks + effects - 1))
    solution = inverse @ right[1:]
    deviance += float(np.log(np.diag(factor[0])).sum() - right[1:] @ solution / 2)
    return Equations(inverse, solution, deviance, scale, residual, lines, swept, columns)


def estimate_noise(
    brands: Sequence[Brand], levels: Sequence[Levels], start: Noise
) -> tuple[Noise, Floats]:
    """Variances by restricted maximum likelihood, the same for all brands.

    Args:
        brands: Orders and effects.
        levels: Levels and effects of each.
        start: First guess.

    Returns:
        The variances, and the covariance of their errors on the scale of `Noise.as_free`, (5, 5).
    """
    usual = START.as_free()
    known: dict[bytes, tuple[float, Floats, Floats]] = {}

    def score_at(free: Floats) -> tuple[float, Floats, Floats]:
        if free.tobytes() not in known:
            noise = Noise.from_free(free)
            scores = [_score(b, at, noise) for b, at in zip(brands, levels, strict=True)]
            deviance, gradient, information = (sum(part) for part in zip(*scores, strict=True))
            away = free - usual
            known[free.tobytes()] = (
                deviance + PERSISTENCE_PRECISION @ away**2 / 2,
                noise.slopes * gradient + PERSISTENCE_PRECISION * away,
                np.outer(noise.slopes, noise.slopes) * information + np.diag(PERSISTENCE_PRECISION),
            )
        return known[free.tobytes()]

    found = minimize(
        lambda free: score_at(free)[0],
        start.as_free(),
        jac=lambda free: score_at(free)[1],
        hess=lambda free: score_at(free)[2],
        method="trust-exact",
        options={"initial_trust_radius": 1.0, "max_trust_radius": 3.0, "gtol": 0.05, "maxiter": 30},
    )
    # A variance that is next to nothing has next to no information.
    information = score_at(found.x)[2] + 1e-3 * np.eye(5)
    return Noise.from_free(found.x), np.asarray(np.linalg.inv(information), np.float64)


def _covariances(brand: Brand, expected: Floats, noise: Noise) -> Floats:
    """Covariances of relative orders over weeks, shape (regions, weeks, weeks)."""
    diagonals, common = _derivatives(brand, expected, noise)
    lasting = noise.drift * common[0] + noise.event * common[1]
    result = np.repeat(lasting[None], len(expected), axis=0)
    weeks = np.arange(expected.shape[1])
    result[:, weeks, weeks] += noise.counting * diagonals[0] + noise.white * diagonals[1]
    return result


def _derivatives(brand: Brand, expected: Floats, noise: Noise) -> tuple[Floats, Floats]:
    """Derivatives of the covariances by the five values of `Noise`.

    Returns:
        By counting and white, of the diagonals: shape (2, regions, weeks). By drift, event and
        persistence, the same in all regions: shape (3, weeks, weeks).
    """
    weeks = np.arange(expected.shape[1])
    apart = np.abs(weeks[:, None] - weeks)
    lasting = noise.persistence**apart
    out = brand.standing_out
    return np.array([1 / expected, np.ones_like(expected)]), np.array(
        [
            lasting,
            np.outer(out, out) * EVENT_PERSISTENCE**apart,
            noise.drift * apart * lasting / noise.persistence,
        ]
    )


def _score(brand: Brand, levels: Levels, noise: Noise) -> tuple[float, Floats, Floats]:
    """Deviance, its gradient (5,) and the average information (5, 5) by the values of `Noise`."""
    made = equations(brand, levels, noise)
    diagonals, common = _derivatives(brand, levels.expected, noise)
    gradient, information = np.zeros(5), np.zeros((5, 5))
    moved = np.zeros((5, len(made.solution)))
    for region, (numbers, weighed) in enumerate(made.columns):
        swept = made.swept[region]
        projected = swept - weighed @ made.inverse[np.ix_(numbers, numbers)] @ weighed.T
        unexplained = swept @ made.residual[region] - weighed @ made.solution[numbers]
        turned = np.vstack([diagonals[:, region] * unexplained, common @ unexplained])
        gradient[:2] += diagonals[:, region] @ np.diag(projected)
        gradient[2:] += np.tensordot(common, projected, 2)
        gradient -= turned @ unexplained
        moved[:, numbers] += turned @ weighed
        information += turned @ swept @ turned.T
    information -= moved @ made.inverse @ moved.T
    return made.deviance, gradient / 2, information / 2


def _degrees_of_freedom(
    brand: Brand, levels: Levels, noise: Noise, noise_covariance: Floats, made: Equations
) -> Floats:
    """Satterthwaite's: 2 v^2 / var(v) of the variance v of each effect, shape (effects,)."""
    weeks, effects = brand.share.shape
    diagonals, common = _derivatives(brand, levels.expected, noise)
    slopes = np.zeros((effects, 5))
    for region, (numbers, weighed) in enumerate(made.columns):
        own = weighed @ made.inverse[numbers, weeks - 1 :]
        slopes[:, :2] += np.square(own).T @ diagonals[:, region].T
        slopes[:, 2:] += np.einsum("we,nwv,ve->en", own, common, own, optimize=True)
    slopes *= noise.slopes
    variances = np.diag(made.inverse)[weeks - 1 :]
    spread = np.einsum("ei,ij,ej->e", slopes, noise_covariance, slopes)
    return np.asarray(2 * variances**2 / spread)


def _next(brand: Brand, levels: Levels, made: Equations) -> Levels:
    """Levels and effects after a step."""
    weeks = len(levels.week)
    week, effect = np.append(0.0, made.solution[: weeks - 1]), made.solution[weeks - 1 :]
    explained = made.scale * week + (brand.treated * effect) @ brand.share.T
    region = np.sum(made.lines * (made.residual - explained), axis=1)
    return Levels(
        levels.region * np.maximum(1 + region, LEAST_LEFT),
        levels.week * np.maximum(1 + week, LEAST_LEFT),
        levels.effect + effect,
    )
