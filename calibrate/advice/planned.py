"""The figures that say how honest plans were."""

from statistics import NormalDist

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from calibrate.rows import QUANTILE
from calibrate.uncertainty import Figure, Resampling, figure

VERDICTS = {
    "profitable": "prob_found_profitable",
    "unprofitable": "prob_found_unprofitable",
    "inconclusive": "prob_inconclusive",
}
DECILES = 10


def figures_of_plans(plans: pd.DataFrame) -> dict[str, Figure]:
    """How far what was foreseen is from what experiments showed.

    Args:
        plans: Experiments of worlds of any kinds, as of `foresight`, with world and seed.

    Returns:
        Figures by name; shares as numbers, 0.9 for 90 %. The error is over the foreseen error; the
        power that was promised for what was true is compared with the share of experiments found
        profitable; the Brier score of verdicts with that of a constant forecast, the share of each
        verdict in all experiments of these worlds.
    """
    resampling = Resampling(plans.seed)
    foreseen = np.hypot(plans.revenue_se, plans.spill_over_error * plans.estimate)
    score: pd.Series[float] = (plans.estimate - plans.truth) / foreseen
    squares = resampling.total(plans.seed, score**2)
    count = resampling.total(plans.seed, np.ones(len(plans)))
    with np.errstate(invalid="ignore", divide="ignore"):
        rms = np.sqrt(squares / count)
    error = foreseen / plans.spend
    z = NormalDist().inv_cdf((1 + plans.ci_level.iloc[0]) / 2)
    promised = stats.norm.cdf((plans.truth / plans.spend - plans.break_even) / error - z)
    is_found = plans.verdict == "profitable"
    known = plans[plans.prob_inconclusive.notna()]
    return {
        "planned": Figure(len(plans), 0),
        "rms_over_foreseen": figure(rms),
        "covered_foreseen": resampling.share(plans.seed, score.abs() <= QUANTILE),
        "promised_power": resampling.mean(plans.seed, promised),
        "found_power": resampling.share(plans.seed, is_found),
        "promised_less_found": resampling.mean(plans.seed, promised - is_found),
        **{
            f"{part}_{verdict}": found
            for verdict, column in VERDICTS.items()
            for part, found in (
                ("expected", resampling.mean(known.seed, known[column].astype(float))),
                ("found", resampling.share(known.seed, known.verdict == verdict)),
            )
        },
        "brier_over_constant": _brier(known, resampling),
        "reliability": _reliability(known, resampling),
    }


def _brier(known: pd.DataFrame, resampling: Resampling) -> Figure:
    """Brier score of the three verdicts over that of their shares."""
    happened = np.column_stack([known.verdict == verdict for verdict in VERDICTS]).astype(float)
    promised = known[list(VERDICTS.values())].to_numpy(float)
    score = np.square(promised - happened).sum(axis=1)
    constant = np.square(happened.mean(axis=0) - happened).sum(axis=1)
    return resampling.ratio(known.seed, score, constant)


def _reliability(known: pd.DataFrame, resampling: Resampling) -> Figure:
    """Mean distance between probability and share of verdicts, by deciles of the probability."""
    promised = known[list(VERDICTS.values())].to_numpy(float).ravel()
    happened = np.column_stack([known.verdict == verdict for verdict in VERDICTS]).ravel()
    seeds = np.repeat(known.seed.to_numpy(), len(VERDICTS))
    decile = np.minimum((promised * DECILES).astype(int), DECILES - 1)
    total: NDArray[np.float64] = resampling.total(seeds, np.ones(len(seeds)))
    away = np.zeros_like(total)
    for number in range(DECILES):
        own = decile == number
        away += np.abs(resampling.total(seeds[own], (promised - happened)[own]))
    with np.errstate(invalid="ignore", divide="ignore"):
        return figure(away / total)
