"""The figures that say what moving a budget would have been worth."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from calibrate.advice.budgets import LEAST_GAIN
from calibrate.rows import QUANTILE
from calibrate.uncertainty import Figure, Resampling, figure

PLANS = ("helios", "attributed", "average")


def figures_of_budgets(budgets: pd.DataFrame) -> dict[str, Figure]:
    """How much of what an oracle gains plans of a budget leave.

    Args:
        budgets: Plans in worlds of any kinds, as of `budgets`, with world and seed.

    Returns:
        Figures by name; shares as numbers, 0.9 for 90 %. Regret is what a plan leaves of the
        oracle's gain over today's split, which has a regret of 1 itself; where there is next to
        nothing to gain, a plan has none. The gain that Helios promises is compared with what its
        plan brings, its probability of being better with how often it was.
    """
    resampling = Resampling(budgets.seed)
    found = {
        "budgets": Figure(len(budgets), 0),
        "refused": resampling.share(budgets.seed, budgets.is_refused),
        "oracle_gain": resampling.ratio(
            budgets.seed, budgets.oracle - budgets.today, budgets.today
        ),
    }
    advised = budgets[~budgets.is_refused.astype(bool)]
    if advised.empty:
        return found
    gain = advised.oracle - advised.today
    counts = gain > LEAST_GAIN * advised.today
    for plan in PLANS:
        regret = ((advised.oracle - advised[plan]) / gain.where(counts)).fillna(0.0)
        found[f"regret_{plan}"] = resampling.mean(advised.seed, regret)
        found[f"regret_90_{plan}"] = _quantile(regret.to_numpy(float), advised.seed, resampling)
    true_gain = advised.helios - advised.today
    away = advised.elasticity - advised.true_elasticity
    is_better = (true_gain > 0) | (advised.gain == 0)
    promised = advised.prob_better.astype(float).fillna(0.5)
    return found | {
        "regret_less_attributed": resampling.mean(
            advised.seed,
            ((advised.attributed - advised.helios) / gain.where(counts)).fillna(0.0),
        ),
        "promised_better": resampling.mean(advised.seed, promised),
        "found_better": resampling.share(advised.seed, is_better),
        "promised_less_found_better": resampling.mean(advised.seed, promised - is_better),
        "brier_better": resampling.mean(advised.seed, np.square(promised - is_better)),
        "gain_over_found": resampling.ratio(advised.seed, advised.gain, true_gain),
        "covered_gain": resampling.share(
            advised.seed, (advised.gain - true_gain).abs() <= QUANTILE * advised.gain_se
        ),
        "true_elasticity": resampling.mean(advised.seed, advised.true_elasticity),
        "elasticity": resampling.mean(advised.seed, advised.elasticity),
        "covered_elasticity": resampling.share(
            advised.seed, away.abs() <= QUANTILE * advised.elasticity_se
        ),
    }


def _quantile(values: NDArray[np.float64], seeds: pd.Series, resampling: Resampling) -> Figure:
    """The least value that nine in ten rows do not exceed, with its error."""
    order = np.argsort(values, kind="stable")
    place = np.searchsorted(resampling.seeds, seeds.to_numpy())[order]
    upto = np.cumsum(resampling.times[:, place], axis=1)
    enough = upto >= 0.9 * upto[:, -1:]
    found = values[order][np.argmax(enough, axis=1)]
    return figure(np.where(upto[:, -1] > 0, found, np.nan))
