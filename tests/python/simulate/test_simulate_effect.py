"""The effect of posts: attention, saturation, spill-over, halo, leaks and pull-forward."""

import dataclasses
import math
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from simulate import World, load_settings
from simulate.effect import (
    ad_stock,
    beta,
    draw_creative,
    lognormal,
    post_impact,
    pulled_forward,
    saturated_shares,
    simulate_response,
    spill,
)
from simulate.plan import Kind, make_plan
from tests.python.simulate.worlds import (
    SAME_EXAMPLES,
    Files,
    Maker,
    assert_near,
    assert_share,
    flat,
    region_shares,
    world_of,
)

pytestmark = pytest.mark.slow

SHARES = np.array(list(region_shares().values()))
BRAND_SHARES = np.array([0.45, 0.27, 0.14, 0.14])
SUITS = (
    {"Fitness", "Nutrition"}, {"Wellness", "Beauty", "Lifestyle"}, {"Parenting", "Nutrition"},
    {"Wellness", "Fitness"},
)  # fmt: skip
PLATFORM_NAMES = ("Instagram", "YouTube", "Facebook", "Twitter")
STRENGTH = {"Instagram": 1.0, "YouTube": 1.3, "Facebook": 0.7, "Twitter": 0.5}
HALF_LIFE = {"Instagram": 2.0, "YouTube": 6.0, "Facebook": 1.5, "Twitter": 0.7}
REACH_POWER = 0.7
TRUST = {"Nano": 1.15, "Micro": 1.08, "Mid": 1.0, "Macro": 0.92, "Mega": 0.85}
TIER_STARTS = {"Mega": 1_000_000, "Macro": 500_000, "Mid": 100_000, "Micro": 10_000, "Nano": 0}

# Nothing is saturated, every campaign is perfect: effects are sums over posts.
LINEAR = flat(
    orders=20_000_000, influencers=60, campaigns__always_on_share=0.3, effect__saturation=1_000.0,
    effect__ceiling=5.0, effect__creative=1.0, effect__always_on=1.0, effect__flop_share=0.0,
    effect__persuasion_spread=0.0, effect__spill_over=0.0, effect__pull_forward=0.0,
)  # fmt: skip
# One national campaign whose posts fill every mind: the effect is the same everywhere.
FULL = flat(
    orders=2_000_000, days=150, campaigns__per_year=2.4, campaigns__regional_share=0.0,
    campaigns__always_on_share=0.0, effect__saturation=1e-9, effect__creative=0.8,
    effect__creative_spread=0.0, effect__flop_share=0.0, effect__halo_spread=0.0,
    effect__leak_spread=0.0,
)  # fmt: skip


def count(world: World, *kinds: Kind) -> int:
    return int(world.plan.count[np.isin(world.plan.kind, kinds)].sum())


# Attention


@given(st.floats(0.1, 12))
@SAME_EXAMPLES
def test_ad_stock_sums_to_one_and_halves_after_its_half_life(half_life: float) -> None:
    age = np.arange(-5, 80)[None, :]
    [stock] = ad_stock(age, np.array([half_life]))
    assert stock.sum() == pytest.approx(1, abs=0.5 ** (60 / half_life) + 1e-12)
    assert (stock[:5] == 0).all() and stock[5] > 0  # nothing before the post
    assert (stock[5 + 61 :] == 0).all()  # nor after its horizon
    kept = stock[6:66] / stock[5:65]
    np.testing.assert_allclose(kept, 2 ** (-1 / half_life))


@pytest.mark.parametrize("half_life", [1, 2, 6])
def test_half_of_the_attention_comes_within_the_half_life(half_life: int) -> None:
    [stock] = ad_stock(np.arange(61)[None, :], np.array([float(half_life)]))
    assert stock[:half_life].sum() == pytest.approx(0.5)
    assert stock[3 + half_life] == pytest.approx(stock[3] / 2)


attention = st.lists(st.floats(0, 100), min_size=1, max_size=6)


@given(attention, st.floats(0.01, 10), st.floats(0.1, 4))
@SAME_EXAMPLES
def test_saturation_is_a_hill_curve_split_by_attention(
    values: list[float], saturation: float, pull: float
) -> None:
    x = np.array(values)[:, None]
    shares = saturated_shares(x, np.full((len(values), 1), pull), saturation)[:, 0, 0]
    total = pull * sum(values)
    assert shares.sum() == pytest.approx(total / (total + saturation))
    assert (shares >= 0).all() and shares.sum() < 1
    np.testing.assert_allclose(shares * total, pull * x[:, 0] * shares.sum(), atol=1e-12)


@given(st.floats(0, 50), st.floats(0.01, 50), st.floats(0.1, 10))
@SAME_EXAMPLES
def test_saturation_is_increasing_and_concave(low: float, step: float, saturation: float) -> None:
    x = np.array([[low, low + step, low + 2 * step]])
    [[first, second, third]] = saturated_shares(x, np.ones((1, 1)), saturation)[0]
    assert first < second < third < 1
    assert second - first > third - second


def facts(world: World) -> dict[str, NDArray[Any]]:
    """What is public about the authors of the posts."""
    who = world.posts.influencer
    return {
        "platform": np.array(PLATFORM_NAMES)[world.influencers.platform[who]],
        "followers": world.influencers.followers[who],
        "category": world.influencers.category[who],
    }


def impacts(world: World) -> NDArray[np.float64]:
    """(reach / 10,000)^0.7 x platform x tier x fit, from public facts alone."""
    values = []
    public = facts(world)
    for row, reach in enumerate(world.posts.reach):
        followers = public["followers"][row]
        tier = next(name for name, start in TIER_STARTS.items() if followers >= start)
        fits = public["category"][row] in SUITS[world.posts.brand[row]]
        strength = STRENGTH[public["platform"][row]] * TRUST[tier] * (1.5 if fits else 1.0)
        values.append((reach / 10_000) ** REACH_POWER * strength)
    return np.array(values)


def caused(world: World) -> NDArray[np.int64]:
    """Incremental orders of each post."""
    orders = world.response.attributed + world.response.halo
    return np.bincount(world.response.post, orders, len(world.posts.day)).astype(np.int64)


def days_left(world: World) -> list[int]:
    return [min(60, world.settings.days - 1 - day) for day in world.posts.day]


def spread_over_days(world: World) -> NDArray[np.float64]:
    """Part of each post's attention that falls inside its horizon and the period."""
    kept = np.array([0.5 ** (1 / HALF_LIFE[name]) for name in facts(world)["platform"]])
    return np.asarray(1 - kept ** (np.array(days_left(world)) + 1))


def weights(world: World) -> NDArray[np.float64]:
    """Attention of each post in each region, times the region's share of demand."""
    audience = world.influencers.audience[world.posts.influencer]
    national = np.minimum(audience, 4 * SHARES)
    found: NDArray[np.float64] = national.copy()
    for row, campaign in enumerate(world.posts.campaign):
        treated = world.campaigns.plan[campaign].treated if campaign >= 0 else []
        if len(treated):
            inside = np.isin(np.arange(36), treated)
            shown = np.where(inside, national[row], 0.0)
            market = SHARES[inside].sum()
            relevance = math.sqrt(shown.sum() / market)
            found[row] = shown / shown.sum() * relevance * market ** (1 - REACH_POWER)
    return found


def expected_orders(world: World) -> NDArray[np.float64]:
    """Theory where nothing is saturated: shape (posts, regions)."""
    settings = world.settings
    daily = settings.orders / settings.days * BRAND_SHARES[world.posts.brand]
    scale = settings.effect.ceiling / settings.effect.saturation
    strength = impacts(world) * spread_over_days(world) * daily * scale
    return np.asarray(strength[:, None] * weights(world))


def assert_poisson(found: NDArray[Any], meant: NDArray[np.float64]) -> None:
    """Counts agree with their means: the sum of squared standardised distances, and the total."""
    assert meant.min() > 5 and len(meant) > 20
    squares = (found - meant) ** 2 / meant
    assert_near(squares.sum(), len(meant), math.sqrt((2 + 1 / meant).sum()))
    assert_near(found.sum(), meant.sum(), math.sqrt(meant.sum()))


@pytest.fixture(scope="module")
def linear() -> World:
    return world_of("tiny", 5, **LINEAR)


def test_each_post_brings_the_orders_of_its_impact(linear: World) -> None:
    """Reach, platform, tier, fit, half-life, audience and density at once, post by post."""
    meant = expected_orders(linear).sum(axis=1)
    enough = meant > 5
    assert enough.sum() > 200 and np.ptp(np.log(meant[enough])) > 2
    regional = np.array([linear.campaigns.plan[c].is_regional for c in linear.posts.campaign])
    for group in (regional & (linear.posts.campaign >= 0), linear.posts.campaign < 0, enough):
        assert_poisson(caused(linear)[group & enough], meant[group & enough])


def test_each_region_gets_the_orders_of_the_audience_that_lives_there(linear: World) -> None:
    response = linear.response
    orders = response.attributed + response.halo
    for is_campaign in (True, False):
        posts = (linear.posts.campaign >= 0) == is_campaign
        rows = posts[response.post]
        found = np.bincount(response.region[rows], orders[rows], 36)
        meant = expected_orders(linear)[posts].sum(axis=0)
        assert_poisson(found[meant > 5], meant[meant > 5])


@pytest.mark.parametrize("platform", ["Instagram", "YouTube"])
def test_orders_fade_with_the_half_life_of_the_platform(platform: str, linear: World) -> None:
    response, posts = linear.response, linear.posts
    whole = (np.array(days_left(linear)) == 60) & (facts(linear)["platform"] == platform)
    rows = whole[response.post]
    age = response.day[rows] - posts.day[response.post[rows]]
    found = np.bincount(age, (response.attributed + response.halo)[rows], 61)
    kept = 0.5 ** (1 / HALF_LIFE[platform])
    meant = found.sum() * (1 - kept) * kept ** np.arange(61)
    assert found.sum() > 5_000
    mean_age = (found * np.arange(61)).sum() / found.sum()
    spread = math.sqrt(kept) / (1 - kept)
    assert_near(mean_age, kept / (1 - kept), spread / math.sqrt(found.sum()) + 0.01)
    assert_share(found[0], found.sum(), meant[0] / found.sum())


@pytest.mark.parametrize(
    ("setting", "value", "is_meant"),
    [
        ("effect__platform", {**STRENGTH, "YouTube": 2.6}, "platform"),
        ("effect__tier", {**TRUST, "Micro": 2.16}, "tier"),
        ("effect__fit", 3.0, "fit"),
    ],
)
def test_a_factor_moves_the_impact_of_its_posts_and_of_no_other(
    setting: str, value: object, is_meant: str
) -> None:
    world = world_of("tiny", 5, **LINEAR)
    dotted = {name.replace("__", "."): other for name, other in {**LINEAR, setting: value}.items()}
    changed = load_settings("tiny", 5, dotted)
    public = facts(world)
    followers = public["followers"]
    fits = [public["category"][i] in SUITS[brand] for i, brand in enumerate(world.posts.brand)]
    meant = {
        "platform": public["platform"] == "YouTube",
        "tier": (followers >= 10_000) & (followers < 100_000),
        "fit": np.array(fits),
    }[is_meant]
    assert 0 < meant.sum() < len(meant)
    before = post_impact(world.settings, world.influencers, world.posts)
    after = post_impact(changed, world.influencers, world.posts)
    np.testing.assert_allclose(after / before, np.where(meant, 2.0, 1.0))


def test_influencers_differ_in_persuasion_and_their_posts_do_not() -> None:
    world = world_of("tiny", 5, **{**LINEAR, "influencers": 2_000})
    settings = load_settings("tiny", 5, {"influencers": 2_000, "effect.persuasion_spread": 0.4})
    ratio = post_impact(settings, world.influencers, world.posts) / impacts(world)
    _, first, of_post = np.unique(world.posts.influencer, return_index=True, return_inverse=True)
    np.testing.assert_allclose(ratio, ratio[first][of_post])
    logs = np.log(ratio[first])
    assert_near(logs.mean(), -(0.4**2) / 2, 0.4 / math.sqrt(len(logs)))
    assert_near(logs.std(), 0.4, 0.4 / math.sqrt(2 * len(logs)))


# How much, and how it shows


def first_weeks(world: World, days: int = 20) -> tuple[int, int]:
    """Days on which every mind is full: from the first post on."""
    first = int(world.posts.day.min())
    assert first + days < world.settings.days
    return first, first + days


def in_full(world: World) -> tuple[dict[Kind, int], float]:
    """Orders by kind while every mind is full, and the orders expected without posts."""
    first, stop = first_weeks(world)
    plan = world.plan
    [brand] = set(world.posts.brand)
    rows = (plan.day >= first) & (plan.day < stop) & (plan.brand == brand)
    kinds = {kind: int(plan.count[rows & (plan.kind == kind)].sum()) for kind in Kind}
    settings = world.settings
    return kinds, settings.orders / settings.days * (stop - first) * BRAND_SHARES[brand]


@pytest.mark.parametrize(("ceiling", "creative"), [(0.62, 0.8), (0.62, 0.4), (0.31, 0.8)])
def test_the_highest_lift_is_ceiling_times_quality(ceiling: float, creative: float) -> None:
    changes = {**FULL, "effect__ceiling": ceiling, "effect__creative": creative}
    kinds, expected = in_full(world_of("default", 2, **changes))
    found = kinds[Kind.ATTRIBUTED] + kinds[Kind.HALO]
    assert_near(found, ceiling * creative * expected, math.sqrt(found))


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_the_set_share_of_the_effect_is_halo(share: float) -> None:
    kinds, _ = in_full(world_of("default", 2, **{**FULL, "effect__halo_share": share}))
    total = kinds[Kind.ATTRIBUTED] + kinds[Kind.HALO]
    if share in (0, 1):
        assert kinds[Kind.HALO] == share * total
    else:
        assert_share(kinds[Kind.HALO], total, share)


@pytest.mark.parametrize("share", [0.06, 0.5, 1.0])
def test_the_set_share_of_the_coupons_is_a_leaked_code(share: float) -> None:
    kinds, _ = in_full(world_of("default", 2, **{**FULL, "effect__leak_share": share}))
    total = kinds[Kind.LEAKED] + kinds[Kind.COUPON]
    if share == 1:
        assert kinds[Kind.LEAKED] > 0.999 * total
    else:
        assert_share(kinds[Kind.LEAKED], total, share)


def test_posts_outside_campaigns_have_a_quality_of_their_own() -> None:
    changes = {**LINEAR, "effect__always_on": 0.5}
    half, whole = world_of("tiny", 5, **changes), world_of("tiny", 5, **LINEAR)
    for is_campaign in (True, False):
        rows = (whole.posts.campaign >= 0) == is_campaign
        found, meant = caused(half)[rows].sum(), expected_orders(whole)[rows].sum()
        assert_near(found, meant * (1.0 if is_campaign else 0.5), math.sqrt(meant))


def test_influencers_differ_in_their_halo(strong: Files) -> None:
    rows = strong.rows(
        """
        select count(*), count(*) filter (kind = 'halo')
        from truth.orders inner join truth.posts using (post_id)
        group by influencer_id having count(*) > 200
        """
    )
    orders = np.array([row[0] for row in rows], float)
    shares = np.array([row[1] for row in rows]) / orders
    assert len(rows) > 30
    # Beyond the binomial noise of each share there is a spread of 0.10.
    excess = (shares - 0.5) ** 2 - shares * (1 - shares) / orders
    assert_near(excess.mean(), 0.10**2, excess.std(ddof=1) / math.sqrt(len(rows)))
    assert excess.mean() > 4 * 0.002
    assert_near(shares.mean(), 0.5, shares.std(ddof=1) / math.sqrt(len(rows)))


@given(st.floats(0.05, 0.95), st.floats(0, 0.5), st.integers(0, 99))
@hypothesis_settings(SAME_EXAMPLES, max_examples=20)
def test_beta_shares_have_mean_and_spread(mean: float, spread: float, seed: int) -> None:
    values = beta(mean, spread, 4_000, np.random.default_rng(seed))
    widest = min(spread, 0.9 * math.sqrt(mean * (1 - mean)))
    assert ((values >= 0) & (values <= 1)).all()
    assert_near(values.mean(), mean, widest / math.sqrt(4_000) + 1e-12)
    squares = (values - mean) ** 2
    assert_near(squares.mean(), widest**2, squares.std() / math.sqrt(4_000) + 1e-12)


@pytest.mark.parametrize("mean", [0.0, 1.0])
def test_beta_shares_of_nothing_and_all_are_the_same_for_all(mean: float) -> None:
    assert (beta(mean, 0.3, 50, np.random.default_rng(1)) == mean).all()


@pytest.mark.parametrize("spread", [0.0, 0.4, 1.0])
def test_factors_have_mean_one(spread: float) -> None:
    values = lognormal(spread, 50_000, np.random.default_rng(1))
    error = math.sqrt(math.expm1(spread**2) / 50_000)
    assert_near(values.mean(), 1, error + 1e-12)
    assert_near(np.log(values).std(), spread, spread / math.sqrt(100_000) + 1e-12)


def test_campaigns_differ_in_quality_and_some_are_flops() -> None:
    settings = load_settings("default", 1, {"effect.flop_share": 0.3})
    values = draw_creative(settings, 5_000)
    assert_share(int((values == 0).sum()), 5_000, 0.3)
    good = values[values > 0]
    assert ((good > 0) & (good < 1)).all()
    assert_near(good.mean(), 0.5, 0.22 / math.sqrt(len(good)))
    assert_near(good.std(), 0.22, 0.22 / math.sqrt(2 * len(good)))


def test_a_flop_has_no_effect_and_no_pull_but_leaks() -> None:
    world = world_of("tiny", 5, orders=500_000, effect__flop_share=1.0)
    of_campaign = np.append(world.posts.campaign, -1)[world.plan.post] >= 0
    kinds = set(world.plan.kind[of_campaign])
    assert kinds == {Kind.LEAKED}
    assert count(world, Kind.ATTRIBUTED) > 0  # of posts outside campaigns


# Spill-over


@st.composite
def spills(draw: st.DrawFn) -> tuple[NDArray[np.float64], NDArray[np.int64], float]:
    seed, n = draw(st.integers(0, 10_000)), draw(st.integers(1, 5))
    rng = np.random.default_rng(seed)
    targets = np.sort(rng.choice(36, n, replace=False))
    demand = np.zeros((3, 36, 4))
    demand[:, targets] = rng.random((3, n, 4))
    return demand, targets, draw(st.floats(0, 1))


@given(spills(), st.integers(0, 10_000))
@SAME_EXAMPLES
def test_spill_over_moves_its_share_out_of_the_targets(
    case: tuple[NDArray[np.float64], NDArray[np.int64], float], seed: int
) -> None:
    demand, targets, share = case
    elsewhere = np.random.default_rng(seed).random(demand.shape) + 0.01
    moved = spill(demand, targets, elsewhere, share)
    np.testing.assert_allclose(moved.sum(axis=1), demand.sum(axis=1))
    np.testing.assert_allclose(moved[:, targets], (1 - share) * demand[:, targets])
    others = np.setdiff1d(np.arange(36), targets)
    outside = moved[:, others].sum(axis=1)
    np.testing.assert_allclose(outside, share * demand.sum(axis=1), atol=1e-12)
    ratio = moved[:, others] * elsewhere[:, others].sum(axis=1, keepdims=True)
    np.testing.assert_allclose(
        ratio, elsewhere[:, others] * outside[:, None, :], rtol=1e-9, atol=1e-12
    )


def test_a_national_campaign_does_not_spill() -> None:
    demand = np.random.default_rng(1).random((2, 36, 3))
    nowhere = np.array([], dtype=np.int64)
    assert spill(demand, nowhere, np.ones((2, 36, 3)), 0.5) is demand


def spilled(files: Files) -> tuple[int, int]:
    """Incremental orders of regional campaigns outside their treated regions, and all of them."""
    return files.row(
        """
        with caused as (
            select region, campaign_id
            from raw.tracking_data
            inner join truth.orders using (transaction_id)
            inner join truth.posts using (post_id)
            where campaign_id in (select campaign_id from raw.campaign_regions)
        )

        select count(*) filter (role is distinct from 'treatment'), count(*)
        from caused
        left join raw.campaign_regions using (campaign_id, region)
        """
    )


def test_the_set_share_of_a_regional_effect_is_found_elsewhere(
    strong: Files, default: Files
) -> None:
    for files, share in ((strong, 0.25), (default, 0.05)):
        outside, everywhere = spilled(files)
        assert_share(outside, everywhere, share)
    assert spilled(strong)[1] > 10_000


def test_without_spill_over_a_regional_campaign_works_in_its_regions_alone(linear: World) -> None:
    response = linear.response
    campaign = linear.posts.campaign[response.post]
    for number, plan in enumerate(linear.campaigns.plan):
        regions = set(response.region[campaign == number])
        assert regions == set(plan.treated) if plan.is_regional else len(regions) > 30


# Leaks


def test_leaked_orders_carry_a_code_and_are_never_incremental(strong: Files) -> None:
    leaked, bad = strong.row(
        """
        select count(*), count(*) filter (
            (
                not is_incremental and post_id is null and who is not null
                and coupon_code in (select coupon_codes from raw.influencers)
            ) is not true
        )
        from truth.orders
        inner join raw.books using (transaction_id)
        where kind = 'leaked'
        """
    )
    assert leaked > 1_000 and bad == 0


def test_leaks_follow_attention_and_the_influencers_own_factor(strong: Files) -> None:
    """Leaked codes are those of authors of posts of that brand in the 60 days before."""
    bad = strong.value(
        """
        select count(*)
        from truth.orders
        inner join raw.books as orders using (transaction_id)
        where kind = 'leaked' and not exists (
            from raw.posts as posts
            where posts.influencer_id = orders.who and posts.brand = orders.brand
            and orders.date - posts.date between 0 and 60
        )
        """
    )
    assert bad == 0


def test_influencers_differ_in_how_much_their_codes_leak() -> None:
    """A factor of each influencer, log-normal with mean 1, for all of their posts."""
    changes = {**LINEAR, "orders": 400_000_000, "influencers": 400, "effect__leak_share": 1.0}
    world = world_of("tiny", 5, **changes)
    # Where nothing is saturated, leaks are to effects as coupons are to the ceiling.
    meant = expected_orders(world).sum(axis=1) * 0.35 / 5.0
    found = np.bincount(world.response.post, world.response.leaked, len(meant))
    who = world.posts.influencer
    leaks, usual = np.bincount(who, found, 400), np.bincount(who, meant, 400)
    logs = np.log(leaks[usual > 40] / usual[usual > 40])
    n, noise = len(logs), float((1 / leaks[usual > 40]).mean())
    assert n > 60
    assert_near(logs.mean(), -(0.5**2) / 2, math.sqrt((0.25 + noise) / n))
    assert_near(logs.var(ddof=1), 0.25 + noise, (0.25 + noise) * math.sqrt(2 / n))
    # All posts of an influencer share the factor: what is left between them is noise.
    enough = meant > 100
    ratio = found[enough] / (meant * leaks[who] / usual[who])[enough]
    assert_near(float(np.mean((ratio - 1) ** 2 * found[enough])), 1.0, 2 / math.sqrt(enough.sum()))


LEAK_FREE: dict[str, Any] = {"orders": 20_000, "days": 120, "influencers": 40}


def orders_with(written: Maker, leak_share: float, pull_forward: float) -> list[tuple[Any, ...]]:
    files = written(
        "tiny", 8, **LEAK_FREE, effect__leak_share=leak_share, effect__pull_forward=pull_forward,
        effect__ceiling=3.0,
    )  # fmt: skip
    return files.rows(
        """
        select
            columns(* exclude (kind, source, campaign, influencer_id, coupon_code, post_id)),
            coalesce(coupon_code, ''), kind
        from raw.tracking_data inner join truth.orders using (transaction_id)
        order by transaction_id
        """
    )


@pytest.mark.parametrize("pull_forward", [0.0, 0.5])
def test_a_leak_changes_who_gets_the_credit_and_nothing_else(
    pull_forward: float, written: Maker
) -> None:
    """Same orders, buyers, products, prices and fates; coupons have become leaked codes."""
    without = orders_with(written, 0.0, pull_forward)
    leaking = orders_with(written, 0.5, pull_forward)
    assert len(without) == len(leaking)
    changed = 0
    for one, other in zip(without, leaking, strict=True):
        assert one[:-2] == other[:-2]
        if one[-1] != other[-1]:
            changed += 1
            assert (one[-2:], other[-1]) == (("HEALTH10", "coupon"), "leaked")
            assert other[-2] not in ("", "HEALTH10")
    assert changed > 200


# Pull-forward


@given(
    st.integers(0, 999), st.integers(1, 6), st.integers(0, 5), st.integers(0, 20),
    st.floats(0, 1),
)  # fmt: skip
@SAME_EXAMPLES
def test_pulled_orders_are_spread_evenly_over_the_delays(
    seed: int, soonest: int, more: int, first: int, share: float
) -> None:
    rng = np.random.default_rng(seed)
    orders = rng.integers(0, 5, (2, 3, 8))
    settings = load_settings(
        "tiny", 1,
        {"days": 30, "effect.pull_forward": share,
         "effect.pull_forward_days": [soonest, soonest + more]},
    )  # fmt: skip
    due = pulled_forward(orders[:, :, : 30 - first], first, settings)
    meant = np.zeros((2, 3, 60))
    for day in range(min(8, 30 - first)):
        for delay in range(soonest, soonest + more + 1):
            meant[:, :, first + day + delay] += orders[:, :, day] * share / (more + 1)
    np.testing.assert_allclose(due, meant[:, :, first : first + due.shape[2]], atol=1e-9)
    assert meant[:, :, first + due.shape[2] : 30].sum() == 0  # nothing of the period is left out


def incremental_by_day(world: World) -> NDArray[Any]:
    orders = world.response.attributed + world.response.halo
    return np.bincount(world.response.day, orders, world.settings.days).astype(float)


@pytest.mark.parametrize(("share", "delays"), [(0.1, (7, 45)), (0.4, (20, 40)), (0.4, (3, 3))])
def test_the_set_share_of_the_effect_is_pulled_forward(
    share: float, delays: tuple[int, int]
) -> None:
    changes = {"effect__pull_forward": share, "effect__pull_forward_days": list(delays)}
    world = world_of("tiny", 3, orders=3_000_000, **changes)
    days, (soonest, latest) = world.settings.days, delays
    caused_on = incremental_by_day(world)
    # What would have come after the last day is not taken from anywhere.
    meant = sum(
        orders * share * sum(day + delay < days for delay in range(soonest, latest + 1))
        / (latest - soonest + 1)
        for day, orders in enumerate(caused_on)
    )  # fmt: skip
    found = count(world, Kind.PULLED)
    # Beside the draw itself, the orders at hand vary around the expected ones: 10 % and Poisson.
    assert_near(found, meant, math.sqrt(meant) * 1.5)
    assert found > 1_000


def test_orders_are_pulled_from_the_delays_after_an_effect_of_the_same_post() -> None:
    changes = {"effect__pull_forward": 0.4, "effect__pull_forward_days": [20, 22]}
    response = world_of("tiny", 3, orders=300_000, **changes).response
    key = list(zip(response.post, response.region, response.day, strict=True))
    has_effect = response.attributed + response.halo > 0
    effects = {place for place, has in zip(key, has_effect, strict=True) if has}
    pulled = [place for place, n in zip(key, response.pulled, strict=True) if n]
    assert len(pulled) > 500
    delays = []
    for post, region, day in pulled:
        possible = [delay for delay in (20, 21, 22) if (post, region, day - delay) in effects]
        assert possible
        delays += possible if len(possible) == 1 else []
    assert set(delays) == {20, 21, 22}


def test_pulled_orders_are_in_no_export(default: Files) -> None:
    pulled = default.value(
        """
        select
            (select sum(baseline_orders) from truth.region_days)
            - (select count(*) from truth.orders where not is_incremental)
        """
    )
    assert pulled > 2_000
    assert default.value("select count(*) from truth.orders where kind = 'pulled'") == 0
    assert default.value("select count(*) from truth.orders") == default.value(
        "select count(*) from raw.tracking_data"
    )
    assert pulled == count(world_of("default"), Kind.PULLED)


# Had this campaign not run


def without_posts(world: World, gone: NDArray[np.bool_]) -> World:
    """The same world, had these posts not been made."""
    posts = dataclasses.replace(
        world.posts,
        **{
            field.name: getattr(world.posts, field.name)[~gone]
            for field in dataclasses.fields(world.posts)
        },
    )
    response = simulate_response(
        world.settings, world.influencers, world.campaigns, posts, world.baseline
    )
    plan = make_plan(posts, world.baseline, response)
    return dataclasses.replace(world, posts=posts, response=response, plan=plan)


def entries(world: World) -> dict[tuple[Any, ...], NDArray[np.int64]]:
    """Orders of each kind that a post caused or marked, by post, region and day."""
    response = world.response
    columns = (world.posts.post_id[response.post], response.region, response.day)
    counts = np.stack([response.attributed, response.halo, response.leaked, response.pulled])
    found: dict[tuple[Any, ...], NDArray[np.int64]] = {}
    for place, values in zip(zip(*columns, strict=True), counts.T, strict=True):
        found[place] = found.get(place, 0) + values
    return found


@pytest.mark.parametrize("campaign", [0, 3, 7, -1])
def test_the_effect_of_a_campaign_does_not_depend_on_the_others(campaign: int) -> None:
    world = world_of("tiny", 42, orders=60_000)
    gone = world.posts.campaign == campaign
    names = set(world.posts.post_id[gone])
    assert 10 < len(names) < len(gone)
    kept = {key: value for key, value in entries(world).items() if key[0] not in names}
    rest = entries(without_posts(world, gone))
    assert kept.keys() == rest.keys() and len(kept) > 500
    assert all((kept[key] == rest[key]).all() for key in kept)


def placed(world: World) -> NDArray[Any]:
    """Orders placed by day, region and brand."""
    plan = world.plan
    rows = plan.kind != Kind.PULLED
    place = (plan.day[rows] * 36 + plan.region[rows]) * 4 + plan.brand[rows]
    return np.bincount(place, plan.count[rows], world.settings.days * 36 * 4).astype(float)


@pytest.mark.parametrize("orders", [6_000, 600_000])
@pytest.mark.parametrize("campaign", [0, 3, 7])
def test_had_a_campaign_not_run_its_incremental_orders_would_be_missing(
    campaign: int, orders: int
) -> None:
    """Day by day, region by region: what was placed falls by exactly what the truth says."""
    world = world_of("tiny", 42, orders=orders)
    gone = world.posts.campaign == campaign
    difference = placed(world) - placed(without_posts(world, gone))
    plan = world.plan
    sign = np.isin(plan.kind, (Kind.ATTRIBUTED, Kind.HALO)).astype(int) - (plan.kind == Kind.PULLED)
    mine = np.append(gone, False)[plan.post]
    place = (plan.day * 36 + plan.region) * 4 + plan.brand
    truth = np.bincount(place[mine], (sign * plan.count)[mine], len(difference))
    assert np.abs(truth).sum() > 0 or campaign == 3
    np.testing.assert_array_equal(difference, truth)


def test_a_world_starts_where_it_is_told_to() -> None:
    world = world_of("tiny", 1, start=date(2020, 2, 25), days=30)
    assert world.settings.last_day == date(2020, 3, 25)
    assert world.baseline.expected.shape[2] == 30
