"""The joint panel against the same model in full matrices, and on panels of known truth."""

from __future__ import annotations

from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from estimators import joint_panel
from estimators.campaigns import measure_campaigns
from estimators.joint_panel import Brand, Levels, Noise, independent
from estimators.order_value import shrunk_changes, values_of_orders
from tests.python.support import Build

Floats = NDArray[np.float64]
NOISE = Noise(counting=1.2, white=0.002, drift=0.0015, event=0.02, persistence=0.7)


def expected_orders(regions: int, weeks: int, seed: int) -> Floats:
    random = np.random.default_rng(seed)
    level = random.lognormal(4.5, 0.6, regions)
    season = 1 + 0.3 * np.sin(np.arange(weeks) / 5)
    season[weeks // 2] *= 1.8
    return np.asarray(level[:, None] * season)


@dataclass(frozen=True)
class Made:
    """A brand whose effects are known."""

    brand: Brand
    lifts: Floats
    expected: Floats


def made(regions: int = 10, weeks: int = 30, seed: int = 1, noise: Noise | None = None) -> Made:
    """Three campaigns of which two overlap, each with the days after it."""
    random = np.random.default_rng(seed)
    treated = np.zeros((regions, 6), bool)
    share = np.zeros((weeks, 6))
    for number, first in enumerate((5, 8, 18)):
        chosen = random.choice(regions, regions // 2, replace=False)
        treated[chosen, 2 * number] = treated[chosen, 2 * number + 1] = True
        share[first : first + 5, 2 * number] = [3 / 7, 1, 1, 1, 5 / 7]
        share[first + 4 : first + 8, 2 * number + 1] = [2 / 7, 1, 1, 1]
    lifts = np.array([0.2, -0.05, 0.12, 0.0, 0.0, 0.03])
    expected = expected_orders(regions, weeks, seed)
    scale = 1 + np.einsum("re,we,e->rw", treated, share, lifts)
    orders = expected * scale
    if noise:
        out = Brand(orders, treated, share).standing_out
        for region in range(regions):
            relative = random.multivariate_normal(
                np.zeros(weeks), covariance(expected[region], out, noise)
            )
            orders[region] = expected[region] * (scale[region] + relative)
    return Made(Brand(orders, treated, share), lifts, expected)


def covariance(expected: Floats, out: Floats, noise: Noise) -> Floats:
    """Of one region, entry by entry, from the formula of the docs."""
    weeks = len(expected)
    result = np.empty((weeks, weeks))
    for i in range(weeks):
        for j in range(weeks):
            result[i, j] = noise.drift * noise.persistence ** abs(i - j)
            result[i, j] += noise.event * out[i] * out[j] * 0.6 ** abs(i - j)
            if i == j:
                result[i, j] += noise.counting / expected[i] + noise.white
    return result


@dataclass(frozen=True)
class Dense:
    """Generalised least squares with all regions, weeks and effects as columns of one matrix."""

    design: Floats
    whole: Floats
    residual: Floats

    @classmethod
    def of(cls, brand: Brand, levels: Levels, noise: Noise) -> Dense:
        regions, weeks = brand.orders.shape
        expected = levels.region[:, None] * levels.week
        effects = np.einsum("re,we->rwe", brand.treated, brand.share)
        scale = 1 + effects @ levels.effect
        columns = [np.kron(np.eye(regions), np.ones((weeks, 1)))]
        columns += [np.tile(np.eye(weeks), (regions, 1))[:, 1:]]
        design = np.hstack(columns) * scale.reshape(-1, 1)
        design = np.hstack([design, effects.reshape(regions * weeks, -1)])
        whole = np.zeros((regions * weeks,) * 2)
        out = brand.standing_out
        for region in range(regions):
            own = slice(region * weeks, (region + 1) * weeks)
            whole[own, own] = covariance(expected[region], out, noise)
        return cls(design, whole, (brand.orders / expected - scale).reshape(-1))

    @property
    def inverse(self) -> Floats:
        return np.asarray(np.linalg.inv(self.design.T @ np.linalg.solve(self.whole, self.design)))

    @property
    def solution(self) -> Floats:
        weighed = np.linalg.solve(self.whole, self.residual)
        return np.asarray(self.inverse @ (self.design.T @ weighed))

    @property
    def deviance(self) -> float:
        left = self.residual - self.design @ self.solution
        determinants = np.linalg.slogdet(self.whole)[1] - np.linalg.slogdet(self.inverse)[1]
        return float(determinants + left @ np.linalg.solve(self.whole, left)) / 2


def start(brand: Brand) -> Levels:
    return Levels(
        brand.orders.sum(axis=1),
        brand.orders.sum(axis=0) / brand.orders.sum(),
        np.full(brand.share.shape[1], 0.02),
    )


def test_a_step_is_that_of_full_matrices() -> None:
    brand = made(noise=NOISE).brand
    dense = Dense.of(brand, start(brand), NOISE)
    found = joint_panel.equations(brand, start(brand), NOISE)
    regions = len(brand.orders)
    assert found.solution == pytest.approx(dense.solution[regions:], rel=1e-7, abs=1e-9)
    assert found.inverse == pytest.approx(dense.inverse[regions:, regions:], rel=1e-7, abs=1e-12)


def test_the_deviance_differs_by_as_much_as_that_of_full_matrices() -> None:
    brand = made(noise=NOISE).brand
    other = replace(NOISE, white=0.004, persistence=0.4)
    found, wanted = (
        [make(brand, start(brand), noise).deviance for noise in (NOISE, other)]
        for make in (joint_panel.equations, Dense.of)
    )
    assert found[0] - found[1] == pytest.approx(wanted[0] - wanted[1], rel=1e-8)


@pytest.mark.parametrize("name", ["counting", "white", "drift", "event", "persistence"])
def test_the_noise_is_where_the_deviance_is_least(name: str) -> None:
    brands = [made(seed=seed, noise=NOISE).brand for seed in (1, 2)]
    levels = [start(brand) for brand in brands]
    noise, _ = joint_panel.estimate_noise(brands, levels, joint_panel.START)

    def deviance(factor: float) -> float:
        tried = replace(noise, **{name: getattr(noise, name) * factor})
        odds = tried.persistence / (0.98 - tried.persistence)
        prior = (np.log(odds) - np.log(0.8 / 0.18)) ** 2 / 2
        pairs = zip(brands, levels, strict=True)
        return float(prior + sum(Dense.of(b, at, tried).deviance for b, at in pairs))

    best = deviance(1)
    assert deviance(0.9) > best - 0.01
    assert deviance(1.1) > best - 0.01


def test_lifts_of_orders_without_noise_are_exact_where_campaigns_overlap() -> None:
    """Each campaign multiplies what would have been sold, so the answer has no error at all."""
    exact = made()
    [fitted], _ = joint_panel.fit([exact.brand])
    assert fitted.levels.effect == pytest.approx(exact.lifts, abs=1e-5)
    assert fitted.levels.expected == pytest.approx(exact.expected, rel=1e-5)


@pytest.mark.slow
def test_errors_are_as_large_as_they_say() -> None:
    found = []
    for seed in range(60):
        world = made(regions=12, weeks=40, seed=seed, noise=NOISE)
        [fitted], _ = joint_panel.fit([world.brand])
        found.append((fitted.levels.effect - world.lifts) / np.sqrt(np.diag(fitted.covariance)))
    scores = np.array(found)
    # 360 scores, those of a panel hardly alike: the error of a standard deviation is 4 %.
    assert abs(scores.mean()) < 0.2
    assert 0.88 < scores.std() < 1.14


def test_degrees_of_freedom_are_satterthwaites() -> None:
    """2 v^2 / var(v) with derivatives of v by differences, at the state of the last step."""
    brand = made(regions=8, weeks=28, noise=NOISE).brand
    levels = start(brand)
    noise, errors = joint_panel.estimate_noise([brand], [levels], joint_panel.START)
    made_of = joint_panel.equations(brand, levels, noise)
    found = joint_panel._degrees_of_freedom(brand, levels, noise, errors, made_of)

    def variances(free: Floats) -> Floats:
        inverse = Dense.of(brand, levels, Noise.from_free(free)).inverse
        return np.asarray(np.diag(inverse)[-6:])

    free = noise.as_free()
    slopes = [(variances(free + move) - variances(free - move)) / 2e-4 for move in 1e-4 * np.eye(5)]
    spread = np.einsum("ie,ij,je->e", slopes, errors, slopes)
    assert found == pytest.approx(2 * variances(free) ** 2 / spread, rel=1e-4)


def test_what_cannot_be_told_apart() -> None:
    """Everywhere; twice the same; the days after one that are those of another."""
    regions, weeks = 5, 12
    everywhere, some, others = np.ones(regions, bool), np.arange(5) < 2, np.arange(5) == 4
    early, late = np.zeros(weeks), np.zeros(weeks)
    early[2:5], late[5:8] = 1, 1
    effects = [
        (everywhere, early, True),
        (some, early, True),
        (some, early, True),
        (others, early, True),
        (others, late, True),
        (others, late, False),
        (some, late, False),
    ]
    treated = np.column_stack([effect[0] for effect in effects])
    share = np.column_stack([effect[1] for effect in effects])
    differs, kept = independent(treated, share, np.array([effect[2] for effect in effects]))
    assert differs.tolist() == [False, True, True, True, True, True, True]
    assert kept.tolist() == [False, False, False, True, True, False, True]


def test_the_value_of_orders_is_a_quasi_poisson_regression() -> None:
    """Against statsmodels, where a campaign works on whole weeks: then 1 + change is exp(beta)."""
    random = np.random.default_rng(5)
    regions, weeks = 6, 15
    orders = random.poisson(80, (regions, weeks)).astype(float)
    treated = np.arange(regions)[:, None] < 3
    share = ((np.arange(weeks) > 6) & (np.arange(weeks) < 11)).astype(float)[:, None]
    mean = np.outer(random.uniform(80, 120, regions), random.uniform(0.9, 1.1, weeks))
    inside = treated[:, :1] * share[:, 0]
    revenue = orders * mean * (1 + 0.3 * inside) * random.normal(1, 0.05, orders.shape)
    values = values_of_orders(orders, revenue, treated, share)
    levels = [np.kron(np.eye(regions), np.ones((weeks, 1)))]
    levels += [np.tile(np.eye(weeks), (regions, 1))[:, 1:], inside.reshape(-1, 1)]
    fitted = sm.GLM(
        revenue.reshape(-1),
        np.hstack(levels),
        family=sm.families.Poisson(),
        offset=np.log(orders).reshape(-1),
    ).fit(scale="X2")
    assert values.change == pytest.approx(np.expm1(fitted.params[-1:]), rel=1e-5)
    error = fitted.bse[-1] * (1 + values.change[0])
    assert np.sqrt(values.variance) == pytest.approx([error], rel=0.2)


def test_changes_of_value_shrink_as_an_integral_says() -> None:
    change, variance = np.array([0.10, -0.02, 0.01]), np.array([0.02, 0.03, 0.04]) ** 2

    def posterior(spread: float) -> float:
        likelihood = stats.norm.pdf(change, 0, np.sqrt(spread**2 + variance)).prod()
        return float(likelihood * stats.norm.pdf(spread, 0, 0.05))

    grid = np.linspace(1e-6, 0.3, 6001)
    weight = np.array([posterior(spread) for spread in grid])
    weight /= weight.sum()
    kept = grid[:, None] ** 2 / (grid[:, None] ** 2 + variance)
    mean = weight @ (kept * change)
    spread = weight @ (kept * variance + (kept * change) ** 2) - mean**2
    means, variances = shrunk_changes(change, variance)
    assert means == pytest.approx(mean, rel=2e-3)
    assert variances == pytest.approx(spread, rel=2e-3)


def tables(world: Made, brand: str = "X", value: float = 100.0) -> dict[str, pd.DataFrame]:
    """A brand as the tables of the build; campaigns c0, c1 and c2."""
    regions, weeks = world.brand.orders.shape
    cells = pd.DataFrame(
        {
            "brand": brand,
            "region": np.repeat([f"r{number}" for number in range(regions)], weeks),
            "week": np.tile(np.arange(weeks), regions),
            "orders": world.brand.orders.reshape(-1),
            "revenue": world.brand.orders.reshape(-1) * value,
        }
    )
    week, effect = np.nonzero(world.brand.share)
    campaign_weeks = pd.DataFrame(
        {
            "campaign_id": [f"c{number // 2}" for number in effect],
            "brand": brand,
            "phase": np.where(effect % 2, "after", "campaign"),
            "week": week,
            "share": world.brand.share[week, effect],
        }
    )
    region, effect = np.nonzero(world.brand.treated[:, ::2])
    places = pd.DataFrame(
        {
            "campaign_id": [f"c{number}" for number in effect],
            "brand": brand,
            "region": [f"r{number}" for number in region],
        }
    )
    return {"region_weeks": cells, "campaign_weeks": campaign_weeks, "campaign_regions": places}


def measured(*worlds: dict[str, pd.DataFrame]) -> pd.DataFrame:
    names = ("region_weeks", "campaign_weeks", "campaign_regions")
    cells, weeks, places = (
        pd.concat([world[name] for world in worlds]).drop_duplicates() for name in names
    )
    return measure_campaigns(cells, weeks, places, "(none)").set_index("experiment_id")


def test_revenue_is_lift_times_what_would_have_been_sold() -> None:
    exact = made()
    found = measured(tables(exact))
    for number in range(3):
        effect = 2 * number
        cells = np.outer(exact.brand.treated[:, effect], exact.brand.share[:, effect])
        baseline = (cells * exact.expected).sum()
        row = found.loc[f"c{number}"]
        assert row.baseline_orders == pytest.approx(baseline, rel=1e-4)
        assert row.estimate == pytest.approx(exact.lifts[effect] * baseline * 100, abs=1)
        assert row.problem is None or pd.isna(row.problem)


def test_a_campaign_of_no_brand_counts_in_all_of_them() -> None:
    first, second = tables(made(seed=1, noise=NOISE)), tables(made(seed=2, noise=NOISE), "Y", 50)
    for table in (first["campaign_weeks"], first["campaign_regions"]):
        table["brand"] = "(none)"
    shared = {
        **second,
        "campaign_weeks": first["campaign_weeks"],
        "campaign_regions": first["campaign_regions"],
    }
    found = measured(first, shared)
    in_one = measured({**first}).baseline_orders
    in_other = measured(shared).baseline_orders
    assert (found.baseline_orders / (in_one + in_other)).tolist() == pytest.approx(
        [1, 1, 1], rel=0.01
    )


def test_a_bundle_is_worth_more_than_its_orders() -> None:
    """Where a campaign makes orders dearer by a half, nearly all of it is believed."""
    world = made(noise=replace(NOISE, counting=0.2))
    dearer = tables(world)
    cells = dearer["region_weeks"]
    random = np.random.default_rng(3)
    cells["revenue"] *= 1 + 0.02 * random.standard_normal(len(cells))
    inside = np.outer(world.brand.treated[:, 4], world.brand.share[:, 4] > 0).reshape(-1)
    plain = measured({**dearer, "region_weeks": cells.copy()}).loc["c2"]
    cells.loc[inside, "revenue"] *= 1.5
    found = measured(dearer).loc["c2"]
    assert abs(plain.value_change) < 0.02
    assert 0.3 < found.value_change < 0.55
    assert found.estimate > plain.estimate + 0.25 * plain.baseline_orders * 100


@pytest.mark.parametrize("regions, weeks", [(1, 30), (2, 30), (10, 6)])
def test_too_little_to_learn_from(regions: int, weeks: int) -> None:
    world = tables(made())
    cells = world["region_weeks"]
    small = cells[(cells.region.str[1:].astype(int) < regions) & (cells.week < weeks)]
    found = measured({**world, "region_weeks": small})
    assert found.estimate.isna().all()
    assert found.problem.notna().all()


def test_campaigns_without_comparison_have_a_reason() -> None:
    """c0 runs everywhere, c1 and c2 in the same regions on the same days."""
    world = tables(made(noise=NOISE))
    weeks, places = world["campaign_weeks"], world["campaign_regions"]
    places = places[places.campaign_id == "c1"]
    everywhere = pd.DataFrame(
        {"campaign_id": "c0", "brand": "X", "region": world["region_weeks"].region.unique()}
    )
    places = pd.concat([everywhere, places, places.assign(campaign_id="c2")])
    own = weeks[weeks.campaign_id == "c1"]
    weeks = pd.concat([weeks[weeks.campaign_id == "c0"], own, own.assign(campaign_id="c2")])
    found = measured({**world, "campaign_weeks": weeks, "campaign_regions": places})
    assert found.problem.to_dict() == {
        "c0": "no_untreated_region", "c1": "campaigns_coincide", "c2": "campaigns_coincide"
    }  # fmt: skip
    assert found.estimate.isna().all()


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(
    regions=st.integers(1, 7),
    weeks=st.integers(1, 25),
    campaigns=st.integers(0, 5),
    mean=st.floats(0, 60),
    seed=st.integers(0, 2**32),
)
def test_any_shop_has_a_figure_or_a_reason_for_each_campaign(
    regions: int, weeks: int, campaigns: int, mean: float, seed: int
) -> None:
    random = np.random.default_rng(seed)
    level = random.lognormal(0, 1.5, (regions, 1)) * mean
    orders = random.poisson(np.minimum(level * random.lognormal(0, 0.5, weeks), 1e6)).astype(float)
    orders[random.random(orders.shape) < 0.1] = 0
    treated = np.repeat(random.random((regions, campaigns)) < 0.4, 2, axis=1)
    share = np.where(random.random((weeks, 2 * campaigns)) < 0.2, random.random(), 0)
    world = tables(Made(Brand(orders, treated, share), np.zeros(2 * campaigns), orders))
    found = measured(world)
    assert set(found.index) == set(world["campaign_regions"].campaign_id)
    for name, row in found.iterrows():
        if pd.isna(row.problem):
            assert np.isfinite(row[["estimate", "se", "df"]].astype(float)).all(), name
            assert row.se > 0
        else:
            assert pd.isna(row.estimate)


def test_nothing_regional_gives_no_rows() -> None:
    world = tables(made())
    empty = {name: world[name].iloc[:0] for name in ("campaign_weeks", "campaign_regions")}
    assert measured({**world, **empty}).empty
    assert measured({name: table.iloc[:0] for name, table in world.items()}).empty


@pytest.mark.build
def test_the_default_world_through_dbt(default_build: Build) -> None:
    """The published estimates from full matrices, given the variances."""
    with duckdb.connect(
        str(default_build.warehouse / "build.duckdb"), read_only=True
    ) as connection:
        cells, weeks, places, published = (
            connection.execute(f"from {table}").df()
            for table in (
                *("baseline.base_region_weeks", "baseline.base_campaign_weeks"),
                *("panel.panel_campaign_regions", "incrementality.inc_joint_panel"),
            )
        )
    cells["orders"] = cells.orders.astype(float)
    published = published.set_index("experiment_id")
    assert len(published) > 20
    brands = {}
    for name, rows in cells.groupby("brand"):
        orders = rows.pivot(index="region", columns="week", values="orders").fillna(0.0)
        own = weeks[weeks.brand == name]
        keys = sorted(set(zip(own.campaign_id, own.phase, strict=True)))
        treated = np.array(
            [
                orders.index.isin(places[places.campaign_id == campaign].region)
                for campaign, _ in keys
            ]
        ).T
        share = np.array(
            [
                own[(own.campaign_id == campaign) & (own.phase == phase)]
                .set_index("week").share.reindex(orders.columns, fill_value=0.0)
                for campaign, phase in keys
            ]
        ).T  # fmt: skip
        brands[name] = (keys, Brand(orders.to_numpy(float), treated, share))
    fits, noise = joint_panel.fit([brand for _, brand in brands.values()])
    for (keys, brand), fitted in zip(brands.values(), fits, strict=True):
        levels = fitted.levels
        for _ in range(3):  # to where steps end
            regions = len(brand.orders)
            dense = Dense.of(brand, levels, noise)
            step = dense.solution
            levels = Levels(
                levels.region * (1 + step[:regions]),
                levels.week * (1 + np.append(0, step[regions : regions + len(levels.week) - 1])),
                levels.effect + step[regions + len(levels.week) - 1 :],
            )
        errors = np.sqrt(np.diag(dense.inverse))[-len(keys) :]
        for number, (campaign, phase) in enumerate(keys):
            if phase == "campaign":
                row = published.loc[campaign]
                assert row["lift"] == pytest.approx(levels.effect[number], abs=1e-6)
                assert row.lift_se == pytest.approx(errors[number], rel=1e-4)
