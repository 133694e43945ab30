"""The simulated tables hang together, for any seed and size."""

from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulate import Settings, World, build_world, write_world
from simulate.catalogue import BRAND_NAMES, PRODUCTS, REGIONS, pick_by_row
from simulate.orders import demand_curve
from simulate.posts import plan_campaigns

world_of = cache(build_world)
USUAL = Settings()
small_settings = st.builds(
    Settings,
    seed=st.integers(0, 2**32),
    days=st.integers(7, 200),
    influencers=st.integers(1, 40),
    orders=st.integers(1, 400),
    start=st.none() | st.dates(date(2020, 1, 1), date(2030, 12, 31)),
)


def credited(world: World) -> pd.Series:
    """The influencer of each order line: its id, else the owner of its code, else missing."""
    orders, people = world.tracking_data, world.influencers
    owner = orders["coupon_code"].map(people.set_index("coupon_codes")["influencer_id"])
    return orders["influencer_id"].where(orders["influencer_id"] != "", owner)


def paise(rupees: pd.Series) -> pd.Series:
    whole = (rupees * 100).round()
    assert np.allclose(rupees * 100, whole, atol=1e-4), "more than two decimals"
    return whole.astype("int64")


@given(small_settings)
@settings(max_examples=25, deadline=None)
def test_any_world_hangs_together(chosen: Settings) -> None:
    world = world_of(chosen)
    people, posts = world.influencers, world.posts
    orders, payouts = world.tracking_data, world.payouts
    assert (len(people), len(orders)) == (chosen.influencers, chosen.orders)

    for table, key in [(people, "influencer_id"), (posts, "post_id"),
                       (orders, "transaction_id"), (payouts, "payout_id")]:  # fmt: skip
        assert table[key].is_unique
    assert people["coupon_codes"].is_unique and people["handle"].is_unique
    who = credited(world)
    is_led = orders["source"] == "influencer"
    assert who[is_led].isin(people["influencer_id"]).all()
    for table in (posts, payouts):
        assert table["influencer_id"].isin(people["influencer_id"]).all()
    assert orders["coupon_code"].isin([*people["coupon_codes"], ""]).all()
    assert (orders.loc[~is_led, ["campaign", "influencer_id", "coupon_code"]] == "").all(axis=None)

    # Orders and payouts belong to an influencer's posts of the same campaign and brand.
    taking_part = set(zip(posts["influencer_id"], posts["campaign"], posts["brand"], strict=True))
    led = orders[is_led]
    assert set(zip(who[is_led], led["campaign"], led["brand"], strict=True)) <= taking_part
    pairs = {part[:2] for part in taking_part}
    assert set(zip(payouts["influencer_id"], payouts["campaign"], strict=True)) <= pairs

    first, last = pd.Timestamp(chosen.first_day), pd.Timestamp(chosen.last_day)
    for dates in (posts["date"], orders["date"], payouts["event_date"]):
        assert dates.between(first, last).all()
    assert (people["joined_date"] < first).all()
    returned = orders["status"] == "returned"
    assert (orders["returned_date"].notna() == returned).all()
    assert orders.loc[returned, "returned_date"].gt(orders.loc[returned, "date"]).all()
    assert (orders.loc[returned, "returned_date"] <= last).all()
    assert (payouts["due_date"] > payouts["event_date"]).all()
    assert (payouts["paid_date"].notna() == (payouts["status"] == "paid")).all()
    assert (payouts.loc[payouts["status"] == "accrued", "due_date"] > last).all()
    assert (payouts.loc[payouts["status"] == "due", "due_date"] <= last).all()

    assert (paise(orders["revenue"]) > 0).all() and (paise(orders["discount"]) >= 0).all()
    for column in ("rate", "total_payout", "product_cost"):
        assert (paise(payouts[column]) >= 0).all()
    assert (posts["impressions"] >= posts["reach"]).all()
    assert (posts["clicks"] <= posts["reach"]).all() and (posts["likes"] <= posts["reach"]).all()
    new = orders[orders["is_new_customer"] == "true"]
    assert (new.index == orders.drop_duplicates("user_id").index.intersection(new.index)).all()
    assert orders.groupby("user_id")["region"].nunique().max() == 1


@given(small_settings)
@settings(max_examples=25, deadline=None)
def test_posts_lie_inside_their_campaign_and_campaigns_of_a_brand_do_not_overlap(
    chosen: Settings,
) -> None:
    stream = np.random.SeedSequence(chosen.seed).spawn(4)[1]
    plan = plan_campaigns(chosen, np.random.default_rng(stream)).set_index("campaign")
    assert plan.index.is_unique
    assert (plan["length"].between(21, 35) | (plan["length"] == chosen.days)).all()
    assert (plan["start"] + plan["length"]).le(chosen.days).all()
    by_brand = plan.sort_values(["brand", "start"])
    next_start = by_brand.groupby("brand")["start"].shift(-1)
    assert (next_start.isna() | (by_brand["start"] + by_brand["length"] <= next_start)).all()

    posts = world_of(chosen).posts
    own = plan.loc[posts["campaign"]].reset_index(drop=True)
    day = (posts["date"] - pd.Timestamp(chosen.first_day)).dt.days
    assert (day >= own["start"]).all() and (day < own["start"] + own["length"]).all()
    assert (posts["brand"] == BRAND_NAMES[own["brand"]]).all()


def test_the_campaigns_are_the_same_whatever_the_number_of_orders() -> None:
    few = build_world(Settings(orders=500))
    for table in ("influencers", "posts"):
        pd.testing.assert_frame_equal(getattr(few, table), getattr(world_of(USUAL), table))


def test_influencer_orders_follow_a_post_within_thirty_days_and_fade() -> None:
    world = world_of(USUAL)
    led = world.tracking_data.assign(influencer_id=credited(world)).dropna(subset="influencer_id")
    pairs = led.merge(world.posts, on=["influencer_id", "campaign"], suffixes=("", "_post"))
    pairs["wait"] = (pairs["date"] - pairs["date_post"]).dt.days
    shortest = pairs[pairs["wait"] >= 0].groupby("transaction_id")["wait"].min()
    assert len(shortest) == len(led)
    assert shortest.max() < 30
    assert shortest.lt(5).mean() > shortest.between(5, 9).mean() > shortest.between(10, 14).mean()


@pytest.mark.parametrize("seed", [1, 7, 42])
def test_rate_times_units_is_the_payout_but_for_a_few_overpaid_lines(seed: int) -> None:
    world = world_of(Settings(seed=seed))
    lines, deal = world.payouts, ["influencer_id", "campaign"]
    orders = world.tracking_data.assign(influencer_id=credited(world))
    orders = orders[(orders["source"] == "influencer") & (orders["status"] == "delivered")]
    sold = orders.assign(revenue=paise(orders["revenue"])).groupby(deal)
    lines = lines.join(sold["revenue"].sum(), on=deal).join(sold.size().rename("sold"), on=deal)
    lines = lines.join(world.posts.groupby(deal).size().rename("posted"), on=deal)
    rate, basis = paise(lines["rate"]), lines["basis"]
    expected = pd.Series(0, index=lines.index)
    expected[basis == "post"] = rate * lines["posted"]
    expected[basis == "order"] = rate * lines["sold"]
    expected[basis == "revenue share"] = (rate * lines["revenue"] + 5_000) // 10_000
    expected[basis == "retainer"] = rate
    difference = paise(lines["total_payout"]) - expected
    assert (difference >= 0).all()
    assert (difference[basis.isin(["retainer", "gift"])] == 0).all()
    assert 0 < (difference > 0).mean() < 0.08
    assert lines.loc[basis == "post", "posts"].eq(lines["posted"]).all()
    assert lines["orders"].dropna().eq(lines["sold"].astype("Int64")).all()
    assert lines.loc[basis == "gift", "product_cost"].gt(0).all()


@pytest.mark.parametrize("seed", [1, 7, 42])
def test_the_usual_world_looks_plausible(seed: int) -> None:
    world = world_of(Settings(seed=seed))
    orders, payouts = world.tracking_data, world.payouts
    net = orders["revenue"].where(orders["status"] == "delivered", 0)
    attributed = net[orders["source"] == "influencer"].sum()
    kept = payouts[payouts["status"] != "reversed"]
    cost = kept["total_payout"] + kept["product_cost"]
    assert 2 < attributed / cost.sum() < 3.5
    spend = cost.groupby(kept["influencer_id"]).sum()
    roas = net.groupby(credited(world)).sum().reindex(spend.index, fill_value=0) / spend
    assert roas.quantile(0.1) < 1 and 4 < roas.quantile(0.95) < 12
    organic = net[orders["source"].isin(["organic_search", "direct"])].sum()
    assert 3 < organic / attributed < 6
    tiers = pd.cut(world.influencers["follower_count"], [0, 1e4, 1e5, 5e5, 1e6, 1e9], right=False)
    assert (tiers.value_counts() > 0).all()
    only_code = orders["influencer_id"].eq("") & orders["coupon_code"].ne("")
    assert 0.1 < only_code.sum() / orders["source"].eq("influencer").sum() < 0.3


def test_demand_has_weekends_growth_and_sales() -> None:
    year = Settings(days=365, start=date(2026, 1, 1))
    demand = pd.Series(demand_curve(year), index=pd.date_range(year.first_day, periods=365))
    assert demand.sum() == pytest.approx(1)
    assert demand["2026-03-01"] > demand["2026-03-03"]  # Sunday, Tuesday
    assert demand["2026-12-07"] / demand["2026-03-02"] == pytest.approx(1.15 ** (280 / 365))
    assert demand["2026-11-02"] > 1.5 * demand["2026-12-07"]  # Mondays, in and after Diwali season


def test_draws_by_row_keep_to_the_shares_of_the_row() -> None:
    shares = np.array([[0.0, 0.25, 0.75], [1.0, 0.0, 0.0]])
    drawn = pick_by_row(shares, np.repeat([0, 1], 4_000), np.random.default_rng(0))
    assert (drawn[4_000:] == 0).all()
    shares_drawn = np.bincount(drawn[:4_000], minlength=3) / 4_000
    assert shares_drawn == pytest.approx([0, 0.25, 0.75], abs=0.03)


def test_shares_of_the_catalogue_sum_to_a_hundred() -> None:
    assert PRODUCTS["share"].sum() == 100
    assert REGIONS["share"].sum() == 100
    assert set(PRODUCTS["brand"]) == set(BRAND_NAMES)


def test_files_read_back_as_they_were(tmp_path: Path) -> None:
    world = world_of(Settings(orders=300, influencers=20))
    write_world(world, tmp_path)
    orders = pd.read_csv(tmp_path / "tracking_data.csv", dtype=str, keep_default_na=False)
    assert orders["revenue"].str.fullmatch(r"\d+\.\d\d").all()
    assert orders["date"].str.fullmatch(r"\d{4}-\d\d-\d\d").all()
    assert set(orders["is_new_customer"]) == {"true", "false"}
    posts = pd.read_csv(tmp_path / "posts.csv", dtype=str, keep_default_na=False)
    assert posts["saves"].str.fullmatch(r"\d*").all()
    assert b"\r" not in (tmp_path / "posts.csv").read_bytes()
    for name in ("influencers", "posts", "tracking_data", "payouts"):
        table = getattr(world, name)
        assert list(pd.read_csv(tmp_path / f"{name}.csv")) == list(table)


@pytest.mark.parametrize(
    ("field", "value"),
    [("seed", -1), ("days", 6), ("days", 3_661), ("influencers", 0), ("orders", 0),
     ("start", date(1999, 12, 31)), ("start", date(2100, 1, 1))],
)  # fmt: skip
def test_settings_out_of_range_say_so_in_one_line(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=rf"^{field} must be from .* to .*, got {value}$"):
        Settings(**{field: value})  # type: ignore[arg-type]


def test_the_usual_period_ends_on_a_fixed_day() -> None:
    assert (USUAL.first_day, USUAL.last_day) == (date(2026, 4, 4), date(2026, 9, 30))
    assert Settings(days=10, start=date(2026, 1, 1)).last_day == date(2026, 1, 10)
