"""What one model of many campaigns costs: `python -m bench.joint_panel [--campaigns 500]`.

Makes weekly orders of 60 regions over two years, in ten brands with as many campaigns each, in a
third of the regions; measures all of them as the model `inc_joint_panel` does. The peer is
generalised least squares of statsmodels with the variances given: one solution of the same
equations, once, where the model finds the variances as well. It is timed on one brand, and the time
scaled. Prints medians of several runs, and ratios; `--check` fails above fifteen seconds for 500
campaigns, and where the peer is faster.
"""

import argparse
import statistics
import sys
import time

import numpy as np
import pandas as pd
import statsmodels.api as sm

from estimators.campaigns import measure_campaigns

REGIONS, WEEKS, BRANDS = 60, 104, 10
CAMPAIGN_WEEKS, WEEKS_AFTER = 6, 6
MOST_SECONDS = 15.0  # at 500 campaigns

Tables = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]


def tables(campaigns: int) -> Tables:
    """Weekly orders of all brands, weeks of campaigns and their regions."""
    random = np.random.default_rng(3)
    places, times, orders = [], [], []
    for brand in range(BRANDS):
        expected = random.lognormal(3.5, 0.7, (REGIONS, 1)) * np.ones(WEEKS)
        for number in range(campaigns // BRANDS):
            name = f"B{brand}-{number}"
            first = int(random.integers(0, WEEKS - CAMPAIGN_WEEKS))
            chosen = random.choice(REGIONS, REGIONS // 3, replace=False)
            expected[chosen, first : first + CAMPAIGN_WEEKS] *= 1.1
            places += [(name, f"B{brand}", f"R{region:02d}") for region in chosen]
            for phase, start, weeks in (
                ("campaign", first, CAMPAIGN_WEEKS),
                ("after", first + CAMPAIGN_WEEKS, WEEKS_AFTER),
            ):
                times += [
                    (name, f"B{brand}", phase, week, 1.0)
                    for week in range(start, min(start + weeks, WEEKS))
                ]
        orders.append(random.poisson(expected))
    index = pd.MultiIndex.from_product(
        [
            [f"B{brand}" for brand in range(BRANDS)],
            [f"R{region:02d}" for region in range(REGIONS)],
            range(WEEKS),
        ],
        names=["brand", "region", "week"],
    )
    cells = pd.DataFrame({"orders": np.ravel(orders)}, index).reset_index()
    cells["revenue"] = 900.0 * cells["orders"]
    return (
        cells,
        pd.DataFrame(times, columns=["campaign_id", "brand", "phase", "week", "share"]),
        pd.DataFrame(places, columns=["campaign_id", "brand", "region"]),
    )


def solved_by_statsmodels(made: Tables, planned: tuple[pd.Series, int] | None = None) -> float:
    """Seconds of one solution for the first brand.

    Args:
        made: Tables of brands.
        planned: Regions and first week of one more campaign.
    """
    cells, times, places = (table[table.brand == "B0"] for table in made)
    orders = cells.pivot(index="region", columns="week", values="orders")
    effects = []
    for (campaign, _), weeks in times.groupby(["campaign_id", "phase"]):
        own = places.region[places.campaign_id == campaign]
        effects.append(np.outer(orders.index.isin(own), orders.columns.isin(weeks.week)))
    if planned is not None:
        regions, first = planned
        effects.append(np.outer(orders.index.isin(regions), orders.columns >= first))
    design = np.hstack(
        [
            np.kron(np.eye(REGIONS), np.ones((WEEKS, 1))),
            np.tile(np.eye(WEEKS), (REGIONS, 1))[:, 1:],
            np.array(effects, float).reshape(len(effects), -1).T,
        ]
    )
    apart = np.abs(np.subtract.outer(np.arange(WEEKS), np.arange(WEEKS)))
    noise = np.kron(np.eye(REGIONS), 0.01 * np.eye(WEEKS) + 0.001 * 0.8**apart)
    relative = orders.to_numpy(float) / orders.to_numpy(float).mean(axis=1, keepdims=True)
    started = time.perf_counter()
    sm.GLS(relative.reshape(-1), design, sigma=noise).fit()
    return time.perf_counter() - started


def main() -> None:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--campaigns", type=int, default=500, help="campaigns (default 500)")
    parser.add_argument("--runs", type=int, default=3, help="times to run both sides (default 3)")
    parser.add_argument("--check", action="store_true", help="fail where a bar is missed")
    arguments = parser.parse_args()
    own, peer = [], []
    for _ in range(arguments.runs):
        made = tables(arguments.campaigns)
        started = time.perf_counter()
        found = measure_campaigns(*made, none_member="(none)")
        own.append(time.perf_counter() - started)
        peer.append(solved_by_statsmodels(made) * BRANDS)
        if found.estimate.notna().sum() < 0.98 * len(found):
            sys.exit("fewer than 98 % of the campaigns were measured")
    seconds = statistics.median(own)
    ratio = statistics.median(mine / other for mine, other in zip(own, peer, strict=True))
    print(
        f"{arguments.campaigns} campaigns, {REGIONS} regions, {WEEKS} weeks, {BRANDS} brands:"
        f" {seconds:.2f} s; one solution by statsmodels {statistics.median(peer):.2f} s;"
        f" ratio {ratio:.2f}"
    )
    if arguments.check and (seconds >= MOST_SECONDS * arguments.campaigns / 500 or ratio >= 1):
        sys.exit("missed")


if __name__ == "__main__":
    main()
