"""Figures and their Monte Carlo errors, against pandas, textbook formulas and simulation."""

import numpy as np
import pandas as pd
import pytest

from calibrate.uncertainty import Resampling


@pytest.fixture
def rows() -> pd.DataFrame:
    """40 worlds of uneven size whose rows share a part of their value."""
    random = np.random.default_rng(3)
    sizes = random.integers(1, 30, 40)
    seed = np.repeat(np.arange(100, 140), sizes)
    value = np.repeat(random.normal(0, 1, 40), sizes) + random.normal(0, 2, len(seed))
    return pd.DataFrame({"seed": seed, "value": value, "base": random.uniform(1, 3, len(seed))})


def test_figures_are_those_of_all_rows(rows: pd.DataFrame) -> None:
    resampling = Resampling(rows.seed)
    mixed = rows.sample(frac=1, random_state=1)  # the order of rows does not matter
    for sample in (rows, mixed):
        assert resampling.mean(sample.seed, sample.value).value == pytest.approx(rows.value.mean())
        ratio = resampling.ratio(sample.seed, sample.value, sample.base).value
        assert ratio == pytest.approx(rows.value.sum() / rows.base.sum())
        assert resampling.median(sample.seed, sample.value).value == rows.value.median()
        assert resampling.spread(sample.seed, sample.value).value == pytest.approx(rows.value.std())
    odd = rows.head(7)
    assert resampling.median(odd.seed, odd.value).value == odd.value.median()


def test_error_of_a_ratio_is_that_of_clustered_worlds(rows: pd.DataFrame) -> None:
    """The linearised error of a ratio of cluster sums (Cochran 1977, section 6.3)."""
    sums = rows.groupby("seed")[["value", "base"]].sum()
    ratio = sums.value.sum() / sums.base.sum()
    left = sums.value - ratio * sums.base
    error = np.sqrt(np.sum(left**2) * 40 / 39) / sums.base.sum()
    found = Resampling(rows.seed).ratio(rows.seed, rows.value, rows.base)
    assert found.error == pytest.approx(error, rel=0.1)
    # Rows taken one by one would look far surer than they are.
    alone = Resampling(np.arange(len(rows))).ratio(np.arange(len(rows)), rows.value, rows.base)
    assert alone.error < 0.7 * found.error


def test_worlds_of_one_seed_are_drawn_together() -> None:
    """Three kinds of worlds on the same noise are as uncertain as one; seeds are what varies."""
    random = np.random.default_rng(5)
    noise = random.normal(0, 1, 300)  # of each seed, alike in all kinds
    seed, kind = np.tile(np.arange(300), 3), np.repeat([0.0, 5.0, 9.0], 300)
    pooled = Resampling(seed).mean(seed, np.tile(noise, 3) + kind)
    assert pooled.error == pytest.approx(noise.std(ddof=1) / 300**0.5, rel=0.1)
    # Kinds of which some seeds were made only: the linearised error over sums of seeds.
    made = (kind == 0) | (seed < 40)
    seed, value = seed[made], (np.tile(noise, 3) + kind)[made]
    sums = pd.DataFrame({"seed": seed, "value": value, "n": 1}).groupby("seed").sum()
    mean = sums.value.sum() / sums.n.sum()
    error = np.sqrt(np.sum((sums.value - mean * sums.n) ** 2) * 300 / 299) / sums.n.sum()
    assert Resampling(seed).mean(seed, value).error == pytest.approx(error, rel=0.1)


def test_error_of_a_spread_is_that_of_drawn_worlds() -> None:
    """Of normal values the spread has an error of sigma / sqrt(2 n)."""
    value = np.random.default_rng(6).normal(0, 2, 400)
    found = Resampling(np.arange(400)).spread(np.arange(400), value)
    assert found.error == pytest.approx(2 / np.sqrt(800), rel=0.15)
    assert np.isnan(Resampling([1, 2]).spread([1], [5.0]).value)


def test_a_share_of_all_rows_is_not_certain() -> None:
    """Of 8 seeds all: Beta(9, 1) has a standard deviation of sqrt(0.9 * 0.1 / 11)."""
    seed = np.repeat(np.arange(8), 5)
    for value in (0, 1):
        found = Resampling(seed).share(seed, np.full(40, value))
        assert found.value == value
        assert found.error == pytest.approx(np.sqrt(0.09 / 11))
    some = np.arange(40) % 3 == 0
    assert Resampling(seed).share(seed, some) == Resampling(seed).mean(seed, some)
    assert np.isnan(Resampling([1]).share([1], [1]).error)


def test_error_of_a_median_is_that_of_drawn_worlds() -> None:
    random = np.random.default_rng(4)

    def drawn() -> tuple[np.ndarray, np.ndarray]:
        return np.repeat(np.arange(50), 4), np.repeat(random.normal(0, 1, 50), 4) + random.normal(
            0, 1, 200
        )

    spread = np.std([np.median(drawn()[1]) for _ in range(2000)])
    errors = []
    for _ in range(20):
        seed, value = drawn()
        errors.append(Resampling(seed).median(seed, value).error)
    assert np.mean(errors) == pytest.approx(spread, rel=0.15)


def test_same_worlds_have_the_same_error(rows: pd.DataFrame) -> None:
    first, second = (Resampling(rows.seed).median(rows.seed, rows.value) for _ in range(2))
    assert first == second


def test_one_world_tells_nothing_of_chance(rows: pd.DataFrame) -> None:
    one = rows[rows.seed == rows.seed.iloc[0]]
    found = Resampling(one.seed).mean(one.seed, one.value)
    assert found.value == pytest.approx(one.value.mean())
    assert np.isnan(found.error)


def test_no_rows_are_no_figure(rows: pd.DataFrame) -> None:
    resampling, none = Resampling(rows.seed), rows.head(0)
    for found in (
        resampling.mean(none.seed, none.value),
        resampling.median(none.seed, none.value),
        resampling.ratio(rows.seed, rows.value, 0 * rows.base),
    ):
        assert not np.isfinite(found.value)


def test_worlds_without_rows_in_a_draw_leave_it_out() -> None:
    """Only one of two worlds has a row: draws without that world have no median."""
    found = Resampling([1, 2]).median([1], [5.0])
    assert (found.value, found.error) == (5.0, 0.0)
