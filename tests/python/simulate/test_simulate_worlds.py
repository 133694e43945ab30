"""What the named worlds promise: the default's design, and what each other world is for."""

from typing import Any

import numpy as np
import pytest

from simulate import World, load_settings
from simulate.plan import Kind
from simulate.settings import world_names
from tests.python.simulate.worlds import Files, Maker, assert_share, hashes, world_of

pytestmark = pytest.mark.slow

# All worlds in one small size, so that they differ in nothing but what they are for.
SMALL: dict[str, Any] = {
    "start": "2025-06-01", "days": 150, "orders": 30_000, "influencers": 60,
    "campaigns__per_year": 30.0, "campaigns__pretest_days": 14,
}  # fmt: skip


@pytest.fixture(scope="module")
def worlds(written: Maker) -> dict[str, Files]:
    return {name: written(name, 3, **SMALL) for name in world_names()}


def lifts(world: World) -> list[float]:
    """Incremental revenue over all revenue of each experiment, counted from the order lines."""
    lines = world.order_lines()
    for _ in lines.chunks():
        pass
    plan, revenue = world.plan, lines.sales.revenue
    sign = np.isin(plan.kind, (Kind.ATTRIBUTED, Kind.HALO)).astype(int) - (plan.kind == Kind.PULLED)
    campaign_of = np.append(world.posts.campaign, -1)[plan.post]
    found = []
    for number, campaign in enumerate(world.campaigns.plan):
        if not campaign.is_regional:
            continue
        last = campaign.start + campaign.days - 1 + campaign.cooldown_days
        inside = (plan.day >= campaign.start) & (plan.day <= last)
        inside &= (plan.brand == campaign.brand) & np.isin(plan.region, campaign.treated)
        sold = revenue[inside & (plan.kind != Kind.PULLED)].sum()
        mine = inside & (campaign_of == number)
        found.append(float((sign * revenue)[mine].sum() / sold))
    return found


@pytest.mark.parametrize("seed", [42, 1, 2])
def test_true_lifts_lie_between_nothing_and_forty_per_cent(seed: int, default: Files) -> None:
    found = lifts(world_of("default", seed))
    assert len(found) > 22
    assert min(found) >= -0.001 and max(found) <= 0.40
    assert 0 < sum(lift == 0 for lift in found) < len(found) / 2  # flops
    assert np.quantile(found, 0.25) < 0.10 < np.quantile(found, 0.90)  # weak and strong ones
    if seed == 42:
        truth = [
            float(caused / revenue)
            for revenue, caused in default.rows(
                "select revenue, incremental_revenue from truth.experiments order by campaign_id"
            )
        ]
        assert truth == pytest.approx(found)


def test_spend_and_earnings_of_the_default_world_are_plausible(default: Files) -> None:
    incremental, attributed, spend = default.row(
        "select incremental_revenue, attributed_revenue, spend from truth.portfolio"
    )
    revenue = default.value("select sum(net) from raw.books")
    assert 0.02 < spend / revenue < 0.06
    assert 0.5 < attributed / spend < 3
    assert 0.5 < incremental / spend < 4
    losing, winning = default.row(
        "select count(*) filter (iroas < 1), count(*) filter (iroas > 1) from truth.influencers"
    )
    assert losing > 20 and winning > 20


def test_every_world_can_be_made(worlds: dict[str, Files]) -> None:
    assert len(worlds) == 21
    for name, files in worlds.items():
        assert files.value("select count(*) from raw.tracking_data") > 25_000
        assert files.value("select count(*) from raw.posts") > 50
        experiments = files.value("select count(*) from truth.experiments")
        has_none = name.startswith("national") or name == "one-level"
        assert experiments == 0 if has_none else experiments > 3
        assert files.value("select value from truth.settings where setting = 'world'") == (
            f'"{name}"'
        )


def shares(files: Files) -> dict[str, tuple[int, int]]:
    """Hits and trials of what worlds are about."""
    halo, attributed, leaked, coupon = files.row(
        """
        select
            count(*) filter (kind = 'halo'), count(*) filter (kind = 'attributed'),
            count(*) filter (kind = 'leaked'), count(*) filter (kind = 'coupon'),
        from truth.orders
        """
    )
    outside, regional = files.row(
        """
        select count(*) filter (role is distinct from 'treatment'), count(*)
        from raw.tracking_data
        inner join truth.orders using (transaction_id)
        inner join truth.posts using (post_id)
        left join raw.campaign_regions using (campaign_id, region)
        where campaign_id in (select campaign_id from raw.campaign_regions)
        """
    )
    return {
        "halo": (halo, halo + attributed),
        "leak": (leaked, leaked + coupon),
        "spill": (outside, regional),
    }


def test_nothing_is_attributed_where_there_are_no_codes(worlds: dict[str, Files]) -> None:
    attributed, incremental = worlds["no-codes"].row(
        "select attributed_revenue, incremental_revenue from truth.portfolio"
    )
    assert attributed == 0 < incremental


@pytest.mark.parametrize(
    ("world", "what", "share"), [("halo", "halo", 0.80), ("spill-over", "spill", 0.25)]
)
def test_a_world_has_the_share_that_it_is_for(
    world: str, what: str, share: float, worlds: dict[str, Files]
) -> None:
    hits, trials = shares(worlds[world])[what]
    assert hits / trials == pytest.approx(share, abs=0.05)
    usual_hits, usual_trials = shares(worlds["default"])[what]
    # More than the default world by far more than chance can make.
    error = (0.25 / trials + 0.25 / usual_trials) ** 0.5
    assert hits / trials - usual_hits / usual_trials > 4 * error


def test_codes_leak_in_proportion_to_the_setting(worlds: dict[str, Files]) -> None:
    default, null, leaky = (
        shares(worlds[name])["leak"] for name in ("default", "null", "leaky-codes")
    )
    rates = [hits / trials for hits, trials in (default, null, leaky)]
    assert rates[0] < rates[1] < rates[2]
    # 0.06, 0.25 and 0.50 of the buyers with a coupon who saw a post.
    assert rates[2] / rates[1] == pytest.approx(0.50 / 0.25, rel=0.25)
    assert rates[1] / rates[0] == pytest.approx(0.25 / 0.06, rel=0.35)


def test_halo_and_leaks_leave_the_baseline_and_the_effect_as_they_are(
    worlds: dict[str, Files],
) -> None:
    """What an effect is does not depend on how it shows up."""
    query = "select sum(baseline_orders) from truth.region_days"
    effects = "select sum(incremental_orders) from truth.posts"
    default = worlds["default"]
    for name in ("halo", "leaky-codes"):
        assert worlds[name].value(query) == default.value(query)
        found, meant = worlds[name].value(effects), default.value(effects)
        assert abs(found - meant) <= 0.02 * meant  # pulls are drawn anew


def test_nothing_is_incremental_in_the_null_world(worlds: dict[str, Files]) -> None:
    null = worlds["null"]
    assert null.value("select count(*) from truth.orders where is_incremental") == 0
    assert null.value("select count(*) from truth.orders where post_id is not null") == 0
    for table in ("posts", "influencer_campaigns", "influencers", "personas", "campaigns",
                  "portfolio"):  # fmt: skip
        assert null.rows(
            f"select distinct incremental_orders, incremental_revenue from truth.{table}"
        ) == [(0, 0)]
    for table in ("influencers", "personas", "campaigns", "portfolio", "experiments"):
        rows = null.rows(f"select distinct iroas from truth.{table} where iroas is not null")
        assert rows == [(0.0,)]
    for table in ("experiments", "experiment_days"):
        columns = "incremental_revenue, spilled_into_control, spilled_elsewhere"
        assert null.rows(f"select distinct {columns} from truth.{table}") == [(0, 0, 0)]
    bad = null.value(
        "select count(*) from truth.region_days"
        " where incremental_revenue <> 0 or revenue <> baseline_revenue"
    )
    assert bad == 0
    assert null.value("select attributed_revenue from truth.portfolio") > 100_000
    assert null.value("select min(lift) = 0 and max(lift) = 0 from truth.experiments")


def test_campaigns_of_the_overlap_world_get_in_each_others_way(worlds: dict[str, Files]) -> None:
    """Campaigns of a brand that treat a region while another one's experiment looks at it."""
    query = """
        with arms as (
            select
                campaign_id, brand, region, role, start_date,
                end_date + cooldown_days::integer as last_day,
            from raw.campaigns inner join raw.campaign_regions using (campaign_id)
        )

        select count(distinct (one.campaign_id, other.campaign_id))
        from arms as one inner join arms as other
            on one.brand = other.brand and one.region = other.region
            and one.campaign_id <> other.campaign_id
            and one.role = 'treatment'
            and one.start_date <= other.last_day and other.start_date - 14 <= one.last_day
    """
    assert worlds["overlap"].value(query) >= worlds["default"].value(query) + 3


def test_the_festival_world_starts_on_sales_to_which_regions_respond_differently(
    worlds: dict[str, Files],
) -> None:
    query = """
        with sums as (
            select
                region,
                sum(expected_baseline_orders)
                    filter (date between '2025-08-09' and '2025-08-15') as on_sale,
                sum(expected_baseline_orders)
                    filter (date between '2025-08-19' and '2025-08-25') as after_it,
            from truth.region_days group by region
        )

        select stddev(on_sale / after_it) from sums
    """
    assert worlds["festival"].value(query) > 1.15 * worlds["default"].value(query)


def test_the_big_world_is_the_default_world_but_for_its_size(worlds: dict[str, Files]) -> None:
    default, big = (hashes(worlds[name].raw, worlds[name].truth) for name in ("default", "big"))
    assert {name for name in default if default[name] != big[name]} == {"1 settings.csv"}
    assert load_settings("big", 1).orders == 10_000_000


def test_the_tiny_world_is_tiny(tiny: Files) -> None:
    """Small enough for tests: this is what its time hangs on."""
    assert tiny.value("select count(*) from raw.tracking_data") < 10_000
    assert tiny.value("select count(*) from raw.campaigns") < 12
    size = sum(path.stat().st_size for path in [*tiny.raw.iterdir(), *tiny.truth.iterdir()])
    assert size < 5_000_000
    assert len(world_of("tiny").response.post) < 20_000


def test_attention_is_shared_by_the_worlds_that_differ_in_the_effect_alone(
    worlds: dict[str, Files],
) -> None:
    """Same people, posts and campaigns: figures of these worlds can be compared one by one."""
    for name in ("halo", "leaky-codes", "spill-over", "null"):
        for table in ("influencers", "posts", "campaigns", "campaign_regions"):
            same = (worlds[name].raw / f"{table}.csv").read_bytes()
            assert same == (worlds["default"].raw / f"{table}.csv").read_bytes()


def test_the_share_of_new_customers_does_not_depend_on_the_world(worlds: dict[str, Files]) -> None:
    for name in ("null", "halo"):
        new, lines = worlds[name].row(
            """
            select count(*) filter (is_new_customer), count(*)
            from raw.tracking_data inner join truth.orders using (transaction_id)
            where not is_incremental
            """
        )
        assert_share(new, lines, 0.30)
