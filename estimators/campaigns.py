"""From weekly tables to what each regional campaign brought: the tables around `joint_panel`."""

from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from estimators.joint_panel import Brand, Fit, fit, independent
from estimators.order_value import shrunk_changes, values_of_orders
from estimators.spill_over import corrected, spilled_share

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

CAMPAIGN = "campaign"  # the phase that is measured; the other is `after`
FEWEST_REGIONS, FEWEST_WEEKS = 3, 8
# Of what comes after campaigns over what they brought: a prior around zero with this error.
PRIOR_AFTER = 0.3
ORDERS_EACH = 5  # fewest orders of a brand for each level and effect
FREE_CELLS = 30  # that a brand must have left when levels and effects are taken off
COLUMNS = {
    "experiment_id": "str", "estimate": "float64", "se": "float64", "df": "float64",
    "lift": "float64", "lift_se": "float64", "value_change": "float64",
    "value_change_se": "float64", "baseline_orders": "float64", "problem": "str",
    "beside": "float64", "spill_over": "float64", "spill_over_se": "float64",
    "after_share": "float64", "after_share_se": "float64",
}  # fmt: skip


@dataclass(frozen=True)
class Work:
    """What was done for brands, day by day.

    Attributes:
        days: date_day and week.
        media_values: date_day, campaign_id, brand and media_value.
    """

    days: pd.DataFrame
    media_values: pd.DataFrame


@dataclass(frozen=True)
class Table:
    """A brand's tables as arrays.

    Attributes:
        name: The brand.
        regions: Shape (regions,); their names.
        weeks: Shape (weeks,); numbers of the weeks that are left.
        effects: One row per effect: campaign_id, phase, differs and is_kept.
        brand: Orders, and all effects.
        revenue: Shape (regions, weeks); in money.
    """

    name: str
    regions: list[str]
    weeks: Rows
    effects: pd.DataFrame
    brand: Brand
    revenue: Floats

    @property
    def told_apart(self) -> Brand:
        """Orders, and the effects that can be told from levels and from one another."""
        kept = self.effects.is_kept.to_numpy(bool)
        return Brand(self.brand.orders, self.brand.treated[:, kept], self.brand.share[:, kept])

    @property
    def is_large_enough(self) -> bool:
        """Whether its noise can be told from its levels and effects."""
        regions, weeks = self.brand.orders.shape
        free = (regions - 1) * (weeks - 1) - len(self.effects)
        learned = regions + weeks + len(self.effects)
        return bool(
            regions >= FEWEST_REGIONS
            and weeks >= FEWEST_WEEKS
            and free >= FREE_CELLS
            and self.brand.orders.sum() >= ORDERS_EACH * learned
        )


def measure_campaigns(
    region_weeks: pd.DataFrame,
    campaign_weeks: pd.DataFrame,
    campaign_regions: pd.DataFrame,
    none_member: str,
    work: Work | None = None,
) -> pd.DataFrame:
    """Measure every campaign that runs in some regions only.

    Args:
        region_weeks: brand, region, week, orders and revenue.
        campaign_weeks: campaign_id, brand, phase, week and share, the part of the week's days.
        campaign_regions: campaign_id, brand and region: where it runs.
        none_member: Brand of a campaign that concerns all of them.
        work: What else was done; without it no share that spills over is looked for.

    Returns:
        One row per campaign: experiment_id, estimate and se in money with df, lift of orders and
        value_change of an order with their errors, baseline_orders, and problem, a code of
        reasons.csv, where there is no estimate; beside, orders of treated over untreated regions.
        The same in all rows: spill_over, what lands in other regions over what is measured, by
        which estimates are raised; after_share, what all campaigns brought after their
        cooldowns over what they brought until then.
    """
    tables = tables_of(region_weeks, campaign_weeks, campaign_regions, none_member)
    usable = [t for t in tables if t.is_large_enough and t.effects.is_kept.any()]
    found, after = pd.DataFrame(columns=list(COLUMNS)), (0.0, PRIOR_AFTER)
    if usable:
        # Matrices are small and many: threads would wait for one another most of the time.
        with threadpool_limits(1), suppress(np.linalg.LinAlgError):
            found, after = _of_brands(usable, work)
            is_finite = np.isfinite(found[["estimate", "se", "df"]].to_numpy(float)).all(axis=1)
            found = found.loc[is_finite].copy()
    missing = _problems(campaign_regions.campaign_id, tables, found)
    found["after_share"], found["after_share_se"] = after
    # A campaign of all brands counts only as a whole.
    found = found[~found.experiment_id.isin(missing.experiment_id)]
    every = pd.concat([found, missing], ignore_index=True).reindex(columns=list(COLUMNS))
    return every.astype(COLUMNS).sort_values("experiment_id", ignore_index=True)


def tables_of(
    region_weeks: pd.DataFrame,
    campaign_weeks: pd.DataFrame,
    campaign_regions: pd.DataFrame,
    none_member: str,
) -> list[Table]:
    """The tables of every brand that has orders; arguments as of `measure_campaigns`."""
    return [
        _table(rows, campaign_weeks, campaign_regions, (str(brand), none_member))
        for brand, rows in region_weeks.groupby("brand")
        if rows.orders.sum() > 0
    ]


def _table(
    rows: pd.DataFrame,
    campaign_weeks: pd.DataFrame,
    campaign_regions: pd.DataFrame,
    brands: tuple[str, str],
) -> Table:
    orders, revenue = (
        rows.pivot_table(index="region", columns="week", values=name, aggfunc="sum", fill_value=0)
        for name in ("orders", "revenue")
    )
    # Regions and weeks without orders tell nothing.
    orders = orders.loc[orders.sum(axis=1) > 0, orders.sum() > 0]
    revenue = revenue.loc[orders.index, orders.columns]
    weeks = campaign_weeks[campaign_weeks.brand.isin(brands)]
    share = weeks.pivot_table(
        index="week", columns=["campaign_id", "phase"], values="share", aggfunc="sum", fill_value=0
    ).reindex(orders.columns, fill_value=0.0)
    share = share.loc[:, share.sum() > 0]
    effects = share.columns.to_frame(index=False)
    pairs = pd.MultiIndex.from_frame(campaign_regions[["region", "campaign_id"]])
    wanted = pd.MultiIndex.from_product([orders.index, effects.get("campaign_id", [])])
    treated = wanted.isin(pairs).reshape(len(orders), len(effects))
    brand = Brand(orders.to_numpy(float), treated, share.to_numpy(float))
    comes_first = (effects["phase"] == CAMPAIGN).to_numpy(bool)
    effects["differs"], effects["is_kept"] = independent(brand.treated, brand.share, comes_first)
    weeks_left = orders.columns.to_numpy(np.intp)
    regions = [str(region) for region in orders.index]
    return Table(brands[0], regions, weeks_left, effects, brand, revenue.to_numpy(float))


def _of_brands(tables: list[Table], work: Work | None) -> tuple[pd.DataFrame, tuple[float, float]]:
    """What campaigns brought, those of several brands added up, and what came after all of them."""
    brands = [table.told_apart for table in tables]
    fits, _ = fit(brands)
    parts = [
        _of_brand(table.effects[table.effects.is_kept], table.revenue, brand, fitted)
        for table, brand, fitted in zip(tables, brands, fits, strict=True)
    ]
    rows = pd.concat([part.rows for part in parts], ignore_index=True)
    rows["change"], rows["change_variance"] = shrunk_changes(
        rows.own_change.to_numpy(float), rows.own_change_variance.to_numpy(float)
    )
    grown, dearer = 1 + rows["lift"], 1 + rows.change
    rows["estimate"] = rows.baseline * (grown * dearer - 1)
    rows["variance"] = rows.baseline**2 * (
        dearer**2 * rows.lift_variance
        + grown**2 * rows.change_variance
        + rows.lift_variance * rows.change_variance
    )
    spilled = _spilled(tables, parts, work) if work else None
    if spilled:
        rows["estimate"], rows["variance"] = corrected(
            rows.estimate.to_numpy(), rows.variance.to_numpy(), rows.beside.to_numpy(), *spilled
        )
    rows["spill_over"], rows["spill_over_se"] = spilled or (np.nan, np.nan)
    # Of several brands the largest speaks for lift and value, the least sure one for freedom.
    rows = rows.sort_values("baseline", ascending=False)
    by_campaign = rows.groupby("experiment_id", sort=True)
    total = by_campaign[["estimate", "variance", "baseline_orders"]].sum()
    first = by_campaign[
        [
            *("lift", "lift_variance", "change", "change_variance", "beside"),
            *("spill_over", "spill_over_se"),
        ]
    ].first()
    found = pd.DataFrame(
        {
            "estimate": total.estimate,
            "se": np.sqrt(total.variance),
            "df": by_campaign["df"].min(),
            "lift": first["lift"],
            "lift_se": np.sqrt(first.lift_variance),
            "value_change": first.change,
            "value_change_se": np.sqrt(first.change_variance),
            "baseline_orders": total.baseline_orders,
            "beside": first.beside,
            "spill_over": first.spill_over,
            "spill_over_se": first.spill_over_se,
        }
    ).reset_index()
    return found, _after_share(
        sum(part.during for part in parts),
        sum(part.after for part in parts),
        sum(part.after_variance for part in parts),
    )


def _after_share(during: float, after: float, after_variance: float) -> tuple[float, float]:
    """What came after campaigns over what came with them, and its error, in money.

    A ratio of two sums of which the first may be nothing: a normal prior around zero keeps it
    finite. The error of the first is small beside that of the second, and not counted.
    """
    if after_variance <= 0:
        return 0.0, PRIOR_AFTER
    precision = during**2 / after_variance + PRIOR_AFTER**-2
    return during * after / after_variance / precision, float(precision**-0.5)


@dataclass(frozen=True)
class Part:
    """What came out for a brand.

    Attributes:
        rows: One per campaign.
        during: What all of them brought until their cooldowns ended, in money.
        after: What came after.
        after_variance: Variance of its error.
        weekly: One row per week: orders less what campaigns brought, and direct, what they brought
            over what untreated regions would have sold.
    """

    rows: pd.DataFrame
    during: float
    after: float
    after_variance: float
    weekly: pd.DataFrame


def _of_brand(effects: pd.DataFrame, revenue: Floats, brand: Brand, fitted: Fit) -> Part:
    values = values_of_orders(brand.orders, revenue, brand.treated, brand.share)
    expected = fitted.levels.expected

    def over(table: Floats) -> Floats:
        sums = np.einsum("rw,re,we->e", table, brand.treated, brand.share, optimize=True)
        return np.asarray(sums)

    baseline = over(expected * values.expected)
    is_campaign = (effects.phase == CAMPAIGN).to_numpy(bool)
    at_work = brand.treated[:, is_campaign] @ brand.share[:, is_campaign].T
    untreated = np.sum(expected * np.maximum(1 - at_work, 0), axis=0)

    def weekly(lifts: Floats) -> Floats:
        return np.asarray(np.sum(expected * ((brand.treated * lifts) @ brand.share.T), axis=0))

    direct = weekly(np.where(is_campaign, fitted.levels.effect, 0.0))
    rows = pd.DataFrame(
        {
            "experiment_id": effects.campaign_id.to_numpy(),
            "lift": fitted.levels.effect,
            "lift_variance": np.diag(fitted.covariance),
            "df": fitted.df,
            "own_change": values.change,
            "own_change_variance": values.variance,
            "baseline_orders": over(expected),
            "baseline": baseline,
            "beside": over(expected) / np.maximum(untreated @ brand.share, 1.0),
        }
    )
    later = np.where(is_campaign, 0, baseline)
    return Part(
        rows[is_campaign],
        float(fitted.levels.effect @ np.where(is_campaign, baseline, 0)),
        float(fitted.levels.effect @ later),
        float(later @ fitted.covariance @ later),
        pd.DataFrame(
            {
                "orders": brand.orders.sum(axis=0) - weekly(fitted.levels.effect),
                "direct": np.maximum(direct, 0) / np.maximum(untreated, 1.0),
            }
        ),
    )


def _spilled(tables: list[Table], parts: list[Part], work: Work) -> tuple[float, float] | None:
    weekly = pd.concat(
        part.weekly.assign(brand=table.name, week=table.weeks)
        for table, part in zip(tables, parts, strict=True)
    )
    orders, direct = (
        weekly.pivot(index="week", columns="brand", values=name) for name in ("orders", "direct")
    )
    regional = np.concatenate([table.effects.campaign_id.unique() for table in tables])
    others = work.media_values[~work.media_values.campaign_id.isin(regional)]
    return spilled_share(orders, direct, work.days, others)


def _problems(campaigns: pd.Series, tables: list[Table], found: pd.DataFrame) -> pd.DataFrame:
    """Why campaigns have no estimate, or not of all of their brands."""
    every = pd.concat(
        [pd.DataFrame(columns=["campaign_id", "phase", "differs", "is_kept", "is_large"])]
        + [table.effects.assign(is_large=table.is_large_enough) for table in tables]
    )
    of_campaigns = every[every.phase == CAMPAIGN].groupby("campaign_id")
    is_fine = of_campaigns[["differs", "is_kept", "is_large"]].all()
    is_fine = is_fine.reindex(campaigns.unique()).astype("boolean")
    is_found = pd.Series(is_fine.index.isin(found.experiment_id), is_fine.index)
    problem = pd.Series(pd.NA, is_fine.index, dtype="str")
    problem[~is_found] = "did_not_converge"
    problem[~is_fine.is_large.fillna(False)] = "too_little_data"
    problem[~is_fine.is_kept.fillna(True)] = "campaigns_coincide"
    problem[~is_fine.differs.fillna(True)] = "no_untreated_region"
    missing = problem.dropna().rename("problem").rename_axis("experiment_id")
    return missing.reset_index()
