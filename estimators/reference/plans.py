"""What reference methods say of the ways to choose regions, beside Helios' own foresight.

Each method looks at the last weeks of the history in its own way, and gives the incremental revenue
that it would find in 80 of 100 cases. By none of them is anything judged.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from estimators.reference import conformal_power, geox, t_test
from estimators.reference.paired_designs import (
    Pairs,
    every_assignment,
    minimum_detectable_iroas,
    rmse,
    rmse_of_alike_spend,
)

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Answer = tuple[float, str | None]  # minimum detectable revenue, or why there is none

WEEKS = 8  # of the test, and of the last weeks that are looked at
POWER = 0.8
MAX_TRIM_RATE = 0.25
ASSIGNMENTS = 128  # that are drawn where there are more; their error has an error of some 6 %
FEWEST_PAIRS, FEWEST_DESIGNS = 3, 3
SIZES = (0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.12, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
WINDOWS = 5  # of the past, in which an effect is looked for
GEOLIFT_DESIGNS = 24  # of each brand, as each effect and window is a fit
COLUMNS = {
    "brand": "str", "design_id": "str", "weeks": "int64", "reference_method": "str",
    "minimum_detectable_revenue": "float64", "reason_code": "str",
}  # fmt: skip


def references(
    region_weeks: pd.DataFrame,
    days: pd.DataFrame,
    designs: pd.DataFrame,
    row: pd.DataFrame,
    ci_level: float,
) -> pd.DataFrame:
    """Minimum detectable revenue of each design by each method.

    Args:
        region_weeks: brand, region, week and revenue, in currency.
        days: date_day and week; the last week may be longer.
        designs: brand, design_id, kind and region, of treated regions.
        row: brand, region and place, from 0: neighbours 0 and 1, 2 and 3 and so on are pairs.
        ci_level: Of two-sided intervals.

    Returns:
        One row per brand, design_id and reference_method. minimum_detectable_revenue is missing
        where reason_code says why. Designs that treat every region are left out.
    """
    parts = [pd.DataFrame(columns=list(COLUMNS))]
    # Matrices are small and many: threads would wait for one another most of the time.
    with threadpool_limits(1):
        for brand, own in designs.groupby("brand"):
            table = weekly_revenue(region_weeks[region_weeks.brand == brand], days)
            masks = treated_regions(own, table.index)
            pairs = pairs_in_a_row(table, row[row.brand == brand])
            paired = set(own.design_id[own.kind == "paired"])
            revenue = table.to_numpy()
            answers = {
                "matched_pairs": _of_pairs(masks.index, paired, _closed_form(pairs, ci_level)),
                "trimmed_match": _of_pairs(masks.index, paired, _trimmed_match(pairs, ci_level)),
                "t_test": _t_test(revenue, masks, ci_level),
                "geolift": _geolift(revenue, masks, ci_level),
                "geox": _geox(revenue, masks, ci_level),
            }
            parts += [_rows(str(brand), method, found) for method, found in answers.items()]
    return pd.concat(parts, ignore_index=True).astype(COLUMNS)


def weekly_revenue(region_weeks: pd.DataFrame, days: pd.DataFrame) -> pd.DataFrame:
    """Revenue of a brand in seven days, by region and week.

    Args:
        region_weeks: region, week and revenue, in currency.
        days: date_day and week.

    Returns:
        Regions by weeks, in order; 0 without orders.
    """
    length = days.groupby("week").size().sort_index()
    table = region_weeks.astype({"revenue": "float64"}).pivot_table(
        index="region", columns="week", values="revenue", aggfunc="sum", fill_value=0
    )
    return table.reindex(columns=length.index, fill_value=0).sort_index() * (7 / length)


def treated_regions(designs: pd.DataFrame, regions: pd.Index) -> pd.DataFrame:
    """Whether each design treats each region.

    Args:
        designs: design_id and region, of treated regions.
        regions: All regions of the brand.

    Returns:
        Designs by regions, those with most regions first. None that treats all of them.
    """
    names, design = np.unique(designs.design_id.to_numpy(str), return_inverse=True)
    masks = np.zeros((len(names), len(regions)), bool)
    region = regions.get_indexer(pd.Index(designs.region))
    masks[design[region >= 0], region[region >= 0]] = True
    treated = masks.sum(axis=1)
    order = np.argsort(-treated, kind="stable")
    order = order[(treated[order] > 0) & (treated[order] < len(regions))]
    return pd.DataFrame(masks[order], names[order], regions)


def pairs_in_a_row(table: pd.DataFrame, row: pd.DataFrame) -> Floats:
    """Revenue of neighbours in the last weeks, shape (pairs, 2), in currency."""
    recent = table.iloc[:, -WEEKS:].sum(axis=1)
    revenue = recent.reindex(row.sort_values("place").region, fill_value=0).to_numpy()
    return revenue[: len(revenue) // 2 * 2].reshape(-1, 2)


def _t_test(revenue: Floats, masks: pd.DataFrame, ci_level: float) -> Iterator[tuple[str, Answer]]:
    """Changes of regions from the weeks before to the last weeks."""
    weeks = revenue.shape[1]
    before = revenue[:, max(weeks - 2 * WEEKS, 0) : weeks - WEEKS]
    for design, mask in _each(masks):
        counts = int(mask.sum()), int((~mask).sum())
        if before.shape[1] < WEEKS:
            yield design, (np.nan, "few_weeks")
        elif min(counts) < 2:
            yield design, (np.nan, "one_region_in_an_arm")
        else:
            change = revenue[:, -WEEKS:].mean(axis=1) - before.mean(axis=1)
            sd = t_test.pooled_sd(change[mask], change[~mask])
            size = t_test.minimum_effect_size(*counts, round(1 - ci_level, 9), POWER)
            yield design, _seen(size * sd * counts[0] * WEEKS)


def _geolift(revenue: Floats, masks: pd.DataFrame, ci_level: float) -> Iterator[tuple[str, Answer]]:
    """Effects pretended in the last windows of the designs with most regions."""
    for design, mask in _each(masks.iloc[:GEOLIFT_DESIGNS]):
        if revenue.shape[1] < 2 * WEEKS + WINDOWS - 1:
            yield design, (np.nan, "few_weeks")
            continue
        effect = conformal_power.minimum_detectable_effect(
            revenue[mask].mean(axis=0),
            revenue[~mask].T,
            WEEKS, SIZES, WINDOWS, 1 - ci_level, POWER,
        )  # fmt: skip
        sold = float(revenue[mask, -WEEKS:].sum())
        yield design, (np.nan, "no_effect_found") if effect is None else _seen(effect * sold)


def _geox(revenue: Floats, masks: pd.DataFrame, ci_level: float) -> Iterator[tuple[str, Answer]]:
    """How far effects scatter over the designs of the brand where nothing is pretended."""
    if revenue.shape[1] < 2 * WEEKS + 2 or len(masks) < FEWEST_DESIGNS:
        yield from ((str(design), (np.nan, "too_little_data")) for design in masks.index)
        return
    judged = geox.judge(revenue, masks.to_numpy(), WEEKS, 1 - ci_level, POWER)
    yield from zip(map(str, masks.index), map(_seen, judged.total), strict=True)


def _of_pairs(designs: pd.Index, paired: set[str], answer: Answer) -> Iterator[tuple[str, Answer]]:
    """The error over re-drawn assignments is that of all designs with the same pairs."""
    for design in map(str, designs):
        yield design, answer if design in paired else (np.nan, "not_paired")


def _closed_form(revenue: Floats, ci_level: float) -> Answer:
    """Both regions of a pair are supposed to spend alike, so that the budget cancels out."""
    if len(revenue) < FEWEST_PAIRS:
        return np.nan, "few_pairs"
    error = rmse_of_alike_spend(revenue, budget=1.0)
    return _seen(minimum_detectable_iroas(error, (1 + ci_level) / 2, POWER))


def _trimmed_match(revenue: Floats, ci_level: float) -> Answer:
    """Both regions of a pair are supposed to spend alike, and pairs as they sell."""
    if len(revenue) < FEWEST_PAIRS:
        return np.nan, "few_pairs"
    if not revenue.sum() > 0:
        return np.nan, "no_revenue"
    spend = np.repeat(revenue.mean(axis=1, keepdims=True), 2, axis=1)
    error = rmse(Pairs(revenue, spend), assignments(len(revenue)), 1.0, max_trim_rate=MAX_TRIM_RATE)
    return _seen(minimum_detectable_iroas(error, (1 + ci_level) / 2, POWER))


def assignments(pairs: int) -> Bools:
    """Every assignment, or so many that are drawn; the same at each call."""
    if 2**pairs <= ASSIGNMENTS:
        return every_assignment(pairs)
    return np.random.default_rng(0).random((ASSIGNMENTS, pairs)) < 0.5


def _each(masks: pd.DataFrame) -> Iterator[tuple[str, Bools]]:
    return zip(map(str, masks.index), masks.to_numpy(), strict=True)


def _seen(value: float) -> Answer:
    """Where nothing scatters nothing can be said."""
    return (float(value), None) if value > 0 and np.isfinite(value) else (np.nan, "no_noise")


def _rows(brand: str, method: str, found: Iterator[tuple[str, Answer]]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            (brand, design, WEEKS, method, minimum, reason)
            for design, (minimum, reason) in found
        ],
        columns=list(COLUMNS),
    )  # fmt: skip
