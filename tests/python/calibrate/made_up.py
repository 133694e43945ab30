"""Results of worlds that never were, drawn for tests."""

import numpy as np
import pandas as pd

from calibrate.results import Results

BREAK_EVEN = 1.5
METHODS = ("did_ratio_robust", "tbr", "attributed", "organic_projection")


def made_up(world: str, worlds: int, has_effect: bool = True) -> Results:
    """Worlds with twelve experiments, of which some are not measured, and thirty influencers."""
    random = np.random.default_rng(worlds)
    tables: dict[str, list[pd.DataFrame]] = {
        name: [] for name in ("estimates", "experiments", "campaigns", "influencers")
    }
    for seed in range(1, worlds + 1):
        for name, table in _world(random, has_effect).items():
            tables[name].append(table.assign(world=world, seed=seed))
    return Results(**{name: pd.concat(parts, ignore_index=True) for name, parts in tables.items()})


def both(first: Results, second: Results) -> Results:
    return Results(
        **{
            name: pd.concat([getattr(first, name), getattr(second, name)], ignore_index=True)
            for name in ("estimates", "experiments", "campaigns", "influencers")
        }
    )


def without_experiments(results: Results) -> Results:
    """The same worlds, all of whose campaigns are national: nothing has a factor."""
    estimates = results.estimates[results.estimates.level != "experiment"]
    estimates = estimates[estimates.method != "experiment"]
    return Results(
        estimates=_unmeasured(estimates),
        experiments=results.experiments.head(0),
        campaigns=results.campaigns.assign(
            is_regional=False,
            **dict.fromkeys(("attributed_in_experiment", "experiment_factor", "factor"), np.nan),
        ),
        influencers=_without_iroas(results.influencers),
    )


def without_codes(results: Results) -> Results:
    """The same worlds, in which nothing is attributed: experiments are all there is."""
    estimates = results.estimates[results.estimates.method != "experiment"]
    is_attributed = estimates.method == "attributed"
    estimates = estimates.assign(
        attributed_revenue=0.0, estimate=estimates.estimate.mask(is_attributed, 0.0)
    )
    is_kept = (estimates.level == "experiment") | is_attributed
    return Results(
        estimates=pd.concat([estimates[is_kept], _unmeasured(estimates[~is_kept])]),
        experiments=results.experiments,
        campaigns=results.campaigns.assign(
            attributed_revenue=0.0, attributed_in_experiment=0.0,
            experiment_factor=np.nan, factor=np.nan,
        ),
        influencers=_without_iroas(results.influencers).assign(roas=0.0),
    )  # fmt: skip


def _unmeasured(estimates: pd.DataFrame) -> pd.DataFrame:
    is_calibrated = estimates.method == "calibrated"
    return estimates.assign(
        is_measurable=estimates.is_measurable & ~is_calibrated,
        **{name: estimates[name].mask(is_calibrated) for name in ("estimate", "ci_low", "ci_high")},
    )


def _without_iroas(influencers: pd.DataFrame) -> pd.DataFrame:
    figures = ("iroas", "iroas_low", "iroas_high", "prob_profitable")
    return influencers.assign(
        verdict="not measurable", decision="test", **dict.fromkeys(figures, np.nan)
    )


def _world(random: np.random.Generator, has_effect: bool) -> dict[str, pd.DataFrame]:
    names = [f"C{number:02d}" for number in range(12)]
    baseline = random.uniform(1e5, 1e6, 12)
    truth = has_effect * baseline * random.choice([0.0, 0.05, 0.1, 0.3], 12)
    noise = random.uniform(0.04, 0.12, 12) * baseline
    spend = random.uniform(1e4, 8e4, 12)
    estimate = truth + noise * random.standard_normal(12)
    estimates = []
    for method in METHODS:
        is_measured = (np.arange(12) > 1) & (method in ("did_ratio_robust", "tbr"))
        said = np.where(is_measured, estimate, np.nan)
        if method in ("attributed", "organic_projection"):
            said = truth * random.uniform(0.2, 0.8, 12) - 1e5 * (method == "organic_projection")
        estimates.append(
            pd.DataFrame(
                {
                    "level": "experiment", "member_id": names, "method": method,
                    "is_default": method == "did_ratio_robust", "is_measurable": is_measured,
                    "estimate": said,
                    "ci_low": np.where(is_measured, said - 1.6 * noise, np.nan),
                    "ci_high": np.where(is_measured, said + 1.6 * noise, np.nan),
                    "truth": truth, "attributed_revenue": 0.5 * truth, "spend": spend,
                }
            )
        )  # fmt: skip
    attributed = random.uniform(1e4, 2e5, 12)
    own_factor = np.where(np.arange(12) > 1, random.normal(1.2, 0.5, 12), np.nan)
    campaign_truth = has_effect * attributed * random.normal(1.3, 0.4, 12)
    for method, factor in {
        "calibrated": np.nan_to_num(0.5 * own_factor, nan=0.6) + 0.6,
        "experiment": own_factor,
        "attributed": np.ones(12),
        "organic_projection": np.full(12, -3.0),
    }.items():
        estimates.append(_members("campaign", names, method, factor * attributed, campaign_truth))
    profit = estimate - BREAK_EVEN * spend
    verdict = np.select(
        [np.arange(12) < 2, profit > 1.6 * noise, profit < -1.6 * noise],
        ["not measurable", "profitable", "unprofitable"],
        "inconclusive",
    )
    people = [f"I{number:02d}" for number in range(30)]
    paid = np.where(np.arange(30) < 28, random.uniform(1e3, 1e5, 30), 0.0)
    brought = has_effect * random.gamma(1.0, 5e4, 30)
    said = brought * random.uniform(0.5, 1.5, 30)
    coded = np.round(random.uniform(1e3, 1e5, 30), -4)
    estimates.append(
        _members("influencer", people, "calibrated", said, brought).assign(attributed_revenue=coded)
    )
    for total in ("portfolio", "campaigns", "outside campaigns"):
        true, error = has_effect * random.uniform(1e5, 1e6, 1), random.normal(0, 5e4, 1)
        rows = _members(total, ["all"], "calibrated", true + error, true)
        width = random.uniform(5e4, 1.5e5)
        estimates.append(rows.assign(ci_low=rows.estimate - width, ci_high=rows.estimate + width))
    estimates.append(
        _members("persona", ["Nano", "Micro"], "calibrated", said[:2] * 9, brought[:2] * 9)
    )
    is_shown = np.arange(30) % 7 != 3
    iroas = np.where(is_shown, said / np.maximum(paid, 1), np.nan)
    # Few values, so that some are equal.
    probability = np.round(np.clip(iroas / 8, 0, 1), 1)
    return {
        "estimates": pd.concat([part for part in estimates if not part.empty]),
        "experiments": pd.DataFrame(
            {
                "experiment_id": names, "method": "did_ratio_robust", "verdict": verdict,
                "iroas": np.where(np.arange(12) > 1, estimate / spend, np.nan),
                "break_even": BREAK_EVEN,
                "baseline_revenue": baseline * random.uniform(0.9, 1.1, 12),
                "minimum_detectable_revenue": 2.5 * noise, "truth": truth,
                "true_baseline": baseline,
                "oracle_error": random.uniform(0.05, 0.07, 12),
            }
        ),
        "campaigns": pd.DataFrame(
            {
                "campaign_id": names, "truth": campaign_truth,
                "is_regional": np.arange(12) < 11, "attributed_revenue": attributed,
                "attributed_in_experiment": 0.9 * attributed,
                "experiment_factor": own_factor, "experiment_se": 0.3,
                "factor": 1.2, "factor_se": 0.4,
            }
        ),
        "influencers": pd.DataFrame(
            {
                "influencer_id": people, "spend": paid, "roas": brought / np.maximum(paid, 1),
                "iroas": iroas, "iroas_low": 0.7 * iroas, "truth": brought,
                "iroas_high": random.uniform(1.1, 2.0, 30) * iroas,
                "prob_profitable": probability,
                "verdict": np.where(is_shown, "inconclusive", "not measurable"),
                "decision": np.select([iroas > 2.1, iroas < 1.9], ["raise", "stop"], "test"),
                "break_even": 2.0,
            }
        ),
    }  # fmt: skip


def _members(
    level: str, names: list[str], method: str, estimate: np.ndarray, truth: np.ndarray
) -> pd.DataFrame:
    is_measured = np.isfinite(estimate) & (method in ("calibrated", "experiment"))
    width = np.where(is_measured, 0.6 * np.abs(estimate), np.nan)
    rows = pd.DataFrame(
        {
            "level": level, "member_id": names, "method": method,
            "is_default": method == "calibrated", "is_measurable": is_measured,
            "estimate": estimate, "ci_low": estimate - width, "ci_high": estimate + width,
            "truth": truth, "attributed_revenue": 1.0, "spend": 1.0,
        }
    )  # fmt: skip
    return rows[rows.estimate.notna()] if method == "experiment" else rows
