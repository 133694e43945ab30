"""Plans of a budget against a search, and the oracle against many other plans."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from calibrate.advice.budgets import by_rank, oracle
from simulate.curves import Surface, response_surface
from simulate.settings import load_settings
from simulate.world import simulate_world

amounts = st.floats(1, 1e6)


@given(st.lists(st.tuples(amounts, st.floats(0, 1), st.floats(0, 1), amounts), min_size=2))
@settings(max_examples=80)
def test_a_ranking_gives_the_most_to_the_best(
    drawn: list[tuple[float, float, float, float]],
) -> None:
    """A linear program that maximises worth times spend within the same limits says the same."""
    spend, less, more, worth = np.array(drawn).T
    low, high = spend * (1 - less), spend * (1 + more)
    new = by_rank(worth, spend, low, high)
    assert new.sum() == pytest.approx(spend.sum())
    assert (new >= low - 1e-6).all() and (new <= high * (1 + 1e-9)).all()
    best = linprog(
        -worth, A_eq=np.ones((1, len(spend))), b_eq=[spend.sum()],
        bounds=list(zip(low, high, strict=True)),
    )  # fmt: skip
    assert worth @ new == pytest.approx(-best.fun, rel=1e-6)


@pytest.fixture(scope="module")
def surface() -> Surface:
    """Of four platforms in a small world."""
    world = simulate_world(
        load_settings("default", 3, {"days": 200, "orders": 60_000, "influencers": 60})
    )
    return response_surface(
        world.settings, world.influencers, world.campaigns, world.posts, world.baseline,
        np.full(4, 900.0), world.influencers.platform[world.posts.influencer],
    )  # fmt: skip


def test_no_other_plan_beats_the_oracle(surface: Surface) -> None:
    random = np.random.default_rng(1)
    spend = np.array([5e5, 8e5, 2e5, 1e5])
    low, high = np.full(4, 0.7), np.full(4, 1.3)
    best = oracle(surface, low, high, spend)
    assert spend @ best == pytest.approx(spend.sum(), rel=1e-6)
    assert (best >= low).all() and (best <= high).all()
    value, found = surface.value(best), 0
    for tried in random.uniform(0.7, 1.3, (4000, 4)):
        other = tried * spend.sum() / (spend @ tried)
        if (other >= low).all() and (other <= high).all():
            found += 1
            assert surface.value(other) <= value * (1 + 1e-7)
    assert found > 500


def test_what_is_fixed_stays(surface: Surface) -> None:
    spend = np.array([5e5, 8e5, 2e5, 0.0])
    low, high = np.array([0.7, 0.7, 1, 1.0]), np.array([1.3, 1.3, 1, 1.0])
    best = oracle(surface, low, high, spend)
    assert best[2:] == pytest.approx([1, 1])
    assert spend @ best == pytest.approx(spend.sum(), rel=1e-6)
