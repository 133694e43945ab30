"""How far chance may have moved a figure: seeds are drawn again, with replacement.

Experiments of one world share its shocks, and worlds of one seed share most of them whatever their
kind, as they differ in nothing but what their settings change. So what is drawn is seeds, each with
all rows of all its worlds; within a kind a seed is a world (the cluster bootstrap; Cameron, Gelbach
and Miller 2008, Review of Economics and Statistics 90).
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
        error: Its standard error; not a number with a single seed.
    """

    value: float
    error: float


class Resampling:
    """Seeds with their worlds, of one kind or several, as they are and drawn again.

    Args:
        seeds: The seeds, in any order, each any number of times.
    """

    def __init__(self, seeds: ArrayLike) -> None:
        """Draw the seeds; the same number of seeds gives the same draws."""
        self.seeds = np.unique(np.asarray(seeds))
        number = len(self.seeds)
        draws = DRAWS if number > 1 else 0  # one seed tells nothing of chance
        drawn = np.random.default_rng(number).multinomial(
            number, np.full(number, 1 / number), draws
        )
        # How often each seed counts: once in the first row, which is the figure itself.
        self.times = np.vstack([np.ones(number), drawn])

    def total(self, seed: ArrayLike, value: ArrayLike) -> NDArray[np.float64]:
        """Sum of values over all rows.

        Args:
            seed: Shape (n,); seed of each row.
            value: Shape (n,).

        Returns:
            Shape (1 + draws,); of the seeds as they are, then of each draw.
        """
        place = np.searchsorted(self.seeds, np.asarray(seed))
        sums = np.bincount(place, np.asarray(value, dtype=float), len(self.seeds))
        return np.asarray(self.times @ sums)

    def mean(self, seed: ArrayLike, value: ArrayLike) -> Figure:
        """Mean over all rows, with its error."""
        return self.ratio(seed, value, np.ones(len(np.asarray(value))))

    def share(self, seed: ArrayLike, is_so: ArrayLike) -> Figure:
        """Share of rows, with its error; that of few seeds is not zero where all rows are alike.

        Args:
            seed: Shape (n,); seed of each row.
            is_so: Shape (n,); whether the row counts.

        Returns:
            As `mean`. Where no row counts, or every one, all draws are alike: the error is then the
            standard deviation of a Beta posterior, after a uniform prior, of as many trials as
            there are seeds.
        """
        found, seeds = self.mean(seed, is_so), len(np.unique(np.asarray(seed)))
        if found.value not in (0, 1) or len(self.seeds) < 2:
            return found
        likely = (seeds * found.value + 1) / (seeds + 2)
        return Figure(found.value, float(np.sqrt(likely * (1 - likely) / (seeds + 3))))

    def ratio(self, seed: ArrayLike, numerator: ArrayLike, denominator: ArrayLike) -> Figure:
        """Ratio of sums over all rows, with its error."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return figure(self.total(seed, numerator) / self.total(seed, denominator))

    def spread(self, seed: ArrayLike, value: ArrayLike) -> Figure:
        """Standard deviation over all rows, with its error; not a number for a single row."""
        values = np.asarray(value, dtype=float)
        count = self.total(seed, np.ones(len(values)))
        total, squares = self.total(seed, values), self.total(seed, values**2)
        with np.errstate(invalid="ignore", divide="ignore"):
            variance = (squares - total**2 / count) / (count - 1)
            return figure(np.sqrt(np.where(count > 1, np.maximum(variance, 0), np.nan)))

    def median(self, seed: ArrayLike, value: ArrayLike) -> Figure:
        """Median over all rows, with its error."""
        return figure(self.medians(seed, value))

    def medians(self, seed: ArrayLike, value: ArrayLike) -> NDArray[np.float64]:
        """Median of values over all rows.

        Args:
            seed: Shape (n,); seed of each row.
            value: Shape (n,).

        Returns:
            Shape (1 + draws,); of the seeds as they are, then of each draw.
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
        values: Shape (1 + draws,); the figure of the seeds as they are, then of each draw.

    Returns:
        The figure; draws in which it cannot be computed are left out of its error.
    """
    drawn = values[1:][np.isfinite(values[1:])]
    return Figure(float(values[0]), float(np.std(drawn, ddof=1)) if len(drawn) > 1 else np.nan)
