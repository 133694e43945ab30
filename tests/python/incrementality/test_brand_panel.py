"""Brands as each other's control: against the same model in full matrices, and on known truth."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats

from estimators import brand_panel
from estimators.brand_panel import Market, Variances
from estimators.shop_factor import MODEL_ERROR, measure_shop
from tests.python.support import Build, build_marts, simulate

Floats = NDArray[np.float64]
NONE = "(none)"
VARIANCES = Variances(counting=1.3, drift=0.0004, persistence=0.6, spread=0.08)


@dataclass(frozen=True)
class Made:
    """A market whose effects are known."""

    market: Market
    effect: Floats
    incremental: float
    expected: Floats


def made(seed: int = 1, *, brands: int = 4, weeks: int = 60, drift: float = 0.0) -> Made:
    """Four weeks of work for each of three campaigns a brand, with an effect of about 15 %."""
    random = np.random.default_rng(seed)
    groups = 3 * brands
    brand = np.repeat(np.arange(brands), 3)
    media_value = np.zeros((groups, 7 * weeks))
    for group in range(groups):
        first = random.integers(7, 7 * (weeks - 8))
        for day in random.choice(28, 10, replace=False):
            media_value[group, first + day] = random.lognormal(9, 0.5)
    level = random.lognormal(7.5, 0.4, brands)
    season = 1 + 0.3 * np.sin(np.arange(weeks) / 6) + 0.1 * random.standard_normal(weeks)
    expected = level[:, None] * season
    effect = np.maximum(random.normal(0.15, 0.05, groups), 0)
    week = np.arange(7 * weeks) // 7
    market = Market(expected, brand, media_value, week)
    work = brand_panel.attention(market, 5.0, 1.0)
    lift = np.zeros_like(expected)
    np.add.at(lift, brand, effect[:, None] * work)
    own = np.zeros_like(expected)
    for at in range(weeks):
        news = random.standard_normal(brands)
        own[:, at] = news if at == 0 else 0.8 * own[:, at - 1] + 0.6 * news
    orders = random.poisson(expected * (1 + lift) * np.exp(drift * own)).astype(float)
    incremental = float((lift * expected).sum())
    return Made(replace(market, orders=orders), effect, incremental, expected)


def test_attention_decays_and_saturates_as_written() -> None:
    market = made(brands=2, weeks=12).market
    half_life, saturation = 3.0, 0.5
    kept = 0.5 ** (1 / half_life)
    stocks = []
    for row in market.media_value:
        left, stock = 0.0, []
        for value in row:
            left = kept * left + (1 - kept) * value
            stock.append(left)
        stocks.append(stock)
    at_work = [[value for value in stock if value > 0.1 * max(stock)] for stock in stocks]
    usual = sum(sum(days) / len(days) for days in at_work) / len(at_work)
    found = brand_panel.attention(market, half_life, saturation)
    for group, stock in enumerate(stocks):
        response = [s * (1 + saturation) / (s + saturation * usual) for s in stock]
        weeks = [sum(response[7 * week : 7 * week + 7]) / 7 for week in range(12)]
        np.testing.assert_allclose(found[group], weeks, rtol=1e-10)


def test_a_step_is_the_best_linear_prediction_of_the_mixed_model() -> None:
    case = made(seed=4, brands=3, weeks=30)
    market = case.market
    work = brand_panel.attention(market, 5.0, 1.0)
    columns = brand_panel.design(market, work)
    start = np.full(len(work), 0.1)
    found = brand_panel.solve(market, columns, case.expected, start, VARIANCES)
    # The same by the covariance of all cells, deltas included, and levels and mu as fixed.
    brands, weeks = market.orders.shape
    cells = brands * weeks
    noise = np.zeros((cells, cells))
    for b in range(brands):
        for i in range(weeks):
            for j in range(weeks):
                noise[b * weeks + i, b * weeks + j] = (
                    VARIANCES.drift * VARIANCES.persistence ** abs(i - j)
                )
            noise[b * weeks + i, b * weeks + i] += VARIANCES.counting / case.expected[b, i]
    of_group = np.zeros((cells, len(work)))
    for group, b in enumerate(market.brand):
        of_group[b * weeks : (b + 1) * weeks, group] = work[group]
    scale = 1 + of_group @ start
    fixed = np.zeros((cells, brands + weeks))
    for b in range(brands):
        rows = slice(b * weeks, (b + 1) * weeks)
        fixed[rows, b] = scale[rows]
        for i in range(1, weeks):
            fixed[b * weeks + i, brands + i - 1] = scale[b * weeks + i]
    fixed[:, -1] = of_group.sum(axis=1)
    wanted = (market.orders / case.expected).ravel() - 1
    covariance = noise + VARIANCES.spread**2 * of_group @ of_group.T
    inverse = np.linalg.inv(covariance)
    information = fixed.T @ inverse @ fixed
    beta = np.linalg.solve(information, fixed.T @ inverse @ wanted)
    residual = wanted - fixed @ beta
    delta = VARIANCES.spread**2 * of_group.T @ inverse @ residual
    np.testing.assert_allclose(found.estimate, np.concatenate([beta, delta]), rtol=1e-6, atol=1e-9)
    likelihood = -0.5 * (
        np.linalg.slogdet(covariance)[1]
        + np.linalg.slogdet(information)[1]
        + residual @ inverse @ residual
    )
    assert found.likelihood == pytest.approx(likelihood, rel=1e-9)
    precision = found.root @ found.root.T
    of_fixed = np.linalg.inv(precision)[: len(beta), : len(beta)]
    np.testing.assert_allclose(of_fixed, np.linalg.inv(information), rtol=1e-5, atol=1e-12)


@pytest.mark.slow
def test_the_total_is_found_and_its_error_is_honest() -> None:
    ratios, distances = [], []
    for seed in range(20):
        case = made(seed, drift=0.02)
        effects = brand_panel.measure(case.market)
        error = effects.covariance.sum() ** 0.5
        ratios.append(effects.orders.sum() / case.incremental)
        distances.append((effects.orders.sum() - case.incremental) / error)
    assert np.mean(ratios) == pytest.approx(1, abs=0.1)
    # The root mean square of twenty standard normal values is below 1.4 in 999 of 1,000 cases.
    assert np.sqrt(np.mean(np.square(distances))) < 1.5


def tables(case: Made) -> dict[str, pd.DataFrame]:
    """The tables that the models hand over; an order is worth 500, a campaign's base 1,000."""
    brands, weeks = case.market.orders.shape
    names = [f"B{number}" for number in range(brands)]
    first = pd.Timestamp("2025-01-06")
    brand_weeks = pd.DataFrame(
        {
            "brand": np.repeat(names, weeks),
            "week": np.tile(np.arange(weeks), brands),
            "orders": case.market.orders.ravel(),
            "revenue": 500 * case.market.orders.ravel(),
        }
    )
    days = pd.DataFrame(
        {
            "date_day": first + pd.to_timedelta(np.arange(7 * weeks), unit="D"),
            "week": case.market.week,
        }
    )
    group, day = np.nonzero(case.market.media_value)
    media_values = pd.DataFrame(
        {
            "date_day": days.date_day.to_numpy()[day],
            "campaign_id": [f"C{number:02}" for number in group],
            "brand": [names[case.market.brand[number]] for number in group],
            "media_value": case.market.media_value[group, day],
        }
    )
    campaigns = pd.DataFrame(
        {
            "campaign_id": [f"C{number:02}" for number in range(len(case.effect))],
            "factor_of": "attributed revenue",
            "factor_base": 1000.0,
            "reach_counted": 1.0,
        }
    )
    return {
        "brand_weeks": brand_weeks,
        "days": days,
        "media_values": media_values,
        "campaigns": campaigns,
        "experiments": pd.DataFrame({"factor_of": pd.Series([], dtype=object)}),
    }


def factor_of(**given: pd.DataFrame) -> pd.DataFrame:
    return measure_shop(**given, none_member=NONE)


def test_the_factor_is_incremental_revenue_over_what_it_multiplies() -> None:
    case = made(seed=2)
    given = tables(case)
    [row] = factor_of(**given).to_dict("records")
    effects = brand_panel.measure(case.market)
    base = 1000 * len(case.effect)
    revenue = 500 * effects.orders.sum()
    bare = 500 * effects.covariance.sum() ** 0.5
    assert row["factor_of"] == "attributed revenue"
    assert row["campaigns"] == len(case.effect)
    assert row["factor"] == pytest.approx(revenue / base, rel=1e-9)
    assert row["factor_se"] == pytest.approx(np.hypot(bare, MODEL_ERROR * revenue) / base)
    assert row["factor_per_percent"] == pytest.approx(5 * effects.attention.sum() / base, rel=1e-9)
    # Where only half of the reach counts, what counts of it is worth twice as much.
    given["campaigns"] = given["campaigns"].assign(reach_counted=0.5)
    [half] = factor_of(**given).to_dict("records")
    assert half["factor"] == pytest.approx(2 * row["factor"])


def test_demand_that_budgets_follow_is_taken_for_an_effect() -> None:
    case = made(seed=3)
    [before] = factor_of(**tables(case)).to_dict("records")
    higher = case.market.orders.copy()
    work = brand_panel.attention(case.market, 5.0, 1.0)
    for group, brand in enumerate(case.market.brand):
        higher[brand] += 0.05 * case.expected[brand] * work[group]
    [after] = factor_of(
        **tables(replace(case, market=replace(case.market, orders=higher)))
    ).to_dict("records")
    gained = after["factor"] - before["factor"]
    assert gained == pytest.approx(5 * before["factor_per_percent"], rel=0.2)


def test_work_outside_campaigns_is_told_apart_and_not_counted() -> None:
    case = made(seed=5)
    given = tables(case)
    is_last = given["media_values"].campaign_id == "C11"
    given["media_values"].loc[is_last, "campaign_id"] = NONE
    given["campaigns"] = given["campaigns"].replace({"campaign_id": {"C11": NONE}})
    [row] = factor_of(**given).to_dict("records")
    effects = brand_panel.measure(case.market)
    # C11 is now the group (none) of its brand, the first by name.
    expected = 500 * effects.orders[:11].sum() / 11_000
    assert row["campaigns"] == 11
    assert row["factor"] == pytest.approx(expected, rel=1e-3)  # as variances are found


NOTHING = {
    "three experiments": {
        "experiments": pd.DataFrame({"factor_of": ["attributed revenue"] * 3}),
    },
    "no campaign": {
        "campaigns": pd.DataFrame(
            columns=["campaign_id", "factor_of", "factor_base", "reach_counted"]
        ),
    },
    "no posts": {
        "media_values": pd.DataFrame(
            {
                "date_day": pd.Series([], dtype="datetime64[us]"),
                "campaign_id": pd.Series([], dtype=object),
                "brand": pd.Series([], dtype=object),
                "media_value": pd.Series([], dtype=float),
            }
        ),
    },
    "no orders": {
        "brand_weeks": pd.DataFrame(
            {
                "brand": pd.Series([], dtype=object),
                "week": pd.Series([], dtype=int),
                "orders": pd.Series([], dtype=float),
                "revenue": pd.Series([], dtype=float),
            }
        ),
    },
}


@pytest.mark.parametrize("missing", NOTHING)
def test_nothing_is_said_without(missing: str) -> None:
    assert factor_of(**tables(made()) | NOTHING[missing]).empty


def test_nothing_is_said_with_one_brand_few_weeks_or_few_orders() -> None:
    given = tables(made())
    weekly = given["brand_weeks"]
    assert factor_of(**given | {"brand_weeks": weekly[weekly.brand == "B0"]}).empty
    assert factor_of(**given | {"brand_weeks": weekly[weekly.week < 20]}).empty
    assert factor_of(**given | {"brand_weeks": weekly.assign(orders=weekly.orders // 1000)}).empty


def test_two_experiments_are_not_enough_and_media_value_is_apart() -> None:
    given = tables(made())
    campaigns = given["campaigns"]
    campaigns.loc[:5, "factor_of"] = "media value"
    given["experiments"] = pd.DataFrame(
        {"factor_of": ["attributed revenue"] * 3 + ["media value"] * 2}
    )
    [row] = factor_of(**given).to_dict("records")
    assert row["factor_of"] == "media value"
    assert row["campaigns"] == 6


NATIONAL = ("--world", "national", "--seed", "5", "--influencers", "80", "--orders", "150000")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Build:
    folder = tmp_path_factory.mktemp("national")
    build = build_marts(
        *("fct_incrementality_factors", "rpt_influencer_performance"),
        raw=simulate(folder / "raw", *NATIONAL),
        warehouse=folder / "warehouse",
    )
    assert build.returncode == 0, build.output
    return build


@pytest.mark.build
def test_a_national_shop_has_one_factor_and_no_verdict_beyond_likely(shop: Build) -> None:
    [(factor, error, per_percent, campaigns)] = shop.query(
        "select factor, factor_se, factor_per_percent, campaigns"
        " from incrementality.inc_brand_panel"
    )
    assert campaigns > 20
    assert error > MODEL_ERROR * factor > 0
    assert per_percent > 0
    rows = shop.query(
        "select distinct basis, factor, factor_per_percent from marts.fct_incrementality_factors"
    )
    assert sorted(row[0] for row in rows) == ["observational", "outside campaigns"]
    for basis, own, own_per_percent in rows:
        worth = 0.6 if basis == "outside campaigns" else 1.0
        assert own == pytest.approx(worth * factor)
        assert own_per_percent == pytest.approx(worth * per_percent)
    verdicts = shop.query(
        "select verdict, reason_code, is_observational, count(*)"
        " from marts.rpt_influencer_performance where spend > 0 group by all"
    )
    assert {row[0] for row in verdicts} <= {"inconclusive", "not measurable"}
    assert {"likely_profitable", "likely_unprofitable"} <= {row[1] for row in verdicts}


@pytest.mark.build
def test_how_far_campaigns_differ_has_its_prior(shop: Build) -> None:
    rows = shop.query(
        "select tau, weight, mean_factor from incrementality.inc_factor_spread order by step"
    )
    tau, weight, mean = np.array(rows).T
    [(factor,)] = shop.query("select factor from incrementality.inc_brand_panel")
    np.testing.assert_allclose(mean, factor)
    density = stats.rayleigh.pdf(tau, scale=0.3 * factor)
    np.testing.assert_allclose(weight, density / density.sum(), rtol=1e-9)


@pytest.mark.build
def test_the_model_reads_weeks_posts_and_campaigns(shop: Build) -> None:
    """The tables that the estimator gets, made from the panel by pandas."""

    def frame(sql: str, *columns: str) -> pd.DataFrame:
        return pd.DataFrame(shop.query(sql), columns=list(columns))

    orders = frame(
        "select brand, date_day, orders::double, revenue::double from panel.panel_orders"
        f" where brand <> '{NONE}'",
        *("brand", "date_day", "orders", "revenue"),
    )
    orders["date_day"] = pd.to_datetime(orders.date_day)
    first, last = orders.date_day.min(), orders.date_day.max()
    dates = pd.date_range(first, last)
    weeks = len(dates) // 7
    number = np.minimum(np.arange(len(dates)) // 7, weeks - 1)
    days = pd.DataFrame({"date_day": dates, "week": number})
    brand_weeks = (
        orders.merge(days, on="date_day")
        .groupby(["brand", "week"], as_index=False)[["orders", "revenue"]]
        .sum()
    )
    media_values = frame(
        "select date_day, campaign_id, brand, media_value from incrementality.inc_media_value",
        *("date_day", "campaign_id", "brand", "media_value"),
    )
    media_values["date_day"] = pd.to_datetime(media_values.date_day)
    campaigns = frame(
        "select campaign_id, sum(revenue)::double from panel.panel_orders"
        " where channel = 'influencer' group by all having sum(revenue) > 0",
        *("campaign_id", "factor_base"),
    ).assign(factor_of="attributed revenue", reach_counted=1.0)
    [row] = measure_shop(
        brand_weeks,
        days,
        media_values,
        campaigns,
        pd.DataFrame({"factor_of": pd.Series([], dtype=object)}),
        NONE,
    ).to_dict("records")
    [found] = shop.query("select factor, factor_se from incrementality.inc_brand_panel")
    assert found == pytest.approx((row["factor"], row["factor_se"]), rel=1e-6)
