"""How far chance may have moved a figure: worlds are drawn again, with replacement.

Experiments of one world share its shocks, so whole worlds are drawn, not experiments (the cluster
bootstrap; Cameron, Gelbach and Miller 2008, Review of Economics and Statistics 90).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

DRAWS = 1000


@dataclass(frozen=True)
class Figure:
    """A figure and its Monte Carlo error.

    Attributes:
        value: The figure; not a number where there is nothing to take it from.
        error: Its standard error; not a number with a single world.
    """

    value: float
    error: float


class Resampling:
    """Worlds of one kind, as they are and drawn again.

    Args:
        seeds: The worlds, each once.
    """

    def __init__(self, seeds: ArrayLike) -> None:
        """Draw the worlds; the same number of worlds gives the same draws."""
        self.seeds = np.unique(np.asarray(seeds))
        worlds = len(self.seeds)
        draws = DRAWS if worlds > 1 else 0  # one world tells nothing of chance
        drawn = np.random.default_rng(worlds).multinomial(
            worlds, np.full(worlds, 1 / worlds), draws
        )
        # How often each world counts: once in the first row, which is the figure itself.
        self.times = np.vstack([np.ones(worlds), drawn])

    def total(self, seed: ArrayLike, value: ArrayLike) -> NDArray[np.float64]:
        """Sum of values over all rows.

        Args:
            seed: Shape (n,); world of each row.
            value: Shape (n,).

        Returns:
            Shape (1 + draws,); of the worlds as they are, then of each draw.
        """
        place = np.searchsorted(self.seeds, np.asarray(seed))
        sums = np.bincount(place, np.asarray(value, dtype=float), len(self.seeds))
        return np.asarray(self.times @ sums)

    def mean(self, seed: ArrayLike, value: ArrayLike) -> Figure:
        """Mean over all rows, with its error."""
        return self.ratio(seed, value, np.ones(len(np.asarray(value))))

    def ratio(self, seed: ArrayLike, numerator: ArrayLike, denominator: ArrayLike) -> Figure:
        """Ratio of sums over all rows, with its error."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return figure(self.total(seed, numerator) / self.total(seed, denominator))

    def median(self, seed: ArrayLike, value: ArrayLike) -> Figure:
        """Median over all rows, with its error."""
        return figure(self.medians(seed, value))

    def medians(self, seed: ArrayLike, value: ArrayLike) -> NDArray[np.float64]:
        """Median of values over all rows.

        Args:
            seed: Shape (n,); world of each row.
            value: Shape (n,).

        Returns:
            Shape (1 + draws,); of the worlds as they are, then of each draw.
        """
        values = np.asarray(value, dtype=float)
        if not len(values):
            return np.full(len(self.times), np.nan)
        order = np.argsort(values, kind="stable")
        place = np.searchsorted(self.seeds, np.asarray(seed))[order]
        upto = np.cumsum(self.times[:, place], axis=1)
        half = upto[:, -1:] / 2
        # The mean of the two middle rows where their number is even.
        low = values[order][np.argmax(upto >= half, axis=1)]
        high = values[order][np.argmax(upto > half, axis=1)]
        return np.where(half[:, 0] > 0, (low + high) / 2, np.nan)  # a draw may have no row


def figure(values: NDArray[np.float64]) -> Figure:
    """A figure from its value and those of the draws.

    Args:
        values: Shape (1 + draws,); the figure of the worlds as they are, then of each draw.

    Returns:
        The figure; draws in which it cannot be computed are left out of its error.
    """
    drawn = values[1:][np.isfinite(values[1:])]
    return Figure(float(values[0]), float(np.std(drawn, ddof=1)) if len(drawn) > 1 else np.nan)
