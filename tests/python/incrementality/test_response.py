"""Elasticities of returns against naive loops, numeric derivatives and data of the own model."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from estimators.response import (
    COLUMNS,
    MODEL_ERROR,
    Orders,
    Posts,
    _objective,
    elasticities,
    fit,
    gains,
)

Floats = NDArray[np.float64]
START = np.datetime64("2025-01-01", "us")
NONE = "(none)"
KEYS = ["campaign_id", "brand", "influencer_id"]
PLATFORMS = ("Instagram", "YouTube")
# Logarithms of saturation and of strength, power of reach, logarithms of half-lives.
THETA = np.array([math.log(3.0), 0.6, math.log(2.0), math.log(6.0), 0.4])


@dataclass(frozen=True)
class Made:
    """A shop of the own model of response.

    Attributes:
        posts: Of all groups.
        demand: Shape (groups, days).
        scale: Shape (groups,); a campaign's creative, which drops out.
    """

    posts: Posts
    demand: Floats
    scale: Floats

    def expected(self, theta: Floats) -> Floats:
        """Orders by group and day, written out."""
        seen = seen_by_loops(theta, self.posts, self.demand.shape)
        rate = self.demand * seen / (seen + math.exp(theta[0]))
        return np.asarray(self.scale[:, None] * rate)


def attention_of(theta: Floats, posts: Posts, row: int, day: int) -> float:
    """Attention of one row of posts on one day."""
    platforms, age = (len(theta) - 1) // 2, day - int(posts.day[row])
    if age < 0:
        return 0.0
    platform = int(posts.platform[row])
    kept = 2 ** (-1 / math.exp(theta[2 + platform]))
    strength = theta[1 + platforms + platform] if platform else 0.0
    weight = posts.posts[row] * math.exp(theta[1] * posts.reach[row] + strength)
    return float(weight * (1 - kept) * kept**age)


def seen_by_loops(theta: Floats, posts: Posts, shape: tuple[int, ...]) -> Floats:
    seen = np.zeros(shape)
    for row, group in enumerate(posts.group):
        for day in range(shape[1]):
            seen[group, day] += attention_of(theta, posts, row, day)
    return seen


def made(groups: int = 12, days: int = 50, seed: int = 1, size: float = 400.0) -> Made:
    """Campaigns of very different weight, with demand that moves from day to day."""
    random = np.random.default_rng(seed)
    levels = np.geomspace(2, 40, groups).astype(int)
    group = np.repeat(np.arange(groups), levels)
    n = len(group)
    day = random.integers(0, days // 2, n)
    day[np.searchsorted(group, np.arange(groups))] = 0
    reach = random.normal(0, 0.7, n)
    posts = Posts(
        group, day, random.integers(1, 4, n).astype(float), reach, random.integers(0, 2, n)
    )
    demand = size * random.uniform(0.5, 2, groups)[:, None] * random.uniform(0.8, 1.2, days)
    length = random.integers(days - 10, days + 1, groups)
    demand[np.arange(days) >= length[:, None]] = 0
    return Made(posts, demand, random.uniform(0.1, 1, groups))


def tables(shop: Made, orders: Floats, none_groups: tuple[int, ...] = ()) -> dict[str, Any]:
    """The same as the estimator reads it; campaigns by number, spend as attention."""
    random = np.random.default_rng(5)
    groups = len(shop.demand)
    names = [NONE if number in none_groups else f"C{number:03}" for number in range(groups)]
    group, day = np.nonzero(shop.demand > 0)
    daily = pd.DataFrame(
        {
            "campaign_id": [names[number] for number in group],
            "brand": [f"B{number}" if number in none_groups else "A" for number in group],
            "date_day": START + day.astype("timedelta64[D]"),
            "orders": orders[group, day],
            "demand": shop.demand[group, day],
        }
    )
    posts = shop.posts
    # A row of a group, day and influencer is one; influencers are apart by platform.
    who = [
        f"I{platform}{random.integers(0, 8)}-{row}" for row, platform in enumerate(posts.platform)
    ]
    table = pd.DataFrame(
        {
            "campaign_id": [names[number] for number in posts.group],
            "brand": [f"B{number}" if number in none_groups else "A" for number in posts.group],
            "influencer_id": who,
            "date_day": START + posts.day.astype("timedelta64[D]"),
            "posts": posts.posts,
            "reach": 5_000 * np.exp(posts.reach) * posts.posts,
        }
    )
    influencers = pd.DataFrame(
        {
            "influencer_id": who,
            "platform": [PLATFORMS[platform] for platform in posts.platform],
            "follower_count": 20_000 * np.exp(posts.reach),
        }
    )
    spend = pd.DataFrame({"campaign_id": table["campaign_id"], "spend": table["posts"]})
    return {
        "days": daily,
        "posts": table,
        "influencers": influencers,
        "spend": spend,
        "none_member": NONE,
    }


def estimated(world: dict[str, Any]) -> pd.DataFrame:
    found = elasticities(**world)
    return found.sort_values(KEYS, ignore_index=True)


def true_elasticities(shop: Made, world: dict[str, Any], theta: Floats = THETA) -> pd.Series:
    """By influencer, from the sums of the docstring, in loops."""
    seen = seen_by_loops(theta, shop.posts, shop.demand.shape)
    saturation, rows = math.exp(theta[0]), []
    for row, group in enumerate(shop.posts.group):
        slope = value = 0.0
        for day, demand in enumerate(shop.demand[group]):
            attention = attention_of(theta, shop.posts, row, day)
            total = seen[group, day] + saturation
            slope += demand * attention * saturation / total**2
            value += demand * attention / total
        rows.append((slope, value))
    table = world["posts"][KEYS].assign(
        slope=[slope for slope, _ in rows], value=[value for _, value in rows]
    )
    summed = table.groupby(KEYS)[["slope", "value"]].sum()
    return pd.Series(summed["slope"] / summed["value"])


@pytest.fixture(scope="module")
def shop() -> Made:
    return made()


@pytest.fixture(scope="module")
def drawn(shop: Made) -> Floats:
    """Orders, more spread than a Poisson draw."""
    random = np.random.default_rng(9)
    mean = shop.expected(THETA) * random.gamma(2, 1 / 2, shop.demand.shape)
    return random.poisson(mean).astype(np.float64)


@pytest.fixture
def world(shop: Made, drawn: Floats) -> dict[str, Any]:
    return tables(shop, drawn)


@pytest.mark.parametrize("spread", [1.0, 2.5])
def test_the_gradient_is_the_slope(shop: Made, drawn: Floats, spread: float) -> None:
    theta = THETA + np.array([0.3, -0.1, 0.2, -0.3, 0.1])
    found = _objective(theta, shop.posts, shop.demand, drawn * (shop.demand > 0), spread)
    for number in range(len(theta)):
        step = 1e-5 * np.eye(len(theta))[number]
        ahead, behind = (
            _objective(theta + sign * step, shop.posts, shop.demand, drawn, spread)[0]
            for sign in (1, -1)
        )
        assert found[1][number] == pytest.approx((ahead - behind) / 2e-5, rel=1e-4, abs=1e-3)


def test_orders_by_day_are_expected_as_the_loops_have_them(shop: Made, drawn: Floats) -> None:
    found = _objective(THETA, shop.posts, shop.demand, drawn, 1.0)[3]
    wanted = shop.expected(THETA)
    wanted *= (drawn.sum(axis=1) / wanted.sum(axis=1))[:, None]
    assert found == pytest.approx(wanted, rel=1e-10)


def test_the_information_is_the_curvature_on_expected_orders(shop: Made) -> None:
    """Where orders are as expected, the observed information is the expected one."""
    exact = shop.expected(THETA)
    _, gradient, information, _ = _objective(THETA, shop.posts, shop.demand, exact, 2.0)
    assert gradient == pytest.approx(np.zeros(len(THETA)), abs=1e-8)
    step = 1e-4
    for number in range(len(THETA)):
        moved = step * np.eye(len(THETA))[number]
        ahead, behind = (
            _objective(THETA + sign * moved, shop.posts, shop.demand, exact, 2.0)[1]
            for sign in (1, -1)
        )
        numeric = -(ahead - behind) / (2 * step)
        assert information[number] == pytest.approx(numeric, rel=1e-4, abs=1e-4)


def test_gains_are_sums_over_days(shop: Made) -> None:
    slope, value = gains(THETA, shop.posts, Orders(np.zeros_like(shop.demand), shop.demand))
    seen = seen_by_loops(THETA, shop.posts, shop.demand.shape)
    for row in range(0, len(slope), 7):
        group, wanted = shop.posts.group[row], [0.0, 0.0]
        for day, demand in enumerate(shop.demand[group]):
            attention = attention_of(THETA, shop.posts, row, day)
            wanted[0] += demand * attention * 3.0 / (seen[group, day] + 3.0) ** 2
            wanted[1] += demand * attention / (seen[group, day] + 3.0)
        assert [slope[row], value[row]] == pytest.approx(wanted, rel=1e-10)


def test_the_slope_is_what_more_of_the_same_posts_would_bring(shop: Made) -> None:
    """Numerically: all posts of a row a hundred-thousandth more."""
    slope, _ = gains(THETA, shop.posts, Orders(np.zeros_like(shop.demand), shop.demand))
    row = 20
    more = shop.posts.posts.copy()
    more[row] *= 1 + 1e-5
    plain = replace(shop, scale=np.ones_like(shop.scale))
    added = replace(plain, posts=replace(shop.posts, posts=more)).expected(THETA).sum()
    assert slope[row] == pytest.approx((added - plain.expected(THETA).sum()) / 1e-5, rel=1e-3)


def test_exact_orders_give_back_what_made_them() -> None:
    shop = made(size=1e6)
    found = fit(
        shop.posts, Orders(shop.expected(THETA), shop.demand), np.ones(len(shop.demand), bool)
    )
    assert found.theta == pytest.approx(THETA, abs=0.01)
    world = tables(shop, shop.expected(THETA))
    wanted = true_elasticities(shop, world)
    by_key = estimated(world).set_index(KEYS)["elasticity"]
    assert by_key.to_numpy() == pytest.approx(wanted.reindex(by_key.index).to_numpy(), abs=0.005)
    assert by_key.min() < 0.5 < 0.9 < by_key.max()


def test_saturation_is_missed_as_far_as_its_error_says() -> None:
    """Orders drawn from the own model with a gamma spread: distances over errors are standard."""
    distances = []
    for seed in range(9):
        shop = made(seed=seed)
        random = np.random.default_rng(100 + seed)
        mean = shop.expected(THETA)
        orders = random.poisson(mean * random.gamma(3, 1 / 3, mean.shape)).astype(float)
        found = fit(shop.posts, Orders(orders, shop.demand), np.ones(len(mean), bool))
        distances.append((found.theta[0] - THETA[0]) / found.saturation_se)
    assert max(map(abs, distances)) < 3.5
    assert 0.4 < float(np.sqrt(np.mean(np.square(distances)))) < 1.6


@pytest.mark.parametrize("saturation", [0.5, 3.0, 20.0])
def test_drawn_orders_give_the_elasticity_within_its_error(saturation: float) -> None:
    theta = np.append(math.log(saturation), THETA[1:])
    shop = made(seed=4)
    orders = np.random.default_rng(8).poisson(shop.expected(theta)).astype(float)
    world = tables(shop, orders)
    found = estimated(world).set_index(KEYS)
    wanted = true_elasticities(shop, world, theta).reindex(found.index)
    assert found["problem"].isna().all()
    away = (found["elasticity"] - wanted).abs()
    assert (away < 3 * found["elasticity_se"]).all()
    # The error of the model is no excuse where the model is right.
    assert away.mean() < MODEL_ERROR


def test_one_row_per_influencer_with_a_post(world: dict[str, Any]) -> None:
    found = elasticities(**world)
    assert list(found.columns) == list(COLUMNS)
    assert found["elasticity"].between(0, 1).all()
    assert (found["elasticity_se"] >= MODEL_ERROR).all()
    assert not found.duplicated(KEYS).any()
    assert set(found["influencer_id"]) == set(world["posts"]["influencer_id"])


@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(2, 50), st.floats(0.01, 100), st.integers(0, 2**32 - 1))
def test_what_does_not_matter(
    shop: Made, drawn: Floats, times: int, factor: float, seed: int
) -> None:
    """Orders and demand in other units, spend in another currency, and rows in another order."""
    world: dict[str, Any] = tables(shop, drawn)
    before = estimated(world)
    more_orders = world | {"days": world["days"].assign(orders=lambda d: d["orders"] * times)}
    # In other units the prior has its old weight, as the spread that is seen grows with them.
    assert estimated(more_orders)["elasticity"].to_numpy() == pytest.approx(
        before["elasticity"].to_numpy(), abs=2e-3
    )
    other_units = world | {
        "days": world["days"].assign(demand=lambda d: d["demand"] * factor),
        "spend": world["spend"].assign(spend=lambda s: s["spend"] * factor),
        "posts": world["posts"].assign(reach=lambda p: p["reach"] * factor),
    }
    pd.testing.assert_frame_equal(estimated(other_units), before, rtol=1e-5)
    shuffled = world | {
        name: world[name].sample(frac=1, random_state=seed, ignore_index=True)
        for name in ("days", "posts", "influencers", "spend")
    }
    pd.testing.assert_frame_equal(estimated(shuffled), before, rtol=1e-9)


def test_a_campaigns_creative_does_not_matter() -> None:
    shop = made(size=1e6)
    before = estimated(tables(shop, shop.expected(THETA)))
    better = replace(shop, scale=shop.scale * np.linspace(0.2, 3, len(shop.scale)))
    after = estimated(tables(better, better.expected(THETA)))
    assert after["elasticity"].to_numpy() == pytest.approx(
        before["elasticity"].to_numpy(), abs=2e-3
    )


def unknown(found: pd.DataFrame, problem: str) -> None:
    assert len(found) > 0
    assert (found["problem"] == problem).all()
    assert (found["elasticity"] == 0.5).all()
    # Standard deviation of anything between 0 and 1 alike.
    assert found["elasticity_se"].to_numpy() == pytest.approx(1 / math.sqrt(12))


@pytest.mark.parametrize(("campaigns", "orders"), [(2, 1e6), (12, 299)])
def test_too_few_orders(shop: Made, campaigns: int, orders: float) -> None:
    expected = shop.expected(THETA)
    expected[campaigns:] = 0
    world = tables(shop, expected * orders / expected.sum())
    unknown(elasticities(**world), "too_few_orders")
    just_enough = tables(shop, shop.expected(THETA) * 301 / shop.expected(THETA).sum())
    assert elasticities(**just_enough)["problem"].isna().all()


def test_one_level(world: dict[str, Any]) -> None:
    """Spend of 1.7 times for the same demand at most, but for one campaign of twelve."""
    demand = world["days"].groupby("campaign_id", as_index=False)["demand"].sum()
    level = np.append(np.linspace(1, 1.7, len(demand) - 1), 100)
    alike = demand[["campaign_id"]].assign(spend=demand["demand"] * level)
    unknown(elasticities(**(world | {"spend": alike})), "one_level")
    apart = alike.assign(spend=demand["demand"] * np.geomspace(1, 60, len(demand)))
    assert elasticities(**(world | {"spend": apart}))["problem"].isna().all()
    free = alike.assign(spend=0.0)
    unknown(elasticities(**(world | {"spend": free})), "one_level")


def test_followers_stand_in_for_missing_reach(world: dict[str, Any]) -> None:
    """In these tables reach is a quarter of followers, so nothing changes."""
    before = estimated(world)
    reach = world["posts"]["reach"].where(np.arange(len(world["posts"])) % 3 > 0)
    posts = world["posts"].assign(reach=reach)
    pd.testing.assert_frame_equal(estimated(world | {"posts": posts}), before, rtol=1e-6)
    # Without any reach at all, and without followers too.
    for column in (np.nan, 0.0):
        none = world | {"posts": world["posts"].assign(reach=column)}
        pd.testing.assert_frame_equal(estimated(none), before, rtol=1e-6)
        influencers = world["influencers"].assign(follower_count=np.nan)
        found = estimated(none | {"influencers": influencers})
        assert found["elasticity"].between(0, 1).all() and len(found) == len(before)


def test_an_unknown_platform_is_one_of_its_own(world: dict[str, Any]) -> None:
    before = estimated(world)
    is_first = world["influencers"]["platform"] == PLATFORMS[0]
    unnamed = world["influencers"].assign(
        platform=world["influencers"]["platform"].where(~is_first, None)
    )
    pd.testing.assert_frame_equal(estimated(world | {"influencers": unnamed}), before, rtol=1e-6)
    # Influencers of whom nothing is known at all, but what their posts reached.
    without = world["influencers"][~is_first]
    pd.testing.assert_frame_equal(estimated(world | {"influencers": without}), before, rtol=1e-6)


def test_posts_outside_campaigns_are_no_evidence_and_yet_have_an_elasticity(
    shop: Made, drawn: Floats
) -> None:
    last = len(shop.demand) - 1
    world: dict[str, Any] = tables(shop, drawn, none_groups=(0, last))
    found = estimated(world)
    outside = found[found["campaign_id"] == NONE]
    assert set(outside["brand"]) == {"B0", f"B{last}"}
    assert outside["elasticity"].between(0, 1).all() and outside["problem"].isna().all()
    # Their orders say nothing.
    is_outside = world["days"]["campaign_id"] == NONE
    changed = world["days"].assign(
        orders=world["days"]["orders"].where(~is_outside, world["days"].index * 1.0)
    )
    pd.testing.assert_frame_equal(estimated(world | {"days": changed}), found)
    kept = np.setdiff1d(np.arange(last + 1), [0, last])
    rows = np.isin(shop.posts.group, kept)
    only = fit(
        Posts(
            shop.posts.group[rows] - 1,
            shop.posts.day[rows],
            shop.posts.posts[rows],
            shop.posts.reach[rows],
            shop.posts.platform[rows],
        ),
        Orders(drawn[kept], shop.demand[kept]),
        np.ones(len(kept), bool),
    )
    is_kept = np.isin(np.arange(last + 1), kept)
    whole = fit(shop.posts, Orders(drawn, shop.demand), is_kept)
    assert whole.theta == pytest.approx(only.theta, rel=1e-9)
    assert whole.saturation_se == pytest.approx(only.saturation_se, rel=1e-9)


@pytest.mark.parametrize("empty", ["posts", "days", "both", "apart"])
def test_without_rows_there_is_no_row(world: dict[str, Any], empty: str) -> None:
    for name in ("posts", "days"):
        if empty in (name, "both"):
            world[name] = world[name].iloc[:0]
    if empty == "apart":  # posts of campaigns that no day is known of
        world["posts"] = world["posts"].assign(campaign_id="another")
    found = elasticities(**world)
    assert found.empty and list(found.columns) == list(COLUMNS)
