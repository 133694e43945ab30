"""What an experiment says of a channel's return in a media mix model: a prior.

Meridian's calibration by experiments (google-meridian, model/calibration/roi.py) widens the
variance of a result for what the experiment and the model have not in common: how intense spend
was, how long ago it was, and how much of the effect came after its end.
"""

from dataclasses import dataclass

LEAST_CAPTURED = 1e-6


@dataclass(frozen=True)
class Prior:
    """Belief on a return.

    Attributes:
        mean: Of the return, a ratio.
        variance: Its variance.
    """

    mean: float
    variance: float


def spend_discount(channel_daily: float, experiment_daily: float) -> float:
    """How far daily spend in the model differs from that in the experiment.

    Args:
        channel_daily: Spend of the channel a day, in currency.
        experiment_daily: Spend of the experiment a day, in currency.

    Returns:
        The larger over the smaller, less 1.

    Raises:
        ValueError: If either is not positive.
    """
    lower, higher = sorted((channel_daily, experiment_daily))
    if not lower > 0:
        raise ValueError("daily spend is positive")
    return higher / lower - 1


def recency_discount(days: float, half_life_weeks: float = 52.0) -> float:
    """How far an experiment is outdated.

    Args:
        days: Since its end.
        half_life_weeks: After which its variance counts twice.

    Returns:
        2^(weeks / half_life_weeks) - 1.
    """
    return float(2 ** (days / 7 / half_life_weeks) - 1)


def captured_share(duration: int, max_lag: int, alpha: float) -> float:
    """Share of geometric ad-stock that falls into an experiment.

    Args:
        duration: Of the experiment, in periods.
        max_lag: Last lag of the model's ad-stock.
        alpha: Share of the effect that is left after a period, below 1.

    Returns:
        (1 - alpha^duration) / (1 - alpha^(max_lag + 1)), at least 1e-6. Above 1 where the
        experiment is longer than max_lag + 1, as in Meridian.
    """
    return max((1 - alpha**duration) / (1 - alpha ** (max_lag + 1)), LEAST_CAPTURED)


def prior(
    result: float, variance: float, captured: float, spend: float = 0.0, recency: float = 0.0
) -> Prior:
    """Belief on the return of a channel after an experiment.

    Args:
        result: Return that the experiment found, a ratio.
        variance: Square of its standard error.
        captured: As of `captured_share`.
        spend: As of `spend_discount`.
        recency: As of `recency_discount`.

    Returns:
        Mean result / captured, and variance * (1 + tau); tau is the sum of spend, recency and
        (1 - captured) / captured, if that is positive.
    """
    tau = spend + recency + max(0.0, (1 - captured) / captured)
    return Prior(result / captured, variance * (1 + tau))
