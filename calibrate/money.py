"""What an order of influencers is worth: true revenue of the spend that it puts first and last."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from calibrate.results import Results
from calibrate.rows import WORLD
from calibrate.uncertainty import Figure, Resampling, figure

CHOSEN = 0.25  # of the spend
# Columns that influencers are ordered by, the highest first; the next one where they are equal.
ORDERS = {
    "truth": ["true_iroas"],
    "iroas": ["iroas"],
    "probability": ["prob_profitable", "iroas"],  # how the ranking begins
    "lower_bound": ["iroas_low"],
    "attributed": ["roas"],
}
# Orders that only say whom to cut.
ONLY_CUT = {"upper_bound": ["iroas_high"]}
KEPT = [f"keep_{name}" for name in ORDERS]
CUT = [f"cut_{name}" for name in (ORDERS | ONLY_CUT)]


def figures_of_money(results: Results) -> dict[str, Figure]:
    """True incremental revenue per rupee of a quarter of the spend, by the order that chose it.

    Args:
        results: Results of worlds of any kinds, of influencers who were paid and have an iROAS, so
            that all orders choose from the same; seeds are drawn again.

    Returns:
        Figures by name: `keep_` for the first quarter of an order, `cut_` for the last one; what
        the order by probability keeps over what attributed ROAS keeps, and cuts beyond its cut.
    """
    resampling = Resampling(results.estimates.seed)
    worlds = _chosen_by_world(results.influencers)
    total = {name: resampling.total(worlds.seed, worlds[name]) for name in [*KEPT, *CUT]}
    spend = resampling.total(worlds.seed, worlds.spend)
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            **{name: figure(revenue / spend) for name, revenue in total.items()},
            "keep_probability_over_attributed": figure(
                total["keep_probability"] / total["keep_attributed"]
            ),
            "cut_probability_less_attributed": figure(
                (total["cut_probability"] - total["cut_attributed"]) / spend
            ),
        }


def shares_chosen(spend: ArrayLike, budget: float) -> NDArray[np.float64]:
    """How much of each influencer's spend is chosen, going down a list until the budget is spent.

    Args:
        spend: Shape (n,); rupees above zero, in the order of the list.
        budget: Rupees.

    Returns:
        Shape (n,); 1 for those before the budget is spent, a part for the one that spends it, then
        0.
    """
    paid = np.asarray(spend, dtype=float)
    before = np.cumsum(paid) - paid
    return np.asarray(np.clip((budget - before) / paid, 0, 1))


def _chosen_by_world(influencers: pd.DataFrame) -> pd.DataFrame:
    """One row a world: spend that is chosen, and its true revenue by KEPT and CUT, in rupees."""
    listed = influencers[(influencers.spend > 0) & influencers.iroas.notna()]
    listed = listed.assign(true_iroas=listed.truth / listed.spend)
    rows = [
        {"seed": seed, **_chosen(rows.sort_values("influencer_id"))}
        for (_, seed), rows in listed.groupby(WORLD)
    ]
    return pd.DataFrame(rows, columns=["seed", "spend", *KEPT, *CUT], dtype=float)


def _chosen(rows: pd.DataFrame) -> dict[str, float]:
    budget = CHOSEN * float(rows.spend.sum())
    found = {"spend": budget}
    for name, columns in (ORDERS | ONLY_CUT).items():
        downwards = rows.sort_values(columns, ascending=False, kind="stable")
        for way, ordered in (("keep", downwards), ("cut", downwards.iloc[::-1])):
            share = shares_chosen(ordered.spend, budget)
            found[f"{way}_{name}"] = float(np.sum(share * ordered.truth))
    return {name: value for name, value in found.items() if name in {"spend", *KEPT, *CUT}}
