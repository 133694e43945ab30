"""What more or less money would buy, against drawn orders, loops and numeric derivatives."""

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from simulate import World
from simulate.curves import LEVERS, MULTIPLES, Surface, response_surface
from simulate.effect import draw_creative, post_impact
from tests.python.simulate.worlds import SAME_EXAMPLES, Files, assert_near, region_shares, world_of

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SHARES = np.array(list(region_shares().values()))
PLATFORMS = ("Instagram", "YouTube", "Facebook", "Twitter")
BRANDS = ("MuscleBlaze", "HKVitals", "Gritzo", "TrueBasics")
ONES = np.ones(4)
# Four times as many posts a day as usual, so that their attention meets.
CROWDED: dict[str, Any] = {"orders": 60_000, "influencers": 60, "effect__saturation": 0.8}


def surface_of(
    world: World, member: Integers, order_value: Floats = ONES, rows: Integers | None = None
) -> Surface:
    """The surface of a world, or of some rows of its posts."""
    posts = world.posts if rows is None else some(world, rows)
    return response_surface(
        world.settings,
        world.influencers,
        world.campaigns,
        posts,
        world.baseline,
        order_value,
        member,
    )


def some(world: World, rows: Integers) -> Any:
    fields = {
        field.name: getattr(world.posts, field.name)[rows]
        for field in dataclasses.fields(world.posts)
    }
    return dataclasses.replace(world.posts, **fields)


def platforms(world: World) -> Integers:
    return np.asarray(world.influencers.platform[world.posts.influencer])


@pytest.fixture(scope="module")
def crowded() -> World:
    return world_of("tiny", 7, **CROWDED)


@pytest.fixture(scope="module")
def by_platform(crowded: World) -> Surface:
    return surface_of(crowded, platforms(crowded), np.array([900.0, 1_100.0, 700.0, 800.0]))


@pytest.mark.parametrize(
    ("name", "seed", "changes"),
    [
        ("tiny", 42, {}),
        ("tiny", 3, CROWDED),
        ("default", 4, {"orders": 120_000, "influencers": 80}),
        ("tiny", 5, {"orders": 200_000, "effect__pull_forward": 0.6}),
        ("tiny", 6, {"orders": 200_000, "effect__spill_over": 0.4, "effect__pull_forward": 0.0}),
    ],
)
def test_todays_posts_bring_what_was_drawn(name: str, seed: int, changes: dict[str, Any]) -> None:
    """Of every brand: orders caused, less orders that no longer come."""
    world = world_of(name, seed, **changes)
    response, brand = world.response, world.posts.brand[world.response.post]
    caused, pulled = response.attributed + response.halo, response.pulled
    for number in range(len(BRANDS)):
        meant = surface_of(world, platforms(world), np.eye(4)[number]).value(ONES)
        gross, less = caused[brand == number].sum(), pulled[brand == number].sum()
        # Caused orders are a Poisson draw, and so are those pulled of them.
        assert_near(gross - less, meant, math.sqrt(gross + less + 1))


def test_todays_revenue_is_that_of_the_truth(tiny: Files) -> None:
    """With what an order brings as the truth has it, so that only counts of orders differ."""
    world = world_of("tiny")
    found = tiny.frame(
        """
        select
            brand, count(*) as orders, avg(net)::double as mean,
            avg(net * net)::double as mean_square
        from raw.books
        inner join truth.orders using (transaction_id)
        where is_incremental
        group by brand
        """
    ).set_index("brand")
    worth = np.array([found["mean"].get(brand, 0.0) for brand in BRANDS])
    meant = surface_of(world, platforms(world), worth).value(ONES)
    truth = float(tiny.value("select sum(incremental_revenue) from truth.posts"))
    spread = (found["orders"] * found["mean_square"]).sum()
    assert_near(truth, meant, math.sqrt(spread * 1.5))
    assert meant == pytest.approx(truth, rel=0.25)


def naive(world: World, rows: Integers, multiples: Floats, order_value: Floats) -> float:
    """The definition, written out: by campaign, region and day, post by post."""
    settings, posts, effect = world.settings, world.posts, world.settings.effect
    impact = post_impact(settings, world.influencers, posts)
    creative = draw_creative(settings, len(world.campaigns.plan))
    half_life = {str(name): days for name, days in effect.half_life_days.items()}
    soonest, latest = effect.pull_forward_days
    by_group: dict[tuple[int, int], list[int]] = {}
    for row in rows:
        campaign = int(posts.campaign[row])
        by_group.setdefault((campaign, int(posts.brand[row])), []).append(row)
    total = 0.0
    for (campaign, brand), members in by_group.items():
        targets = world.campaigns.plan[campaign].treated if campaign >= 0 else np.array([], int)
        quality = creative[campaign] if campaign >= 0 else effect.always_on
        for day in range(settings.days):
            delays = range(soonest, latest + 1)
            in_period = sum(day + delay < settings.days for delay in delays) / len(delays)
            worth = order_value[brand] * (1 - effect.pull_forward * in_period)
            for region in range(len(SHARES)):
                seen = 0.0
                for row in members:
                    age = day - int(posts.day[row])
                    if not 0 <= age <= 60:
                        continue
                    who = int(posts.influencer[row])
                    platform = int(world.influencers.platform[who])
                    kept = 0.5 ** (1 / half_life[PLATFORMS[platform]])
                    pull = np.minimum(world.influencers.audience[who] / SHARES, 4.0)
                    here = pull[region]
                    if len(targets):
                        if region not in targets:
                            continue
                        shown = SHARES[targets]
                        usual = (pull[targets] * shown).sum() / shown.sum()
                        here *= usual**-0.5 * shown.sum() ** -0.7
                    seen += multiples[platform] * impact[row] * here * (1 - kept) * kept**age
                response = seen / (seen + effect.saturation)
                demand = world.baseline.expected[region, brand, day]
                total += effect.ceiling * quality * worth * demand * response
    return total


@pytest.mark.parametrize("multiples", [ONES, np.array([0.3, 1.7, 2.0, 0.0])])
def test_a_handful_of_posts_one_by_one(crowded: World, multiples: Floats) -> None:
    campaigns = crowded.posts.campaign
    plan = crowded.campaigns.plan
    creative = draw_creative(crowded.settings, len(plan))
    regional = [
        number for number, one in enumerate(plan) if len(one.treated) and creative[number] > 0
    ]
    chosen = np.isin(campaigns, regional[:2]) | (crowded.posts.day > crowded.settings.days - 12)
    rows = np.flatnonzero(chosen)[::5]
    assert len(rows) >= 6
    assert (campaigns[rows] >= 0).any() and (campaigns[rows] < 0).any()
    worth = np.array([1.0, 2.0, 3.0, 5.0])
    member = platforms(crowded)[rows]
    # All four are members, with a post or without.
    surface = dataclasses.replace(surface_of(crowded, member, worth, rows), size=4)
    wanted = naive(crowded, rows, multiples, worth)
    assert wanted > 0
    assert surface.value(multiples) == pytest.approx(wanted, rel=1e-9)


def test_pulled_orders_count_against_the_posts() -> None:
    changes = {"effect__pull_forward_days": [1, 3], "effect__pull_forward": 0.4}
    world = world_of("tiny", 7, **(CROWDED | changes))
    with_none = world_of("tiny", 7, **(CROWDED | changes | {"effect__pull_forward": 0.0}))
    # An early post has all its effect long before the last day.
    [early, *_] = np.flatnonzero(world.posts.day < 60)
    rows, member = np.array([early]), np.zeros(1, int)
    gross = surface_of(with_none, member, ONES, rows).value(np.ones(1))
    assert gross > 0
    net = surface_of(world, member, ONES, rows).value(np.ones(1))
    assert net == pytest.approx(0.6 * gross, rel=1e-3)
    # What is ordered on the last day was taken from after it.
    last = some(world, rows)
    last = dataclasses.replace(last, day=np.array([world.settings.days - 1]))
    arguments = (world.influencers, world.campaigns, last, world.baseline, ONES, member)
    late = response_surface(world.settings, *arguments).value(np.ones(1))
    arguments = (world.influencers, world.campaigns, last, with_none.baseline, ONES, member)
    assert late == pytest.approx(
        response_surface(with_none.settings, *arguments).value(np.ones(1)), rel=1e-12
    )


multiples_of_four = st.lists(st.floats(0, 4), min_size=4, max_size=4).map(np.array)


@hypothesis_settings(SAME_EXAMPLES, max_examples=25)
@given(multiples_of_four)
def test_the_gradient_is_the_slope(by_platform: Surface, multiples: Floats) -> None:
    multiples = multiples + 0.01
    step, found = 1e-4, by_platform.gradient(multiples)
    for number in range(4):
        ahead, behind = multiples.copy(), multiples.copy()
        ahead[number] += step
        behind[number] -= step
        numeric = (by_platform.value(ahead) - by_platform.value(behind)) / (2 * step)
        assert found[number] == pytest.approx(numeric, rel=1e-4)


@hypothesis_settings(SAME_EXAMPLES, max_examples=40)
@given(multiples_of_four, st.integers(0, 3), st.floats(0.01, 2))
def test_more_brings_more_but_ever_less(
    by_platform: Surface, multiples: Floats, number: int, step: float
) -> None:
    at = [multiples + times * step * np.eye(4)[number] for times in range(3)]
    values = [by_platform.value(one) for one in at]
    assert values[0] < values[1] < values[2]
    assert values[2] - values[1] < values[1] - values[0]


@hypothesis_settings(SAME_EXAMPLES, max_examples=40)
@given(multiples_of_four, multiples_of_four, st.floats(0, 1))
def test_a_mix_of_two_splits_brings_no_less_than_both_on_average(
    by_platform: Surface, one: Floats, other: Floats, part: float
) -> None:
    mixed = by_platform.value(part * one + (1 - part) * other)
    apart = part * by_platform.value(one) + (1 - part) * by_platform.value(other)
    assert mixed >= apart - 1e-9 * abs(apart)


def test_nothing_brings_nothing_and_everything_no_more_than_is_possible(
    by_platform: Surface,
) -> None:
    assert by_platform.value(np.zeros(4)) == 0
    most = sum(group.highest.sum() for group in by_platform.groups)
    assert 0.5 * most < by_platform.value(np.full(4, 1e9)) <= most


def test_a_curve_alone_is_what_is_missing_without_the_member(by_platform: Surface) -> None:
    curves = by_platform.alone(MULTIPLES)
    for number in range(4):
        without = by_platform.value(np.where(np.arange(4) == number, 0.0, 1.0))
        for place, multiple in enumerate(MULTIPLES):
            moved = by_platform.value(np.where(np.arange(4) == number, multiple, 1.0))
            assert curves[number, place] == pytest.approx(moved - without, rel=1e-8, abs=1e-6)


@pytest.mark.parametrize("money", [0.5, 1.0, 3.0])
def test_money_buys_larger_accounts(crowded: World, money: float) -> None:
    """A fee of m times buys m^(1 / 0.65) times the followers, of whom fewer see a post."""
    member = platforms(crowded)
    today = surface_of(crowded, member)
    for number in range(4):
        reached = np.where(member == number, money ** (0.85 / 0.65), 1.0) * crowded.posts.reach
        larger = dataclasses.replace(crowded.posts, reach=reached)
        bought = surface_of(dataclasses.replace(crowded, posts=larger), member)
        attention = np.where(np.arange(4) == number, money ** LEVERS["reach"], 1.0)
        assert today.value(attention) == pytest.approx(bought.value(ONES), rel=1e-9)


def test_shares_are_parts_of_todays_revenue(crowded: World, by_platform: Surface) -> None:
    shares = by_platform.shares()
    assert (shares > 0).all()
    assert shares.sum() == pytest.approx(by_platform.value(ONES), rel=1e-12)
    # Each between what is missing without it and what it would bring as the only one.
    alone = by_platform.alone(np.array([1.0]))[:, 0]
    only = [by_platform.value(np.eye(4)[number]) for number in range(4)]
    assert (alone <= shares + 1e-9).all() and (shares <= np.array(only) + 1e-9).all()


def test_members_of_a_member_do_not_matter(crowded: World, by_platform: Surface) -> None:
    """Posts of one platform, each its own member, together are the platform."""
    worth = np.array([900.0, 1_100.0, 700.0, 800.0])
    finer = surface_of(crowded, crowded.posts.influencer, worth)
    platform = crowded.influencers.platform[: finer.size]
    multiples = np.array([0.5, 1.2, 3.0, 0.9])
    each = multiples[platform]
    assert finer.value(each) == pytest.approx(by_platform.value(multiples), rel=1e-9)
    summed = np.bincount(platform, finer.gradient(each), 4)
    assert summed == pytest.approx(by_platform.gradient(multiples), rel=1e-9)


def test_without_a_post_there_is_no_member(crowded: World) -> None:
    none = np.array([], dtype=np.int64)
    surface = surface_of(crowded, none, ONES, none)
    assert surface.size == 0
    assert surface.value(np.array([])) == 0
