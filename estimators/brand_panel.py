"""What campaigns brought without any region kept free of them: brands as each other's control.

Orders of brand b in week w are expected to be

    a_b m_w (1 + sum over campaigns c of brand b of (mu + delta_c) h_cw)

with a free level a of each brand and m of each week, which brands share: a week in which one brand
is advertised and others are not tells what that brings. h is the attention for a campaign: its
media value decays by half in so many days (ad-stock, Broadbent 1979) and saturates,

    h = s (1 + K) / (s + K s0),  s0 the usual s of a campaign's days.

mu has no prior, delta_c ~ N(0, spread^2). Relative noise of a brand has variance counting / (a m)
in a week and a drift of its own with covariance drift persistence^|i - j| over weeks. Variances by
restricted maximum likelihood (Patterson and Thompson 1971) under a half-normal prior of the spread.
Neither half-life nor saturation shows in the data of one shop (Jin et al. 2017), so that figures
are averages over several, weighed by their likelihood.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

HALF_LIVES = (2.0, 5.0, 12.0)  # days
SATURATIONS = (0.25, 1.0, 4.0)  # K
IS_AT_WORK = 0.1  # of a campaign's highest attention: days on which it counts as at work
PRIOR_SPREAD = 0.15  # of a campaign's effect on orders, half-normal
MOST_PERSISTENCE = 0.98
STEPS = 4
STEPS_WITH_NEW_VARIANCES = (1, 3)
LEAST_LEFT = 0.3  # of a level after a step
LEAST_SCALE = 0.05


@dataclass(frozen=True)
class Spill:
    """Orders that may come of work elsewhere, of which a share that is looked for does.

    Attributes:
        demand: Shape (brands, weeks); these orders over those without any work.
        error: Standard deviation of the share's prior, which is normal around zero.
    """

    demand: Floats
    error: float


@dataclass(frozen=True)
class Market:
    """Weekly orders of brands that share their seasons, and the work for them.

    Attributes:
        orders: Shape (brands, weeks); some of each brand and in each week.
        brand: Shape (groups,); the brand that a group of posts is for, such as a campaign.
        media_value: Shape (groups, days); what its posts of a day usually cost.
        week: Shape (days,); the week of each day, counted from 0.
        spill: Of regional campaigns, whose own regions' orders are not among these.
    """

    orders: Floats
    brand: Rows
    media_value: Floats
    week: Rows
    spill: Spill | None = None


@dataclass(frozen=True)
class Variances:
    """Variances of relative weekly orders, and the spread of effects.

    Attributes:
        counting: Of counts, over their expectation; 1 is Poisson.
        drift: Of what lasts.
        persistence: What is left of a drift a week later.
        spread: Standard deviation of effects between groups.
    """

    counting: float = 1.5
    drift: float = 0.0003
    persistence: float = 0.5
    spread: float = 0.1

    def as_free(self) -> Floats:
        """On a scale without limits, for the optimiser; shape (4,)."""
        odds = self.persistence / (MOST_PERSISTENCE - self.persistence)
        return np.log([self.counting, self.drift, odds, self.spread])

    @classmethod
    def from_free(cls, values: Floats) -> "Variances":
        """The inverse of `as_free`, within limits."""
        counting, drift, odds, spread = np.exp(np.clip(values, *FREE_LIMITS))
        return cls(counting, drift, MOST_PERSISTENCE * odds / (1 + odds), spread)


FREE_LIMITS = (np.array([-1.0, -14, -3, -5]), np.array([6.0, 0, 4, 0.5]))


@dataclass(frozen=True)
class Effects:
    """What groups brought.

    Attributes:
        orders: Shape (groups,); incremental orders.
        covariance: Shape (groups, groups); of their errors.
        attention: Shape (groups,); orders without any work in weeks of usual attention for the
            group: what a change of demand by the whole in those weeks would come to.
        spilled: Share of what may spill that does, and its standard error; None if none may.
    """

    orders: Floats
    covariance: Floats
    attention: Floats
    spilled: tuple[float, float] | None = None


def measure(market: Market) -> Effects:
    """Effects of all groups, averaged over shapes of the response.

    Args:
        market: Orders of at least two brands, and at least one group.

    Returns:
        What groups brought; the covariance has what shapes differ by.
    """
    found: list[Effects] = []
    likelihoods: list[float] = []
    variances = Variances()
    # From the middle out, so that variances begin near where they end.
    shapes = sorted(
        product(HALF_LIVES, SATURATIONS), key=lambda shape: shape != (HALF_LIVES[1], SATURATIONS[1])
    )
    for half_life, saturation in shapes:
        work = attention(market, half_life, saturation)
        effects, likelihood, fitted = fit(market, work, variances)
        if not found:
            variances = fitted
        found.append(effects)
        likelihoods.append(likelihood)
    weights = np.exp(np.array(likelihoods) - max(likelihoods))
    return _mixture(found, weights / weights.sum())


def attention(market: Market, half_life: float, saturation: float) -> Floats:
    """What is left of each group's work in each week, 1 being usual for a campaign.

    Args:
        market: Its media value.
        half_life: Days until half of it is gone.
        saturation: K.

    Returns:
        Shape (groups, weeks); means over the weeks' days.
    """
    kept = 0.5 ** (1 / half_life)
    stock = (1 - kept) * market.media_value
    for day in range(1, stock.shape[1]):
        stock[:, day] += kept * stock[:, day - 1]
    at_work = stock > IS_AT_WORK * stock.max(axis=1, keepdims=True)
    usual = np.mean([row[days].mean() for row, days in zip(stock, at_work, strict=True)])
    response = stock * (1 + saturation) / (stock + saturation * usual)
    weeks = market.orders.shape[1]
    sums = np.zeros((len(stock), weeks))
    np.add.at(sums.T, market.week, response.T)
    return np.asarray(sums / np.bincount(market.week, minlength=weeks))


@dataclass(frozen=True)
class Solution:
    """Generalised least squares of a step of p columns, as of `design`.

    Attributes:
        estimate: Shape (p,); relative changes of levels, effects, what spills.
        root: Shape (p, p); Cholesky factor of the precision.
        likelihood: Restricted log likelihood, but for a constant.
    """

    estimate: Floats
    root: Floats
    likelihood: float


def fit(market: Market, work: Floats, start: Variances) -> tuple[Effects, float, Variances]:
    """Effects for one shape of the response.

    Args:
        market: Orders and groups.
        work: Shape (groups, weeks); as of `attention`.
        start: First guess of the variances.

    Returns:
        What groups brought, the restricted log likelihood but for a constant, and the variances.
    """
    brands, weeks = market.orders.shape
    level = market.orders.sum(axis=1)
    week = market.orders.sum(axis=0) / market.orders.sum()
    effect, variances = np.zeros(len(work) + (market.spill is not None)), start
    columns = design(market, work)
    levels = brands + weeks - 1
    for step in range(STEPS):
        expected = level[:, None] * week
        if step in STEPS_WITH_NEW_VARIANCES:
            variances = _variances(market, columns, expected, effect, variances)
        solution = solve(market, columns, expected, effect, variances)
        change = solution.estimate
        level = level * np.maximum(1 + change[:brands], LEAST_LEFT)
        week = week * np.append(1.0, np.maximum(1 + change[brands:levels], LEAST_LEFT))
        effect = change[levels + 1 :]
        effect[: len(work)] += change[levels]
    expected = level[:, None] * week
    usual = np.einsum("gw,gw->g", work, expected[market.brand])
    # Of mu + delta_c, from the inverse of the precision.
    picks = np.eye(len(effect), len(solution.estimate), levels + 1)
    picks[: len(work), levels] = 1
    half = np.linalg.solve(solution.root, picks.T)
    covariance = half.T @ half
    effects = Effects(
        effect[: len(work)] * usual,
        np.outer(usual, usual) * covariance[: len(work), : len(work)],
        usual,
        (float(effect[-1]), float(covariance[-1, -1] ** 0.5)) if market.spill else None,
    )
    return effects, solution.likelihood, variances


def design(market: Market, work: Floats) -> Floats:
    """What each order of a brand's week depends on.

    Args:
        market: Brands of groups.
        work: Shape (groups, weeks); as of `attention`.

    Returns:
        Shape (brands, weeks, p); levels of brands, of weeks but the first, mu, deltas, and what may
        spill, if it may.
    """
    brands, weeks = market.orders.shape
    spill = market.spill
    columns = np.zeros((brands, weeks, brands + weeks + len(work) + (spill is not None)))
    columns[np.arange(brands), :, np.arange(brands)] = 1
    columns[:, np.arange(1, weeks), brands + np.arange(weeks - 1)] = 1
    first = brands + weeks
    columns[market.brand, :, first + np.arange(len(work))] = work
    columns[:, :, first - 1] = columns[:, :, first:].sum(axis=2)
    if spill:
        columns[:, :, -1] = spill.demand
    return columns


def solve(
    market: Market, columns: Floats, expected: Floats, effect: Floats, variances: Variances
) -> Solution:
    """One Gauss-Newton step, with the deltas' prior.

    Args:
        market: Its orders.
        columns: As `design` makes them.
        expected: Shape (brands, weeks); orders without any work.
        effect: Shape (groups,), and one more for what spills; mu + delta where the step starts.
        variances: Of noise and deltas.
    """
    brands, weeks = expected.shape
    levels = brands + weeks - 1
    lifts = columns[:, :, levels + 1 :] @ effect
    scale = np.maximum(1 + lifts, LEAST_SCALE)
    scaled = columns.copy()
    scaled[:, :, :levels] *= scale[:, :, None]
    wanted = market.orders / expected - scale + lifts
    apart = np.abs(np.arange(weeks)[:, None] - np.arange(weeks))
    covariances = np.repeat((variances.drift * variances.persistence**apart)[None], brands, axis=0)
    diagonal = np.arange(weeks)
    covariances[:, diagonal, diagonal] += variances.counting / expected
    roots = np.linalg.cholesky(covariances)
    white = np.linalg.solve(roots, np.concatenate([scaled, wanted[:, :, None]], axis=2))
    explaining, target = white[:, :, :-1].reshape(brands * weeks, -1), white[:, :, -1].ravel()
    precision = explaining.T @ explaining
    deltas = np.arange(levels + 1, levels + 1 + len(market.brand))
    precision[deltas, deltas] += variances.spread**-2
    if market.spill:
        precision[-1, -1] += market.spill.error**-2
    root = np.linalg.cholesky(precision)
    half = np.linalg.solve(root, explaining.T @ target)
    deviance = (
        2 * np.log(np.diagonal(roots, axis1=1, axis2=2)).sum()
        + target @ target
        - half @ half
        + 2 * np.log(np.diag(root)).sum()
        + 2 * len(deltas) * np.log(variances.spread)
    )
    return Solution(np.linalg.solve(root.T, half), root, -float(deviance) / 2)


def _variances(
    market: Market, columns: Floats, expected: Floats, effect: Floats, start: Variances
) -> Variances:
    def badness(free: Floats) -> float:
        at = Variances.from_free(free)
        fitted = solve(market, columns, expected, effect, at)
        return -fitted.likelihood + (at.spread / PRIOR_SPREAD) ** 2 / 2

    limits = list(zip(*FREE_LIMITS, strict=True))
    found = minimize(
        badness, start.as_free(), method="L-BFGS-B", bounds=limits, options={"maxiter": 20}
    )
    return Variances.from_free(found.x)


def _mixture(found: Sequence[Effects], weights: Floats) -> Effects:
    """Mean and covariance of several answers of such weights."""
    orders = np.array([effects.orders for effects in found])
    mean = weights @ orders
    away = orders - mean
    within = np.tensordot(weights, np.array([effects.covariance for effects in found]), 1)
    return replace(
        found[0],
        orders=mean,
        covariance=within + (weights[:, None] * away).T @ away,
        attention=weights @ np.array([effects.attention for effects in found]),
    )
