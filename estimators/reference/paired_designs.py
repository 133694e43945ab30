"""How exactly pairs of regions measure iROAS: the error over re-drawn assignments.

Google's package trimmed_match (Chen, Doudchenko, Jiang, Stein and Ying (2022), Trimmed Match Design
for Randomized Paired Geo Experiments, Google, section 3) takes the revenue of an evaluation window
in which nothing ran, draws which region of each pair is treated, adds the effect that is supposed,
estimates it, and takes the root of the mean square of what it misses.

Spend of a region that is tested is its own share of twice the budget, as half of the regions is
treated. Where both regions of each pair spend alike and nothing is trimmed, no draw is needed:

    rmse = sqrt(sum over pairs of (difference of revenue)^2) / budget

as each difference comes with either sign, and signs of pairs are independent.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from estimators.reference.trimmed_match import trimmed_match

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MOST_PAIRS = 20  # of which every assignment is listed


class Spending(StrEnum):
    """What a test does to spend."""

    HEAVY_UP = "heavy-up"  # the treated spend more
    HOLD_BACK = "hold-back"  # only the treated spend
    GO_DARK = "go-dark"  # only the control spends


@dataclass(frozen=True)
class Pairs:
    """Regions in pairs, in a window in which nothing ran.

    Attributes:
        response: Shape (pairs, 2); revenue of either region, in currency.
        spend: Shape (pairs, 2); usual spend, in currency.
    """

    response: Floats
    spend: Floats

    def __post_init__(self) -> None:
        """Reject what is no table of pairs.

        Raises:
            ValueError: If shapes are wrong, or no region spends.
        """
        if self.response.shape != self.spend.shape or self.response.shape[1:] != (2,):
            raise ValueError("response and spend are tables of pairs by two regions")
        if not self.spend.sum() > 0:
            raise ValueError("no region spends")


def every_assignment(pairs: int) -> Bools:
    """All ways to treat one region of each pair.

    Args:
        pairs: Number of pairs.

    Returns:
        Shape (2 ** pairs, pairs); whether the second region is treated.

    Raises:
        ValueError: If there are more than 20 pairs: a million rows.
    """
    if pairs > MOST_PAIRS:
        raise ValueError(f"every assignment of more than {MOST_PAIRS} pairs is too many")
    return (np.arange(2**pairs)[:, None] >> np.arange(pairs) & 1).astype(bool)


def differences(
    pairs: Pairs, second: Bools, budget: float, iroas: float, spending: Spending
) -> tuple[Floats, Floats]:
    """Treated less control, as a test with the supposed effect would have shown.

    Args:
        pairs: Regions in pairs.
        second: Shape (assignments, pairs); whether the second region is treated.
        budget: Of the test, in currency.
        iroas: Incremental revenue that a unit of spend is supposed to bring.
        spending: What the test does to spend.

    Returns:
        Differences of responses and of costs, both of shape (assignments, pairs), in currency.
    """
    tested = pairs.spend * (2 * budget / pairs.spend.sum())
    treated, control = second.astype(int), (~second).astype(int)
    pair = np.arange(len(pairs.spend))
    response = pairs.response[pair, treated] - pairs.response[pair, control]
    changed = tested[pair, treated]
    match spending:
        case Spending.HEAVY_UP:
            usual = pairs.spend[pair, treated] - pairs.spend[pair, control]
            return response + iroas * changed, usual + changed
        case Spending.HOLD_BACK:
            return response + iroas * changed, changed
        case Spending.GO_DARK:
            return response - iroas * changed, -tested[pair, control]


def rmse(
    pairs: Pairs,
    second: Bools,
    budget: float,
    iroas: float = 0.0,
    spending: Spending = Spending.HOLD_BACK,
    max_trim_rate: float = 0.25,
) -> float:
    """Root of the mean square by which estimates of Trimmed Match miss the supposed iROAS.

    Args:
        pairs: Regions in pairs.
        second: Shape (assignments, pairs); whether the second region is treated.
        budget: Of the test, in currency.
        iroas: That is supposed.
        spending: What the test does to spend.
        max_trim_rate: Share of pairs, on each side, that may be trimmed; 0 trims nothing.

    Returns:
        The error of iROAS, a ratio.
    """
    responses, costs = differences(pairs, second, budget, iroas, spending)
    missed = trimmed_match(responses, costs, max_trim_rate).iroas - iroas
    return float(np.sqrt(np.mean(missed**2)))


def rmse_of_alike_spend(response: Floats, budget: float) -> float:
    """The same without trimming, where both regions of each pair spend alike: over all assignments.

    Args:
        response: Shape (pairs, 2); revenue of either region, in currency.
        budget: Of the test, in currency.

    Returns:
        The error of iROAS, a ratio.
    """
    return float(np.linalg.norm(response[:, 0] - response[:, 1]) / budget)


def minimum_detectable_iroas(error: float, level: float = 0.9, power: float = 0.8) -> float:
    """True iROAS that is found above zero with the power, by a one-sided test.

    Args:
        error: Of iROAS, a ratio.
        level: One-sided level of the interval: 0.95 is the lower end of a two-sided 90 %.
        power: Probability that it is found.

    Returns:
        (z_level + z_power) * error, a ratio.
    """
    return float((ndtri(level) + ndtri(power)) * error)
