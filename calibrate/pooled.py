"""Figures of one kind of world and of all kinds together.

Coverage over all rows says little to a reader who looks at some of them: at those that came out
profitable, at the highest, at the smallest. Here it is taken given what is seen of a row.
"""

import numpy as np
import pandas as pd

from calibrate.bars import TOTALS
from calibrate.results import Results
from calibrate.rows import (
    MEMBERS,
    SHOWN_AS_BEST,
    WORLD,
    calibrated,
    covers,
    default_method,
    error,
    z_scores,
)
from calibrate.uncertainty import Figure, Resampling

QUARTERS = 4
HIGHEST = 3


def figures_given(results: Results) -> dict[str, Figure]:
    """How experiments do, given what a reader sees of them.

    Args:
        results: Results of worlds of any kinds; seeds are drawn again, so that worlds of one seed
            stay together.

    Returns:
        Figures by name, of experiments that their default method measured. Quarters are those of
        half the interval over baseline revenue, of all rows.
    """
    resampling = Resampling(results.estimates.seed)
    rows = default_method(results).query("is_measurable")
    quarter = _quarters((rows.ci_high - rows.ci_low) / 2 / rows.baseline_revenue)
    found = {"given_experiments": Figure(len(rows), 0)}
    for number in range(1, QUARTERS + 1):
        part = rows[quarter == number]
        found[f"covered_quarter_{number}"] = resampling.share(part.seed, covers(part))
    profit = rows.truth - rows.break_even * rows.spend
    for verdict, is_wrong in (("profitable", profit <= 0), ("unprofitable", profit >= 0)):
        is_said = rows.verdict == verdict
        part = rows[is_said]
        found |= {
            f"given_{verdict}": Figure(len(part), 0),
            f"covered_{verdict}": resampling.share(part.seed, covers(part)),
            f"wrong_{verdict}": resampling.share(part.seed, is_wrong[is_said]),
        }
    said = rows[rows.verdict == "profitable"]
    highest = _first(rows[rows.iroas.notna()], "iroas", HIGHEST)
    return found | {
        "inflation_profitable": resampling.ratio(said.seed, said.estimate, said.truth),
        "covered_highest": resampling.share(highest.seed, covers(highest)),
    }


def figures_of_totals(results: Results) -> dict[str, Figure]:
    """Bias, coverage and spread of calibrated totals.

    Args:
        results: As in `figures_given`.

    Returns:
        Figures by name, over worlds in which the total has an interval. Bias is the sum of
        estimates over the sum of truths, less 1; half width the sum of half intervals over that of
        truths; spread is the standard deviation of z, the error in standard errors.
    """
    resampling = Resampling(results.estimates.seed)
    found: dict[str, Figure] = {}
    for total in TOTALS:
        rows = calibrated(results, total).query("is_measurable")
        z = z_scores(rows).dropna()
        found |= {
            f"worlds_{total}": Figure(len(rows), 0),
            f"bias_{total}": resampling.ratio(rows.seed, error(rows), rows.truth),
            f"covered_{total}": resampling.share(rows.seed, covers(rows)),
            f"half_width_{total}": resampling.ratio(
                rows.seed, (rows.ci_high - rows.ci_low) / 2, rows.truth
            ),
            f"spread_{total}": resampling.spread(rows.seed[z.index], z),
        }
    return found


def figures_of_influencers(results: Results) -> dict[str, Figure]:
    """How calibrated influencers do where a reader looks.

    Args:
        results: As in `figures_given`.

    Returns:
        Figures by name: coverage in the quarter of each world's influencers with the least
        attributed revenue, and among the ten with the highest and with the lowest iROAS of each
        world; standard deviation of z over all.
    """
    resampling = Resampling(results.estimates.seed)
    shown = results.influencers.rename(columns={"influencer_id": "member_id"})
    rows = calibrated(results, "influencer").query("is_measurable")
    rows = rows.merge(shown[[*MEMBERS, "iroas"]], on=MEMBERS, how="left")
    by_revenue = rows.sort_values([*WORLD, "attributed_revenue", "member_id"])
    worlds = by_revenue.groupby(WORLD)
    is_small = worlds.cumcount() < worlds.member_id.transform("size") // QUARTERS
    seen = rows[rows.iroas.notna()]
    parts = {
        "smallest": by_revenue[is_small],
        "best": _first(seen, "iroas", SHOWN_AS_BEST),
        "worst": _first(seen, "iroas", SHOWN_AS_BEST, ascending=True),
    }
    z = z_scores(rows).dropna()
    return {
        **{
            f"covered_{name}": resampling.share(part.seed, covers(part))
            for name, part in parts.items()
        },
        "spread_influencers": resampling.spread(rows.seed[z.index], z),
    }


def _quarters(value: "pd.Series[float]") -> "pd.Series[float]":
    """Quarter of each value among all, 1 for the least; equal values in the order of rows."""
    rank = value.rank(method="first")
    return (QUARTERS * rank / rank.count()).apply(np.ceil)


def _first(
    rows: pd.DataFrame, column: str, number: int, *, ascending: bool = False
) -> pd.DataFrame:
    """The first rows of each world in the order of a column, ties in that of members."""
    ordered = rows.sort_values([column, "member_id"], ascending=[ascending, True])
    return ordered.groupby(WORLD).head(number)
