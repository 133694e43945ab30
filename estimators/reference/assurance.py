"""Assurance: how probable it is that a test finds an effect that is itself uncertain.

O'Hagan, Stevens and Campbell (2005), Assurance in clinical trial design, Pharmaceutical Statistics
4; CausalPy's PlaceboInTime simulates it. Power supposes an effect; assurance averages power over
what is believed of it. `marts.plan_outcomes` has the same formula in SQL: its prob_found_profitable
is the assurance of a test whose spread is its error, and which has to find more than break-even.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri


@dataclass(frozen=True)
class Trial:
    """How an effect is found; all in units of the effect.

    Attributes:
        error: Standard error that the test states.
        spread: Standard deviation of estimates where there is no effect: placebos show it.
        threshold: Probability of being beyond `least` that is asked for.
        least: The effect has to be larger; of a region of practical equivalence the upper end.
    """

    error: float
    spread: float
    threshold: float = 0.95
    least: float = 0.0

    @property
    def lowest_found(self) -> float:
        """The smallest estimate that counts as found."""
        return self.least + float(ndtri(self.threshold)) * self.error


def assurance(trial: Trial, effect_mean: float, effect_sd: float) -> float:
    """Probability that the test finds an effect, by what is believed of it.

    Args:
        trial: How it is found.
        effect_mean: Mean of the belief.
        effect_sd: Its standard deviation.

    Returns:
        1 - Phi((least + z error - mean) / sqrt(spread^2 + sd^2)).
    """
    total = np.hypot(trial.spread, effect_sd)
    return float(ndtr((effect_mean - trial.lowest_found) / total))


def false_positives(trial: Trial) -> float:
    """Probability that the test finds an effect where there is none."""
    return assurance(trial, 0.0, 0.0)


def simulated_assurance(
    trial: Trial, effect_mean: float, effect_sd: float, replications: int, seed: int
) -> float:
    """The same, counted.

    Args:
        trial: How an effect is found.
        effect_mean: Mean of the belief.
        effect_sd: Its standard deviation.
        replications: Number of draws.
        seed: Of the draws.

    Returns:
        Share of draws in which it is found.
    """
    random = np.random.default_rng(seed)
    truth = random.normal(effect_mean, effect_sd, replications)
    estimates = truth + random.normal(0.0, trial.spread, replications)
    return float(np.mean(estimates >= trial.lowest_found))
