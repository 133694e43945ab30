"""Demand without influencers: each curve and shock by itself, counts, and streams of chance."""

import math
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from simulate import load_settings
from simulate.demand import Baseline, simulate_baseline
from tests.python.simulate.worlds import (
    FLAT,
    SAME_EXAMPLES,
    Files,
    assert_near,
    assert_share,
    catalogue,
    event_rows,
    region_shares,
    world_of,
)

pytestmark = pytest.mark.slow

BRANDS = {"MuscleBlaze": 0.45, "HKVitals": 0.27, "Gritzo": 0.14, "TrueBasics": 0.14}
START = date(2025, 4, 1)
LONGEST: dict[str, Any] = {"start": date(2018, 1, 1), "days": 3_660}
FOUR_YEARS: dict[str, Any] = {"start": date(2018, 1, 1), "days": 1_461}


def baseline(seed: int = 1, **changes: Any) -> Baseline:
    """Flat demand but for the changes; names are those of `demand` or of the world."""
    dotted = {
        name if name in ("days", "orders", "start") else f"demand.{name}": value
        for name, value in changes.items()
    }
    return simulate_baseline(load_settings("default", seed, FLAT | dotted))


def daily(expected: NDArray[np.float64]) -> NDArray[np.float64]:
    """Orders of each day over those of the first."""
    by_day = expected.sum(axis=(0, 1))
    return np.asarray(by_day / by_day[0])


def days_from(start: date, n: int) -> list[date]:
    return [start + timedelta(days=day) for day in range(n)]


def logs(world: Baseline) -> NDArray[np.float64]:
    """Logarithm of expected orders against the mean of each region and brand."""
    values = np.log(world.expected)
    return np.asarray(values - values.mean(axis=2, keepdims=True))


def lag_one(series: NDArray[np.float64]) -> float:
    return float((series[..., 1:] * series[..., :-1]).mean() / (series**2).mean())


def spread_error(spread: float, persistence: float, n: int) -> float:
    """Standard error of the standard deviation of n values of an AR(1) process."""
    return spread * math.sqrt((1 + persistence**2) / (1 - persistence**2) / (2 * n))


def test_flat_demand_is_the_product_of_the_shares() -> None:
    expected = baseline(days=100, orders=1_000_000).expected
    shares = np.outer(list(region_shares().values()), list(BRANDS.values()))
    np.testing.assert_allclose(expected, np.repeat(shares[:, :, None], 100, axis=2) * 10_000)


@given(st.integers(0, 2**63 - 1), st.integers(7, 400), st.integers(1, 10**10))
@hypothesis_settings(SAME_EXAMPLES, max_examples=30)
def test_expected_orders_sum_to_the_setting(seed: int, days: int, orders: int) -> None:
    changes = {"days": days, "orders": orders}
    found = simulate_baseline(load_settings("default", seed, changes))
    assert found.expected.shape == (36, 4, days)
    assert found.expected.sum() == pytest.approx(orders)
    assert (found.expected >= 0).all()


def test_growth_compounds_from_the_first_day() -> None:
    found = daily(baseline(yearly_growth=0.18).expected)
    np.testing.assert_allclose(found, [1.18 ** (day / 365) for day in range(548)])


def test_each_day_of_the_week_has_its_own_factor() -> None:
    factors = [0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3]  # Monday to Sunday
    found = daily(baseline(weekday=factors).expected)
    meant = np.array([factors[day.weekday()] for day in days_from(START, 548)])
    np.testing.assert_allclose(found, meant / meant[0])


def test_payday_counts_in_full_on_the_first_and_fades_to_the_sixth() -> None:
    found = daily(baseline(payday_lift=0.5).expected)
    lifts = {1: 1.5, 2: 1.4, 3: 1.3, 4: 1.2, 5: 1.1}
    meant = [lifts.get(day.day, 1.0) / 1.5 for day in days_from(START, 548)]
    np.testing.assert_allclose(found, meant)


def event_factors(days: list[date], event_lift: float) -> list[float]:
    running = [
        sum(lift for _, first, last, lift in event_rows() if first <= day <= last) for day in days
    ]
    return [max(1 + event_lift * lift, 0.05) for lift in running]


@pytest.mark.parametrize("event_lift", [0.5, 1.0, 8.0])
def test_each_event_lifts_its_days_by_its_lift(event_lift: float) -> None:
    found = daily(baseline(event_lift=event_lift, **FOUR_YEARS).expected)
    meant = np.array(event_factors(days_from(date(2018, 1, 1), 1_461), event_lift))
    assert len(set(meant)) > 5 and (meant == 0.05).any() == (event_lift > 4)
    np.testing.assert_allclose(found, meant / meant[0])


def test_the_calendar_of_events_is_complete() -> None:
    names = {"Republic Day sale", "Monthly sale", "Holi", "Independence Day sale", "Diwali sale",
             "Diwali", "Black Friday sale"}  # fmt: skip
    for year in range(2018, 2031):
        rows = [row for row in event_rows() if row[1].year == year]
        assert {row[0] for row in rows} == names
        assert all(first <= last for _, first, last, _ in rows)
        for name in names - {"Monthly sale"}:
            assert sum(row[0] == name for row in rows) == 1


def test_regions_respond_to_an_event_by_factors_of_their_own() -> None:
    spread, days = 0.3, days_from(date(2018, 1, 1), 1_461)
    expected = baseline(event_lift=1.0, event_spread=spread, **FOUR_YEARS).expected
    ordinary = event_factors(days, 1.0).index(1.0)
    factors = []
    for _, first, _, lift in event_rows():
        day = (first - days[0]).days
        alone = sum(one <= first <= last for _, one, last, _ in event_rows()) == 1
        if day < len(days) and alone:
            change = expected[:, 0, day] / expected[:, 0, ordinary] - 1
            factors.append(np.log(change / lift))
    values = np.array(factors)
    assert values.size > 36 * 40
    assert_near(values.mean(), 0, spread / math.sqrt(values.size))
    assert_near(values.std(), spread, spread / math.sqrt(2 * values.size))


def test_regions_like_brands_differently_but_constantly() -> None:
    worlds = [baseline(seed, mix_spread=0.2, days=7).expected for seed in range(20)]
    flat = baseline(days=7).expected
    ratios = np.log(np.stack(worlds)[..., 0] / flat[..., 0])
    ratios -= ratios.mean(axis=(1, 2), keepdims=True)
    assert_near(ratios.std(), 0.2, 0.2 / math.sqrt(2 * ratios.size))
    assert all(np.allclose(world, world[:, :, :1]) for world in worlds)


@pytest.mark.parametrize("persistence", [0.0, 0.65, 0.9])
def test_shared_shocks_are_autoregressive_and_the_same_everywhere(persistence: float) -> None:
    world = baseline(shared_shock=0.1, shared_persistence=persistence, **LONGEST)
    series = logs(world)
    np.testing.assert_allclose(series, np.broadcast_to(series[:1, :1], series.shape), atol=1e-9)
    days = series.shape[2]
    assert_near(series[0, 0].std(), 0.1, spread_error(0.1, persistence, days))
    assert_near(lag_one(series[0, 0]), persistence, math.sqrt((1 - persistence**2) / days))


@pytest.mark.parametrize(
    ("shock", "persistence", "rate"),
    [("region_shock", "region_persistence", 0.5), ("region_drift", "drift_persistence", 0.97)],
)
def test_own_shocks_are_autoregressive_and_independent(
    shock: str, persistence: str, rate: float
) -> None:
    shocks: dict[str, Any] = {shock: 0.1, persistence: rate}
    world = baseline(**shocks, **LONGEST)
    series = logs(world)
    n = series.size
    # A mean of 3,660 days is taken off each series: it takes a little of the spread with it.
    taken = (1 + rate) / (1 - rate) / series.shape[2]
    spread = 0.1 * math.sqrt(1 - taken)
    assert_near(series.std(), spread, spread_error(0.1, rate, n))
    assert_near(lag_one(series), rate - (1 - rate) * taken, math.sqrt((1 - rate**2) / n))
    # The mean of 144 independent series varies 144 times less.
    independent = spread_error(0.1, rate, series.shape[2]) / 12
    assert_near(series.mean(axis=(0, 1)).std(), spread / 12, independent)


def test_the_drift_of_a_brand_is_the_same_in_all_regions() -> None:
    series = logs(baseline(brand_drift=0.1, drift_persistence=0.9, **LONGEST))
    np.testing.assert_allclose(series, np.broadcast_to(series[:1], series.shape), atol=1e-9)
    brands = series[0]
    taken = 1.9 / 0.1 / brands.shape[1]
    spread = 0.1 * math.sqrt(1 - taken)
    assert_near(brands.std(), spread, spread_error(0.1, 0.9, brands.size))
    # Brands wander each by itself: the mean of four varies half as much as one.
    assert_near(brands.mean(axis=0).std(), spread / 2, spread_error(0.1, 0.9, brands.shape[1]) / 2)


def test_shocks_have_their_full_spread_from_the_first_day_on() -> None:
    changes: dict[str, Any] = {"region_shock": 0.2, "region_persistence": 0.95, "days": 7}
    flat = np.log(baseline(days=7).expected)
    first = np.stack([np.log(baseline(seed, **changes).expected) - flat for seed in range(25)])
    scale = first[:, :, :, 0].mean(axis=(1, 2), keepdims=True)  # of each world, to sum to orders
    values = first[:, :, :, 0] - scale
    assert_near(values.std(), 0.2, 0.2 / math.sqrt(2 * values.size))


def deviations(world: Baseline) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Squared distance of counts from what was expected, and what was expected."""
    counts = world.with_coupon + world.without_coupon
    return (counts - world.expected) ** 2, world.expected


@pytest.mark.parametrize("spread", [0.0, 0.1, 0.5])
def test_counts_vary_as_a_negative_binomial_distribution(spread: float) -> None:
    world = baseline(overdispersion=spread, orders=3_000_000, mix_spread=0.5)
    squares, expected = deviations(world)
    meant = expected + (spread * expected) ** 2
    error = (squares - meant).std() * math.sqrt(squares.size)
    assert_near(squares.sum(), meant.sum(), error)
    # It is more than Poisson noise by far, unless it is meant to be that.
    assert (squares.sum() > expected.sum() + 20 * error) == (spread > 0)
    counts = world.with_coupon.sum() + world.without_coupon.sum()
    assert_near(counts, 3_000_000, math.sqrt(meant.sum()))


def test_a_share_of_the_orders_has_a_public_coupon() -> None:
    for share in (0.35, 0.8):
        settings = load_settings("default", 1, {"customers.coupon_share": share})
        world = simulate_baseline(settings)
        total = world.with_coupon.sum() + world.without_coupon.sum()
        assert_share(world.with_coupon.sum(), total, share)


@pytest.fixture(scope="module")
def levels(default: Files) -> dict[date, float]:
    """Logarithm of the orders of each day without influencers, events divided out."""
    rows = default.rows(
        "select date, sum(baseline_orders) from truth.region_days group by date order by date"
    )
    usual = event_factors([day for day, _ in rows], 1.0)
    return {
        day: math.log(float(count) / factor)
        for (day, count), factor in zip(rows, usual, strict=True)
    }


def assert_effect(found: list[float], effect: float) -> None:
    """A mean is what it should be, and there are enough values to see that it is not zero."""
    error = float(np.std(found, ddof=1)) / math.sqrt(len(found))
    assert_near(float(np.mean(found)), effect, error)
    assert effect > 4 * error


def test_the_weekend_is_seen_in_the_orders_of_the_default_world(
    levels: dict[date, float],
) -> None:
    """Each week by itself: what is slower than a week, such as growth, falls out."""
    saturdays = [day for day in levels if day.weekday() == 5]
    found = []
    for saturday in saturdays:
        week = [saturday + timedelta(days=day) for day in (-4, -3, -2, 0, 1)]
        if all(day in levels and day.day > 5 for day in week):  # no payday in it
            midweek, end = [levels[day] for day in week[:3]], [levels[day] for day in week[3:]]
            found.append(sum(end) / 2 - sum(midweek) / 3)
    meant = (math.log(1.08) + math.log(1.10)) / 2
    assert_effect(found, meant - (2 * math.log(0.94) + math.log(0.96)) / 3)


def test_payday_is_seen_in_the_orders_of_the_default_world(levels: dict[date, float]) -> None:
    """Each first of a month against the three days before it."""
    weekday = [0.98, 0.94, 0.94, 0.96, 1.00, 1.08, 1.10]
    same = {day: level - math.log(weekday[day.weekday()]) for day, level in levels.items()}
    found = []
    for first in [day for day in same if day.day == 1]:
        before = [first - timedelta(days=back) for back in (1, 2, 3)]
        if before[-1] in same:
            found.append(same[first] - sum(same[day] for day in before) / 3)
    assert_effect(found, math.log(1.12))


def test_regions_have_about_their_share_of_the_orders(default: Files) -> None:
    found = dict(default.rows("select region, count(*) from raw.tracking_data group by 1"))
    total = sum(found.values())
    shares = region_shares()
    assert found.keys() == shares.keys()
    # Tastes vary by 0.2 between regions, over four brands of unequal size.
    taste = 0.2 * math.sqrt(sum(share**2 for share in BRANDS.values()))
    logs_of_ratio = [math.log(found[region] / total / shares[region]) for region in shares]
    for region, ratio in zip(shares, logs_of_ratio, strict=True):
        assert_near(ratio, 0, math.hypot(taste, 0.03, 1 / math.sqrt(found[region])))
    assert_near(float(np.std(logs_of_ratio)), taste, taste / math.sqrt(2 * 36) + 0.01)


def test_regions_and_products_are_those_of_their_tables(default: Files) -> None:
    regions = [
        (row["region"], round(float(row["population_millions"]) * 1e6), row["language"])
        for row in catalogue("regions")
    ]
    assert default.rows("from raw.regions") == regions
    products = [
        (row["product"], row["brand"], int(row["list_price"]), int(row["unit_cost"]))
        for row in catalogue("products")
    ]
    assert default.rows("from raw.products") == products


def equal(one: object, other: object, names: list[str]) -> list[bool]:
    return [np.array_equal(getattr(one, name), getattr(other, name)) for name in names]


ARRAYS = {
    "baseline": ["expected", "with_coupon", "without_coupon"],
    "influencers": ["influencer_id", "name", "followers", "audience", "rate_weight"],
    "posts": ["post_id", "influencer", "campaign", "day", "reach", "likes", "caption"],
}
EFFECTS = {
    "effect__ceiling": 0.1, "effect__creative": 0.9, "effect__flop_share": 0.5,
    "effect__leak_share": 0.9, "effect__halo_share": 0.1, "effect__pull_forward": 0.9,
    "effect__spill_over": 0.5, "effect__persuasion_spread": 2.0, "money__fee_share": 0.5,
    "customers__new_share": 0.9, "effect__always_on": 0.9,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        (EFFECTS, ["baseline", "influencers", "posts"]),
        ({"demand__region_shock": 0.3, "customers__coupon_share": 0.1}, ["influencers", "posts"]),
        ({"campaigns__per_year": 24.0, "campaigns__posts_each": 4.0}, ["baseline", "influencers"]),
        ({"influencers": 30}, ["baseline"]),
    ],
)
def test_a_setting_changes_only_what_it_is_about(changes: dict[str, Any], same: list[str]) -> None:
    one, other = world_of("tiny"), world_of("tiny", **changes)
    for part, names in ARRAYS.items():
        unchanged = equal(getattr(one, part), getattr(other, part), names)
        assert all(unchanged) == (part in same), part
    kept = [len(world.campaigns.plan) for world in (one, other)]
    assert (kept[0] == kept[1]) == ("campaigns__per_year" not in changes)


def test_worlds_of_one_seed_share_their_shocks() -> None:
    """A spread of zero draws as much as any other."""
    off: dict[str, Any] = {"mix_spread": 0.0, "shared_shock": 0.0, "event_spread": 0.0}
    on: dict[str, Any] = {"mix_spread": 0.3, "shared_shock": 0.0, "event_spread": 0.4}
    size: dict[str, Any] = {"region_shock": 0.1, "days": 30, "event_lift": 0.0}
    one, other = (logs(baseline(3, **size, **changes)) for changes in (off, on))
    np.testing.assert_allclose(one, other, atol=1e-9)
