"""Factors, influencers and personas of the default world, from its published experiments.

Independent of the models in method: the posterior of the factors is that of the joint normal
distribution of all campaigns, by matrices and on a grid ten times as fine; the error of a selection
is that of direct draws.
"""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats

from tests.python.support import PROJECT, Build

Floats = NDArray[np.float64]
NONE = "(none)"
LEVEL = 0.9
DRAWS = 40_000


@dataclass(frozen=True)
class Factors:
    """Posterior of the campaigns' factors, in the order of `campaigns.index`."""

    campaigns: pd.DataFrame
    mean: Floats
    shared: Floats
    own: Floats
    mean_tau_squared: float
    typical: float


def frame(build: Build, sql: str) -> pd.DataFrame:
    described = build.query(f"describe {sql}")
    return pd.DataFrame(build.query(sql), columns=[name for name, *_ in described])


@pytest.fixture(scope="module")
def days(default_build: Build) -> pd.DataFrame:
    return frame(
        default_build,
        "select date_day, influencer_id, campaign_id,"
        " attributed_revenue::double as attributed_revenue, spend::double as spend,"
        " orders, incremental_revenue, incremental_se_shared,"
        " incremental_se_campaign, incremental_se_influencer from marts.fct_influencer_days",
    )


@pytest.fixture(scope="module")
def factors(default_build: Build, days: pd.DataFrame) -> Factors:
    days = days.copy()
    ends = frame(
        default_build, "select campaign_id, end_date, cooldown_days from marts.dim_campaigns"
    ).set_index("campaign_id")
    cooldown_ends = pd.to_datetime(ends.end_date) + pd.to_timedelta(ends.cooldown_days, "D")
    is_late = pd.to_datetime(days.date_day) > days.campaign_id.map(cooldown_ends)
    days["until_cooldown"] = days.attributed_revenue.where(~is_late, 0)
    campaigns = days.groupby("campaign_id")[
        ["attributed_revenue", "until_cooldown", "orders", "spend"]
    ].sum()
    campaigns = campaigns[campaigns.attributed_revenue > 0]
    campaigns = campaigns.join(experiments(default_build))
    usual = campaigns.drop(index=NONE)
    usual_revenue = usual.attributed_revenue.sum() / usual.spend.sum() * campaigns.spend
    campaigns["r"] = (usual_revenue / campaigns.attributed_revenue).clip(0.5, 16)
    campaigns.loc[campaigns.spend == 0, "r"] = 1
    campaigns.loc[NONE, "r"] = 1
    [(after, after_se)] = default_build.query(
        "select distinct after_share, after_share_se from marts.fct_incrementality_factors"
        " where after_share is not null"
    )
    return carried(posterior(campaigns), after, after_se)


def experiments(build: Build) -> pd.DataFrame:
    """Factor f and error s of every campaign whose default method measured it."""
    rows = frame(
        build,
        "select campaign_id, method, is_default, verdict, incremental_revenue, ci_low, ci_high"
        " from marts.fct_incremental_roas join marts.dim_experiments using (experiment_id)",
    )
    attributed = rows[rows.method == "attributed"].set_index("campaign_id").incremental_revenue
    measured = rows[rows.is_default & (rows.verdict != "not measurable")].set_index("campaign_id")
    se = (measured.ci_high - measured.ci_low) / 2 / stats.norm.ppf((1 + LEVEL) / 2)
    found = pd.DataFrame({"f": measured.incremental_revenue / attributed, "s": se / attributed})
    return found.replace(np.inf, np.nan).dropna()


def posterior(campaigns: pd.DataFrame) -> Factors:
    """Best linear prediction of theta from f under theta ~ N(mu 1, tau^2 R), mu flat, over tau."""
    has_own = campaigns.f.notna().to_numpy()
    f, s = campaigns.f[has_own].to_numpy(float), campaigns.s[has_own].to_numpy(float)
    r = campaigns.r.to_numpy(float)
    typical = max(abs(np.average(f, weights=s**-2)), 0.25)
    counts = 2 * typical**2 / campaigns.orders.to_numpy(float)
    ones = np.ones(len(f))
    mode = 0.6 * typical
    taus = (np.arange(2000) + 0.5) / 2000 * 4 * mode
    weights, means, shared, own = [], [], [], []
    for tau in taus:
        differ = tau**2 * r + counts
        inverse = np.linalg.inv(np.diag(s**2 + differ[has_own]))
        information = ones @ inverse @ ones
        mu = ones @ inverse @ f / information
        residual = f - mu
        # Restricted likelihood: mu is integrated over a flat prior.
        log_likelihood = (
            np.linalg.slogdet(inverse)[1] - np.log(information) - residual @ inverse @ residual
        ) / 2
        weights.append(log_likelihood + np.log(tau) - tau**2 / (2 * mode**2))
        gain = np.zeros((len(r), len(f)))
        gain[has_own] = np.diag(differ[has_own]) @ inverse
        means.append(mu + gain @ residual)
        sensitivity = 1 - gain @ ones  # of the prediction to mu
        shared.append(sensitivity**2 / information)
        given_mu = np.diag(differ) - gain @ np.diag(differ)[has_own]
        own.append(np.diag(given_mu))
    weight = np.exp(np.array(weights) - max(weights))
    weight /= weight.sum()
    mean = weight @ np.array(means)
    of_tau = weight @ (np.array(means) - mean) ** 2
    shared_variance, own_variance = weight @ np.array(shared), weight @ np.array(own)
    return Factors(
        campaigns,
        mean,
        np.sqrt(shared_variance + np.where(has_own, 0, of_tau)),
        np.sqrt(own_variance + np.where(has_own, of_tau, 0)),
        float(weight @ taus**2),
        typical,
    )


def carried(factors: Factors, after: float, after_se: float) -> Factors:
    """Factors of all attributed revenue, from those of revenue until the cooldown."""
    is_outside = factors.campaigns.index == NONE
    until = (factors.campaigns.until_cooldown / factors.campaigns.attributed_revenue).to_numpy()
    worth = np.where(is_outside, 0.6, until * (1 + after))
    own = np.sqrt(factors.own**2 + (0.14 * factors.typical) ** 2)
    late = np.where(is_outside, 0, until * factors.mean * after_se)
    return Factors(
        factors.campaigns.assign(worth=worth),
        worth * factors.mean,
        np.hypot(worth * factors.shared, late),
        np.where(is_outside, 0.4 * factors.mean, worth * own),
        factors.mean_tau_squared,
        factors.typical,
    )


def test_factors_are_the_posterior_of_the_joint_distribution(
    default_build: Build, factors: Factors
) -> None:
    published = frame(default_build, "select * from marts.fct_incrementality_factors").set_index(
        "campaign_id"
    )
    assert sorted(published.index) == sorted(factors.campaigns.index)
    published = published.loc[factors.campaigns.index]
    assert factors.campaigns.f.count() >= 15  # the world has enough experiments to try this on
    own = factors.campaigns.f.notna()
    bases = np.where(own, "own experiment", "pooled")
    assert (published.basis == np.where(own.index == NONE, "outside campaigns", bases)).all()
    exact = {"experiment_factor": factors.campaigns.f, "experiment_se": factors.campaigns.s}
    for column, expected in exact.items():
        np.testing.assert_allclose(published[column].astype(float), expected, rtol=1e-9)
    # The models' grid is ten times as coarse.
    integrated = {
        "factor": factors.mean,
        "factor_se_shared": factors.shared,
        "factor_se_campaign": factors.own,
    }
    for column, values in integrated.items():
        np.testing.assert_allclose(published[column].astype(float), values, rtol=2e-3)


def test_influencers_have_their_part_of_the_campaign(days: pd.DataFrame, factors: Factors) -> None:
    sums = days.groupby(["campaign_id", "influencer_id"])[
        ["attributed_revenue", "orders", "incremental_revenue", "incremental_se_influencer"]
    ].sum(min_count=1)
    measured = sums[sums.attributed_revenue > 0]
    assert sums[sums.attributed_revenue <= 0].incremental_revenue.isna().all()
    share = measured.attributed_revenue / measured.groupby(
        "campaign_id"
    ).attributed_revenue.transform("sum")
    squares = (share**2).groupby("campaign_id").sum()
    variance = 0.6 * factors.mean_tau_squared / squares.drop(NONE).mean()
    spread = 1 - 2 * share + squares.reindex(share.index, level="campaign_id")
    worth = factors.campaigns.worth.reindex(share.index, level="campaign_id")
    counts = 2 * factors.typical**2 / measured.orders.astype(float)
    expected = (
        measured.attributed_revenue * worth * np.sqrt(variance * spread.clip(lower=0) + counts)
    )
    np.testing.assert_allclose(
        measured.incremental_se_influencer.astype(float), expected, rtol=2e-3, atol=1
    )
    campaign = measured.incremental_revenue.groupby("campaign_id").sum()
    parts = pd.Series(factors.mean, factors.campaigns.index) * factors.campaigns.attributed_revenue
    np.testing.assert_allclose(campaign, parts.reindex(campaign.index), rtol=2e-3)


@pytest.mark.parametrize(
    ("report", "key"),
    [("rpt_influencer_performance", "influencer_id"), ("rpt_persona_performance", "persona")],
)
def test_errors_of_any_selection_are_those_of_direct_draws(
    report: str, key: str, default_build: Build, days: pd.DataFrame
) -> None:
    members = frame(default_build, "select influencer_id, persona from marts.dim_influencers")
    rows = days.merge(members, on="influencer_id").dropna(subset="incremental_revenue")
    published = frame(
        default_build,
        f"select {key}, incremental_revenue, incremental_revenue_se, incremental_revenue_low,"
        " iroas, iroas_high, prob_profitable, spend_measured_share, break_even"
        f" from marts.{report}"
        " where incremental_revenue is not null",
    ).set_index(key)
    rng = np.random.default_rng(5)
    codes = {
        "shared": np.zeros(len(rows), dtype=int),
        "campaign": rows.campaign_id.factorize()[0],
        "influencer": (rows.campaign_id + rows.influencer_id).factorize()[0],
    }
    selection, names = rows[key].factorize()
    total = np.zeros((len(names), DRAWS))
    for part, code in codes.items():
        luck = rng.standard_normal((code.max() + 1, DRAWS), dtype=np.float32)
        exposure = np.zeros((len(names), code.max() + 1))
        np.add.at(exposure, (selection, code), rows[f"incremental_se_{part}"].astype(float))
        total += exposure @ luck
    drawn = pd.Series(total.std(axis=1), names)
    assert sorted(published.index) == sorted(names)
    # The standard deviation of so many draws is known to a third of a per cent.
    np.testing.assert_allclose(
        published.incremental_revenue_se.reindex(names).astype(float), drawn, rtol=0.02
    )
    sums = rows.groupby(key)[["incremental_revenue", "spend"]].sum().loc[published.index]
    np.testing.assert_allclose(
        published.incremental_revenue.astype(float), sums.incremental_revenue
    )
    # A return over less than half of the spend would leave most of it out.
    spent = published.spend_measured_share >= 0.5
    z = stats.norm.ppf((1 + LEVEL) / 2)
    low = published.incremental_revenue - z * published.incremental_revenue_se
    np.testing.assert_allclose(published.incremental_revenue_low.astype(float), low.astype(float))
    iroas = (published.incremental_revenue / sums.spend)[spent].astype(float)
    error = (published.incremental_revenue_se / sums.spend)[spent].astype(float)
    np.testing.assert_allclose(published.iroas[spent].astype(float), iroas)
    np.testing.assert_allclose(published.iroas_high[spent].astype(float), iroas + z * error)
    np.testing.assert_allclose(
        published.prob_profitable[spent].astype(float),
        stats.norm.sf(published.break_even[spent], loc=iroas, scale=error),
        atol=1e-12,
    )


def test_the_query_for_bi_tools_adds_up_errors_rightly(
    default_build: Build, days: pd.DataFrame
) -> None:
    page = (PROJECT / "docs" / "connect-bi.md").read_text(encoding="utf-8")
    [query] = [
        sql
        for sql in re.findall(r"```sql\n(.*?)```", page, re.DOTALL)
        if "iroas_low" in sql and "marts.performance(" in sql
    ]
    [first_day] = re.findall(r"date '([\d-]+)'", query)
    every = days[pd.to_datetime(days.date_day) >= first_day]
    rows = every.dropna(subset="incremental_revenue")
    parts = ["incremental_se_shared", "incremental_se_campaign", "incremental_se_influencer"]
    by_campaign = rows.groupby(["influencer_id", "campaign_id"])[parts].sum()
    squares = (by_campaign**2).groupby("influencer_id").sum()
    shared = by_campaign.incremental_se_shared.groupby("influencer_id").sum()
    error = np.sqrt(shared**2 + squares.incremental_se_campaign + squares.incremental_se_influencer)
    revenue = rows.groupby("influencer_id").incremental_revenue.sum()
    spend = rows.groupby("influencer_id").spend.sum().astype(float)
    expected = (revenue - stats.norm.ppf((1 + LEVEL) / 2) * error) / spend
    [columns] = re.findall(r"select (member, .*)\nfrom", query)
    place = columns.split(", ").index("iroas_low")
    found = {row[0]: row[place] for row in default_build.query(query.rstrip(" ;\n"))}
    of_all = every.groupby("influencer_id").spend.sum().astype(float).reindex(spend.index)
    measured = expected[(spend > 0) & (error > 0) & (spend >= of_all / 2)]
    assert len(measured) > 50
    for member, low in measured.items():
        assert found[member] == pytest.approx(low, rel=1e-9, abs=1e-9)
