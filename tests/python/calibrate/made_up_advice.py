"""Made-up advice whose figures are known."""

import numpy as np
import pandas as pd
from scipy import stats

from calibrate.advice.results import Advice

BREAK_EVEN = 2.0


def advice(world: str, worlds: int, is_refused: bool = False) -> Advice:
    """Advice in worlds of one kind.

    Args:
        world: What kind they are called.
        worlds: How many; seeds count up from 1.
        is_refused: Whether no move of a budget is advised.
    """
    random = np.random.default_rng(len(world))
    plans, budgets = [], []
    for seed in range(1, worlds + 1):
        plans.append(_plans(random).assign(world=world, seed=seed))
        budgets.append(_budgets(random, is_refused).assign(world=world, seed=seed))
    return Advice(pd.concat(plans, ignore_index=True), pd.concat(budgets, ignore_index=True))


def both(one: Advice, other: Advice) -> Advice:
    """The advice of both."""
    return Advice(
        pd.concat([one.plans, other.plans], ignore_index=True),
        pd.concat([one.budgets, other.budgets], ignore_index=True),
    )


def _plans(random: np.random.Generator, experiments: int = 8) -> pd.DataFrame:
    """Experiments as they were foreseen, whose errors are as large as that."""
    expected, spread, error = 2.0, 0.8, 0.5
    true = random.normal(expected, spread, experiments)
    found = true + random.normal(0, error, experiments)
    z = 1.6448536269514722 * error
    verdicts = np.where(
        found > BREAK_EVEN + z, "profitable",
        np.where(found < BREAK_EVEN - z, "unprofitable", "inconclusive"),
    )  # fmt: skip
    whole = stats.norm(expected, np.hypot(spread, error))
    profitable, unprofitable = whole.sf(BREAK_EVEN + z), whole.cdf(BREAK_EVEN - z)
    return pd.DataFrame(
        {
            "experiment_id": [f"E{number}" for number in range(experiments)],
            "spend": 1e5, "break_even": BREAK_EVEN, "ci_level": 0.9,
            "estimate": found * 1e5, "truth": true * 1e5, "verdict": verdicts,
            "revenue_se": error * 1e5, "spill_over_error": 0.0,
            "prob_found_profitable": profitable, "prob_found_unprofitable": unprofitable,
            "prob_inconclusive": 1 - profitable - unprofitable,
        }
    )  # fmt: skip


def _budgets(random: np.random.Generator, is_refused: bool) -> pd.DataFrame:
    """Three budgets of which the best split gains a tenth, and Helios most of that."""
    today, n = 1e6, 3
    brought = today + 1e5 * random.uniform(0.6, 1, n)
    rows = pd.DataFrame(
        {
            "by": ["platform", "persona", "brand"],
            "members": 4, "is_refused": is_refused, "today": today, "oracle": today + 1e5,
            "attributed": today + 1e5 * random.uniform(-0.2, 0.9, n),
            "average": today + 1e5 * random.uniform(0, 1, n),
            "true_elasticity": 0.4,
        }
    )  # fmt: skip
    if is_refused:
        return rows
    error = 1e4
    return rows.assign(
        helios=brought, gain=brought - today + random.normal(0, error, n), gain_se=error,
        prob_better=random.uniform(0.8, 1, n), elasticity=random.normal(0.4, 0.08, n),
        elasticity_se=0.08,
    )  # fmt: skip
