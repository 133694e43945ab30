"""The figures that say how far each method was from the truth, in one kind of world."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from calibrate.bars import CALIBRATED_LEVELS
from calibrate.oracle import shrunk
from calibrate.results import Results
from calibrate.rows import (
    MEMBERS,
    QUANTILE,
    SHOWN_AS_BEST,
    WORLD,
    calibrated,
    covers,
    default_method,
    error,
)
from calibrate.uncertainty import Figure, Resampling, figure

SOME_LIFT = 0.10, 0.15  # true incremental over baseline revenue: an effect that should be found


def figures_of_world(results: Results) -> dict[str, Figure]:
    """All figures of one kind of world.

    Args:
        results: Results of its worlds, of any number of seeds.

    Returns:
        Figures by name; shares and ratios as numbers, 0.9 for 90 %.
    """
    resampling = Resampling(results.estimates.seed)
    return {
        "worlds": Figure(len(resampling.seeds), 0),
        **_of_default_method(results, resampling),
        **_of_levels(results, resampling),
        **_of_campaigns(results, resampling),
        **_of_ranking(results, resampling),
        **_of_decisions(results, resampling),
    }


def figures_of_methods(results: Results) -> dict[str, dict[str, Figure]]:
    """Coverage, bias, RMSE and width of each method, on experiments with a default method.

    Args:
        results: Results of one kind of world.

    Returns:
        Figures by name, by method; those of `default` first. RMSE in rupees.
    """
    resampling = Resampling(results.estimates.seed)
    measured = default_method(results).query("is_measurable")
    facts = measured[[*MEMBERS, "true_baseline", "oracle_error"]]
    rows = results.estimates[results.estimates.level == "experiment"]
    rows = pd.concat([rows.assign(method="default")[rows.is_default], rows])
    rows = rows.merge(facts, on=MEMBERS)
    methods = {}
    for method in ["default", *sorted(set(rows.method) - {"default"})]:
        said = rows[(rows.method == method) & rows.estimate.notna()]
        if said.empty:
            continue
        sure = said[said.is_measurable]
        squares = resampling.total(said.seed, error(said) ** 2)
        count = resampling.total(said.seed, np.ones(len(said)))
        with np.errstate(invalid="ignore", divide="ignore"):
            rmse = np.sqrt(squares / count)
        methods[method] = {
            "measured": Figure(len(said), 0),
            "coverage": resampling.mean(sure.seed, covers(sure)),
            "bias": resampling.ratio(said.seed, error(said), said.truth),
            "rmse": figure(rmse),
            "width": _width(sure, resampling),
        }
    return methods


def _without_zero(rows: pd.DataFrame) -> "pd.Series[bool]":
    return (rows.ci_low > 0) | (rows.ci_high < 0)


def _width(rows: pd.DataFrame, resampling: Resampling) -> Figure:
    """Median width of intervals over the median width of the oracle's, on the same experiments."""
    known = rows[rows.oracle_error.notna()]
    ours = resampling.medians(known.seed, known.ci_high - known.ci_low)
    return figure(ours / resampling.medians(known.seed, 2 * _half_width(known)))


def _half_width(rows: pd.DataFrame) -> "pd.Series[float]":
    """Half the width of the oracle's intervals."""
    return QUANTILE * rows.oracle_error * rows.true_baseline


def _of_default_method(results: Results, resampling: Resampling) -> dict[str, Figure]:
    rows = default_method(results)
    measured = rows[rows.is_measurable]
    seed = measured.seed
    with_effect = measured[measured.truth != 0]
    some = measured[(measured.truth / measured.true_baseline).between(*SOME_LIFT)]
    oracle = measured[measured.oracle_error.notna()]
    found = {
        "experiments": Figure(len(rows), 0),
        "measured": Figure(len(measured), 0),
        "not_measurable": resampling.mean(rows.seed, ~rows.is_measurable),
        "coverage": resampling.mean(seed, covers(measured)),
        "without_zero": resampling.mean(seed, _without_zero(measured)),
        "power": resampling.mean(with_effect.seed, _without_zero(with_effect)),
        "power_at_10_to_15": resampling.mean(some.seed, _without_zero(some)),
        "detectable": resampling.median(
            seed, measured.minimum_detectable_revenue / measured.true_baseline
        ),
        "width": _width(measured, resampling),
        "oracle_coverage": resampling.mean(oracle.seed, error(oracle).abs() <= _half_width(oracle)),
        "bias": resampling.ratio(seed, error(measured), measured.truth),
    }
    others = results.estimates[results.estimates.level == "experiment"]
    for method in ("attributed", "organic_projection"):
        said = others[others.method == method].merge(measured[MEMBERS], on=MEMBERS)
        found[f"bias_{method}"] = resampling.ratio(said.seed, error(said), said.truth)
    return found


def _of_levels(results: Results, resampling: Resampling) -> dict[str, Figure]:
    found = {}
    for level in CALIBRATED_LEVELS:
        rows = calibrated(results, level)
        measured = rows[rows.is_measurable]
        found[f"coverage_{level}"] = resampling.mean(measured.seed, covers(measured))
        found[f"bias_{level}"] = resampling.ratio(measured.seed, error(measured), measured.truth)
        found[f"not_measurable_{level}"] = resampling.mean(rows.seed, ~rows.is_measurable)
    return found


def _of_campaigns(results: Results, resampling: Resampling) -> dict[str, Figure]:
    """RMSE of the calibrated campaign over that of others, on campaigns with an experiment."""
    estimates = results.estimates[results.estimates.level == "campaign"]
    wide = estimates.pivot(index=MEMBERS, columns="method", values="estimate").reset_index()
    for method in ("experiment", "calibrated", "attributed", "organic_projection"):
        if method not in wide:
            wide[method] = np.nan
    truth = estimates.drop_duplicates(MEMBERS)[[*MEMBERS, "truth"]]
    rows = wide.merge(truth, on=MEMBERS).dropna(subset=["experiment", "calibrated"])
    rows = rows.merge(_oracle_campaigns(results), on=MEMBERS, how="left")

    def rmse(method: str) -> NDArray[np.float64]:
        return np.sqrt(resampling.total(rows.seed, (rows[method] - rows.truth) ** 2))

    calibrated = rmse("calibrated")
    others = {
        "better": np.minimum(rmse("experiment"), rmse("attributed")),
        "experiment": rmse("experiment"),
        "attributed": rmse("attributed"),
        "legacy": rmse("organic_projection"),
        "oracle": rmse("oracle"),
        "weighing_oracle": rmse("weighing_oracle"),
    }
    with np.errstate(invalid="ignore", divide="ignore"):
        return {f"rmse_over_{name}": figure(calibrated / other) for name, other in others.items()}


def _oracle_campaigns(results: Results) -> pd.DataFrame:
    """Estimates of campaigns by who knows the spread of true factors and the experiments' noise."""
    campaigns = results.campaigns.merge(
        results.experiments.rename(columns={"experiment_id": "campaign_id"})[
            [*WORLD, "campaign_id", "true_baseline", "oracle_error"]
        ],
        on=[*WORLD, "campaign_id"],
        how="left",
    )
    parts = []
    for _, world in campaigns.groupby("seed"):
        regional = world[world.is_regional & (world.attributed_revenue > 0)]
        own = world[world.experiment_factor.notna()]
        error = own.oracle_error * own.true_baseline / own.attributed_in_experiment
        factors = (regional.truth / regional.attributed_revenue).to_numpy()
        # Errors count in rupees, so squares of revenue are what a campaign's factor weighs.
        weights: dict[str, ArrayLike] = {
            "oracle": np.ones(len(regional)),
            "weighing_oracle": regional.attributed_revenue**2,
        }
        if len(factors) > 1 and len(own):
            estimates = {
                name: shrunk(own.experiment_factor, error, factors, weight) * own.attributed_revenue
                for name, weight in weights.items()
            }
            parts.append(own.assign(**estimates))
    none = campaigns.head(0).assign(oracle=np.nan, weighing_oracle=np.nan)
    rows = pd.concat(parts) if parts else none
    rows = rows.rename(columns={"campaign_id": "member_id"})
    return rows[[*MEMBERS, "oracle", "weighing_oracle"]]


def _of_ranking(results: Results, resampling: Resampling) -> dict[str, Figure]:
    """Of the ten shown as best, how many are truly in the top quarter by iROAS."""
    paid = results.influencers[results.influencers.spend > 0]
    ranked: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
        "best_by_probability": lambda rows: (
            rows.assign(distance=(rows.iroas - rows.break_even) / (rows.iroas - rows.iroas_low))
            .query("verdict != 'not measurable'")
            .nlargest(SHOWN_AS_BEST, "distance")
        ),
        "best_by_lower_bound": lambda rows: rows[rows.verdict != "not measurable"].nlargest(
            SHOWN_AS_BEST, "iroas_low"
        ),
        # Where nothing is attributed, all are alike.
        "best_by_attributed": lambda rows: (
            rows.nlargest(SHOWN_AS_BEST, "roas") if rows.roas.max() > 0 else rows.head(0)
        ),
        "best_by_chance": lambda rows: rows,
    }
    hits: dict[str, list[float]] = {name: [] for name in ranked}
    seeds: dict[str, list[int]] = {name: [] for name in ranked}
    for _, rows in paid.groupby("seed"):
        iroas = rows.truth / rows.spend
        if iroas.nunique() < 2:
            continue  # where nothing works, nobody is best
        top = set(rows.influencer_id[iroas.rank(ascending=False, method="first") <= len(rows) / 4])
        for name, best in ranked.items():
            shown = best(rows.sort_values("influencer_id"))
            if shown.empty:
                continue  # where none can be measured, there is no order
            hits[name].append(
                float(shown.influencer_id.isin(top).mean()) * min(SHOWN_AS_BEST, len(rows))
            )
            seeds[name].append(int(rows.seed.iloc[0]))
    return {name: resampling.mean(seeds[name], values) for name, values in hits.items()}


def _of_decisions(results: Results, resampling: Resampling) -> dict[str, Figure]:
    """How often decisions are right, and what they bring beside those by attributed ROAS.

    Spend that is raised brings once more what it truly brought, spend that is stopped nothing; so
    the gain is the true profit of the first less that of the second, per rupee of all spend.
    """
    paid = results.influencers[results.influencers.spend > 0]
    is_profitable = paid.truth / paid.spend > paid.break_even
    profit = paid.truth / paid.break_even - paid.spend
    is_raised, is_stopped = paid.decision == "raise", paid.decision == "stop"
    is_attributed = paid.roas >= paid.break_even
    is_calibrated, is_measured = paid.iroas >= paid.break_even, paid.iroas.notna()
    # Where none can be measured, there is nothing to decide by.
    is_decided = is_measured.groupby([paid[column] for column in WORLD]).transform("any")
    decided, spend = paid.seed[is_decided], paid.spend[is_decided]
    by_decisions = profit.where(is_raised, 0) - profit.where(is_stopped, 0)
    by_iroas = profit.where(is_calibrated, (-profit).where(is_measured, 0))
    return {
        "raise_right": resampling.mean(paid.seed[is_raised], is_profitable[is_raised]),
        "stop_right": resampling.mean(paid.seed[is_stopped], ~is_profitable[is_stopped]),
        "gain_by_decisions": resampling.ratio(decided, by_decisions[is_decided], spend),
        "gain_by_iroas": resampling.ratio(decided, by_iroas[is_decided], spend),
        "gain_by_attributed": resampling.ratio(
            paid.seed, profit.where(is_attributed, -profit), paid.spend
        ),
    }
