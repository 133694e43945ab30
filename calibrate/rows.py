"""Rows of results that several figures are made of, and what is asked of each row."""

from statistics import NormalDist

import numpy as np
import pandas as pd

from calibrate.results import Results

SHOWN_AS_BEST = 10  # influencers at an end of the ranking
LEVEL = 0.90  # of the intervals: the project's ci_level
QUANTILE = NormalDist().inv_cdf((1 + LEVEL) / 2)
# Worlds of different kinds may have one seed.
WORLD = ["world", "seed"]
MEMBERS = [*WORLD, "member_id"]


def default_method(results: Results) -> pd.DataFrame:
    """One row an experiment: what its default method says, the truth, and what an oracle needs.

    Args:
        results: Results of worlds of any kinds.

    Returns:
        Columns of estimates and of experiments, in the order of worlds and experiments.
    """
    estimates = results.estimates
    default = estimates[(estimates.level == "experiment") & estimates.is_default]
    facts = results.experiments.rename(columns={"experiment_id": "member_id"})
    facts = facts.drop(columns=["truth", "method"])
    return default.merge(facts, on=MEMBERS, validate="one_to_one")


def calibrated(results: Results, level: str) -> pd.DataFrame:
    """Calibrated estimates of a level.

    Args:
        results: Results of worlds of any kinds.
        level: As in the estimates.

    Returns:
        Columns of estimates, one row per member.
    """
    estimates = results.estimates
    return estimates[(estimates.level == level) & (estimates.method == "calibrated")]


def error(rows: pd.DataFrame) -> "pd.Series[float]":
    """Estimate less truth, in rupees."""
    return rows.estimate - rows.truth


def covers(rows: pd.DataFrame) -> "pd.Series[bool]":
    """Whether intervals have the truth in them, limits included."""
    return (rows.ci_low <= rows.truth) & (rows.truth <= rows.ci_high)


def z_scores(rows: pd.DataFrame) -> "pd.Series[float]":
    """Errors in standard errors, as the normal intervals at LEVEL have them.

    Args:
        rows: Estimates with intervals.

    Returns:
        One value per row; not a number where an interval has no width.
    """
    standard_error = (rows.ci_high - rows.ci_low) / (2 * QUANTILE)
    return error(rows) / standard_error.where(standard_error > 0, np.nan)
