"""A shop whose buyers use no codes: media value and its factors, against numpy.

Media value is by `numpy.polyfit` on logarithms, factors by the joint normal distribution as in
`test_incrementality_factors`.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.python.models.test_incrementality_factors import (
    LEVEL,
    NONE,
    carried,
    frame,
    posterior,
)
from tests.python.support import Build, build_marts, simulate

pytestmark = pytest.mark.build
WORLD = ("--world", "no-codes", "--seed", "11", "--influencers", "80", "--orders", "150000")
PAIR = ["campaign_id", "influencer_id"]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Build:
    folder = tmp_path_factory.mktemp("no_codes")
    build = build_marts(
        *("fct_influencer_days", "fct_incrementality_factors"),
        *("fct_incremental_roas", "dim_experiments"),
        raw=simulate(folder / "raw", *WORLD),
        warehouse=folder / "warehouse",
    )
    assert build.returncode == 0, build.output
    return build


@pytest.fixture(scope="module")
def media_value(shop: Build) -> pd.DataFrame:
    """Campaign, influencer and the media value of their posts."""
    posts = frame(
        shop,
        "select campaign_id, influencer_id, date_day, reach::double as reach,"
        " posts::double as posts from panel.panel_posts where reach > 0",
    )
    spend = frame(
        shop,
        "select campaign_id, influencer_id, sum(spend)::double as spend"
        " from panel.panel_spend group by all having sum(spend) > 0",
    )
    pairs = posts.groupby(PAIR)[["reach", "posts"]].sum().reset_index().merge(spend, on=PAIR)
    pairs = pairs[pairs.campaign_id != NONE]
    assert len(pairs) > 100
    reach, price = pairs.reach / pairs.posts, pairs.spend / pairs.posts
    elasticity = np.polyfit(np.log(reach), np.log(price), 1)[0]
    assert 0.3 < elasticity < 1
    posts["media_value"] = posts.posts * (posts.reach / posts.posts) ** elasticity
    priced = posts.merge(pairs[PAIR], on=PAIR).media_value.sum()
    posts["media_value"] *= pairs.spend.sum() / priced
    return posts.groupby(PAIR).media_value.sum().reset_index()


def test_media_value_is_the_usual_price_of_a_post(shop: Build, media_value: pd.DataFrame) -> None:
    found = frame(
        shop,
        "select campaign_id, influencer_id, sum(media_value) as found"
        " from incrementality.inc_media_value group by all",
    )
    both = media_value.merge(found, on=PAIR, how="outer")
    np.testing.assert_allclose(both.found, both.media_value, rtol=1e-9)


@pytest.fixture(scope="module")
def share_of_orders(shop: Build) -> pd.Series:
    """Of its brand, in the regions where a campaign runs that does not run everywhere."""
    orders = frame(
        shop,
        "select brand, region, sum(orders)::double as orders from panel.panel_orders"
        f" where region <> '{NONE}' group by all",
    )
    places = frame(shop, "select campaign_id, brand, region from panel.panel_campaign_regions")
    there = places.merge(orders, on=["brand", "region"]).groupby(["campaign_id", "brand"])
    sold = there.orders.sum().reset_index("brand")
    return sold.orders / sold.brand.map(orders.groupby("brand").orders.sum())


def test_factors_are_the_posterior_of_revenue_over_media_value(
    shop: Build, media_value: pd.DataFrame, share_of_orders: pd.Series
) -> None:
    published = frame(shop, "select * from marts.fct_incrementality_factors").set_index(
        "campaign_id"
    )
    assert set(published.factor_of) == {"media value"}
    base = media_value.groupby("campaign_id").media_value.sum()
    np.testing.assert_allclose(published.factor_base.reindex(base.index), base, rtol=1e-9)
    measured = frame(
        shop,
        "select campaign_id, incremental_revenue, ci_low, ci_high"
        " from marts.fct_incremental_roas join marts.dim_experiments using (experiment_id)"
        " where is_default and verdict <> 'not measurable'",
    ).set_index("campaign_id")
    assert len(measured) >= 10
    se = (measured.ci_high - measured.ci_low) / 2 / stats.norm.ppf((1 + LEVEL) / 2)
    share = share_of_orders.reindex(base.index).fillna(1.0)
    assert share[measured.index].between(0.05, 0.7).all()
    reach = np.sqrt(share)
    counted = (base * reach).reindex(measured.index)
    campaigns = pd.DataFrame(
        {
            "attributed_revenue": base,
            "until_cooldown": base,
            "orders": np.inf,
            "r": 1.0,
            "f": measured.incremental_revenue / counted,
            "s": se / counted,
        },
        index=base.index,
    )
    [(after, after_se)] = shop.query(
        "select distinct after_share, after_share_se from marts.fct_incrementality_factors"
        " where after_share is not null"
    )
    expected = carried(posterior(campaigns), after, after_se)
    found = published.reindex(base.index)
    own = campaigns.f.notna()
    # How much less, or more, of the reach counts elsewhere is known to a quarter of the logarithm.
    apart = np.abs(np.log(share) - np.log(share[own]).mean()).where(~own, 0)
    shared = np.hypot(expected.shared, expected.mean * 0.25 * apart)
    np.testing.assert_allclose(found.factor.astype(float), expected.mean * reach, rtol=2e-3)
    np.testing.assert_allclose(found.factor_se_shared.astype(float), shared * reach, rtol=2e-3)
    np.testing.assert_allclose(
        found.factor_se_campaign.astype(float), expected.own * reach, rtol=2e-3
    )
    assert (found.basis[own] == "own experiment").all()
    assert (found.basis[~own].drop(NONE) == "pooled").all()


def test_everybody_who_posted_has_a_figure(shop: Build, media_value: pd.DataFrame) -> None:
    days = frame(
        shop,
        "select campaign_id, influencer_id, count(*) as days, sum(reach) as reach,"
        " count(incremental_revenue) as shown, sum(orders) as orders,"
        " sum(incremental_revenue) as incremental_revenue"
        " from marts.fct_influencer_days group by all",
    )
    assert days.orders.sum() == 0
    posted = days[days.reach > 0]
    assert (posted.shown == posted.days).all()
    factors = frame(shop, "select campaign_id, factor from marts.fct_incrementality_factors")
    expected = media_value.merge(factors, on="campaign_id")
    both = posted.merge(expected, on=PAIR, how="outer")
    np.testing.assert_allclose(
        both.incremental_revenue.astype(float), both.media_value * both.factor, rtol=1e-9
    )
