"""What lands in other regions: on panels of known truth, and against scipy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from estimators.campaigns import Work, measure_campaigns
from estimators.spill_over import above_zero, corrected

Floats = NDArray[np.float64]
BRANDS, REGIONS, WEEKS = 4, 12, 60
LIFT, VALUE = 0.25, 100.0


Tables = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]


def shop(share: float, seed: int = 1, brands: int = BRANDS) -> tuple[Tables, Floats]:
    """Tables of a shop, and what each campaign brought in its regions, in money.

    Brands share their seasons. Each has five campaigns in four regions for four weeks, and of what
    they bring a share is bought in the other regions as well, in proportion to what these sell.
    """
    random = np.random.default_rng(seed)
    season = 1 + 0.3 * np.sin(np.arange(WEEKS) / 7) + 0.05 * random.standard_normal(WEEKS)
    cells, weeks, places, truth = [], [], [], []
    for brand in range(brands):
        expected = random.lognormal(6.5, 0.5, REGIONS)[:, None] * season
        orders = expected.copy()
        for number in range(5):
            name = f"b{brand}c{number}"
            first = 3 + 11 * number + 2 * brand
            treated = random.choice(REGIONS, 4, replace=False)
            during = np.arange(first, min(first + 4, WEEKS))
            direct = LIFT * expected[np.ix_(treated, during)]
            others = np.setdiff1d(np.arange(REGIONS), treated)
            orders[np.ix_(treated, during)] += direct
            base = expected[np.ix_(others, during)]
            orders[np.ix_(others, during)] += share * direct.sum(axis=0) * base / base.sum(axis=0)
            truth.append(direct.sum() * VALUE)
            weeks += [(name, f"B{brand}", "campaign", week, 1.0) for week in during]
            places += [(name, f"B{brand}", f"r{region}") for region in treated]
        sold = random.poisson(orders)
        cells += [
            (f"B{brand}", f"r{region}", week, sold[region, week], VALUE * sold[region, week])
            for region in range(REGIONS)
            for week in range(WEEKS)
        ]
    return (
        pd.DataFrame(cells, columns=["brand", "region", "week", "orders", "revenue"]),
        pd.DataFrame(weeks, columns=["campaign_id", "brand", "phase", "week", "share"]),
        pd.DataFrame(places, columns=["campaign_id", "brand", "region"]),
    ), np.array(truth)


def work(posts: bool = True) -> Work:
    """Days of the weeks, and some national work without an effect."""
    dates = pd.date_range("2025-01-06", periods=7 * WEEKS)
    days = pd.DataFrame({"date_day": dates, "week": np.arange(7 * WEEKS) // 7})
    rows = [
        (dates[day], f"national {brand}", f"B{brand}", 1000.0)
        for brand in range(BRANDS)
        for day in range(100 + 40 * brand, 121 + 40 * brand, 3)
        if posts
    ]
    columns = ["date_day", "campaign_id", "brand", "media_value"]
    return Work(days, pd.DataFrame(rows, columns=columns).astype({"date_day": dates.dtype}))


def test_a_third_that_lands_elsewhere_is_found_and_put_right() -> None:
    tables, truth = shop(0.33)
    low = measure_campaigns(*tables, none_member="(none)").sort_values("experiment_id")
    found = measure_campaigns(*tables, none_member="(none)", work=work()).sort_values(
        "experiment_id"
    )
    assert low.spill_over.isna().all()
    # Treated regions sell about half of what the others do, so that a sixth is missing.
    assert low.estimate.sum() == pytest.approx(truth.sum() * (1 - 0.33 / 2), rel=0.07)
    [share], [error] = found.spill_over.unique(), found.spill_over_se.unique()
    # Over what is measured, five sixths of what is brought.
    assert share == pytest.approx(0.33 * 6 / 5, abs=0.08)
    assert error < 0.05
    assert found.estimate.sum() == pytest.approx(truth.sum(), rel=0.07)
    raised, variance = corrected(
        low.estimate.to_numpy(), low.se.to_numpy() ** 2, low.beside.to_numpy(), share, error
    )
    np.testing.assert_allclose(found.estimate, raised, rtol=1e-9)
    np.testing.assert_allclose(found.se, np.sqrt(variance), rtol=1e-9)


def test_where_nothing_lands_elsewhere_little_changes() -> None:
    tables, truth = shop(0.0, seed=2)
    found = measure_campaigns(*tables, none_member="(none)", work=work())
    assert 0 < found.spill_over.iloc[0] < 0.12
    assert found.estimate.sum() == pytest.approx(truth.sum(), rel=0.07)


@pytest.mark.parametrize("posts", [True, False])
def test_without_other_brands_or_other_work_it_is_not_looked_for(posts: bool) -> None:
    tables, _ = shop(0.33, brands=1 if posts else BRANDS)
    before = measure_campaigns(*tables, none_member="(none)")
    after = measure_campaigns(*tables, none_member="(none)", work=work(posts))
    assert after.spill_over.isna().all()
    pd.testing.assert_frame_equal(before, after)


def test_beside_is_treated_over_untreated_orders() -> None:
    tables, _ = shop(0.0, seed=3)
    cells, weeks, places = tables
    found = measure_campaigns(*tables, none_member="(none)", work=work()).set_index("experiment_id")
    for name in ("b0c0", "b3c4"):
        during = weeks[weeks.campaign_id == name]
        brand = during.brand.iloc[0]
        rows = cells[(cells.brand == brand) & cells.week.isin(during.week)]
        is_treated = rows.region.isin(places[places.campaign_id == name].region)
        sold = rows.orders[is_treated].sum() / (1 + LIFT), rows.orders[~is_treated].sum()
        assert found.beside[name] == pytest.approx(sold[0] / sold[1], rel=0.1)


@settings(deadline=None, derandomize=True)
@given(st.floats(-3, 3), st.floats(0.01, 2))
def test_what_is_above_zero_of_a_normal_distribution(mean: float, error: float) -> None:
    cut = stats.truncnorm(-mean / error, np.inf, mean, error)
    if -mean / error > 5:
        return  # hardly any of it
    found = above_zero(mean, error)
    assert found[0] == pytest.approx(cut.mean(), rel=1e-6, abs=1e-9)
    assert found[1] == pytest.approx(cut.std(), rel=1e-4, abs=1e-9)


def test_the_correction_is_the_share_that_the_comparison_had() -> None:
    # Treated regions sell half as much, and a fifth of what is measured lands elsewhere: a tenth.
    estimate, variance = corrected(np.array([90.0]), np.array([81.0]), np.array([0.5]), 0.2, 0.04)
    assert estimate == pytest.approx([99])
    # 9 x 1.1 of the experiment, and 90 x 0.5 x 0.04 of the share.
    assert variance == pytest.approx([9.9**2 + 1.8**2])
