"""The truth, computed again from the exports and from what each order owes to a post."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from simulate.plan import Kind
from tests.python.simulate.worlds import Files, Maker, world_of

LEVELS = {
    "influencers": "influencer_id, persona", "personas": "persona", "campaigns": "campaign_id",
    "portfolio": "'portfolio' as scope",
}  # fmt: skip
MEASURES = ["incremental_orders", "incremental_revenue", "attributed_revenue", "spend"]
EXPORTS = {
    "influencers": "influencer_id name platform category gender follower_count language"
    " home_region handle coupon_codes joined_date",
    "tracking_data": "transaction_id source campaign influencer_id user_id product brand date"
    " orders revenue region coupon_code discount status returned_date is_new_customer",
    "posts": "post_id influencer_id platform date url caption reach impressions likes comments"
    " shares saves clicks post_type campaign brand",
    "payouts": "payout_id influencer_id campaign basis rate rate_unit orders posts total_payout"
    " event_date due_date paid_date status product_cost",
    "campaigns": "campaign_id name brand start_date end_date cooldown_days",
    "campaign_regions": "campaign_id region role pair",
    "regions": "region population language",
    "products": "product brand list_price unit_cost",
}


@pytest.fixture(scope="module", params=["default", "tiny", "strong"])
def files(request: pytest.FixtureRequest) -> Files:
    """Three worlds; what a post did is in `raw.caused`, in `truth.counted` less what it pulled."""
    world: Files = request.getfixturevalue(request.param)
    connection = world.connection
    connection.execute(
        """
        create or replace view raw.caused as
        select
            orders.date, orders.region, orders.brand, truths.post_id, orders.net, 1 as orders,
        from raw.books as orders
        inner join truth.orders as truths using (transaction_id)
        where is_incremental
        """
    )
    connection.register("pulled", pulled_orders(request.param, world))
    connection.execute("create or replace table truth.pulled as from pulled")
    connection.execute(
        """
        create or replace view truth.counted as
        select counted.*, campaign_id, influencer_id, persona
        from (
            from raw.caused
            union all
            select date, region, brand, post_id, -revenue, -orders from truth.pulled
        ) as counted
        inner join truth.posts using (post_id)
        """
    )
    return world


def pulled_orders(name: str, files: Files) -> pd.DataFrame:
    """What is in no export: orders that did not come any more, and what they would have cost."""
    # The strong world pulls nothing.
    strong = world_of("tiny", effect__pull_forward=0.0)
    world = strong if name == "strong" else world_of(name)
    lines = world.order_lines()
    for _ in lines.chunks():
        pass
    plan, rows = world.plan, world.plan.kind == Kind.PULLED
    regions = np.array([row[0] for row in files.rows("select region from raw.regions")])
    brands = np.array(["MuscleBlaze", "HKVitals", "Gritzo", "TrueBasics"])
    first = np.datetime64(world.settings.start)
    return pd.DataFrame(
        {
            "date": (first + plan.day[rows]).astype("datetime64[us]"),
            "region": regions[plan.region[rows]],
            "brand": brands[plan.brand[rows]],
            "post_id": world.posts.post_id[plan.post[rows]],
            "orders": plan.count[rows],
            "revenue": lines.sales.revenue[rows] / 100,
        }
    ).astype({"post_id": str})


def differences(files: Files, one: str, other: str) -> list[tuple[Any, ...]]:
    return files.rows(
        f"""
        with one as ({one}), other as ({other})

        (from one except all from other) union all (from other except all from one)
        """
    )


def money(expression: str) -> str:
    return f"coalesce(round(sum({expression}), 2), 0)::decimal(18, 2)"


def test_attributed_revenue_of_each_influencer_is_that_of_the_books(files: Files) -> None:
    books = f"select who, {money('net')} from raw.books where who is not null group by 1"
    truth = "select influencer_id, attributed_revenue from truth.influencers"
    missing = differences(files, books, f"{truth} where attributed_revenue <> 0")
    assert missing == []
    assert files.value("select sum(attributed_revenue) > 10000 from truth.influencers")


def test_what_posts_did_is_what_their_orders_say(files: Files) -> None:
    books = f"""
        select
            post_id, coalesce(sum(orders), 0)::bigint as orders, {money("net")} as revenue,
        from truth.posts left join truth.counted using (post_id) group by 1
    """
    truth = "select post_id, incremental_orders, incremental_revenue from truth.posts"
    assert differences(files, books, truth) == []
    assert files.value("select sum(incremental_orders) > 100 from truth.posts")


def test_attributed_revenue_of_each_post_is_that_of_its_orders(written: Maker) -> None:
    """Without leaks every order with a code or link tells its post."""
    files = written("tiny", 4, orders=30_000, effect__leak_share=0.0, effect__ceiling=2.0)
    books = f"""
        select post_id, {money("net")} as revenue
        from truth.posts
        left join truth.orders using (post_id)
        left join raw.books as books
            on truth.orders.transaction_id = books.transaction_id and kind = 'attributed'
        group by 1
    """
    truth = "select post_id, attributed_revenue from truth.posts"
    assert differences(files, books, truth) == []
    assert files.value("select sum(attributed_revenue) > 100000 from truth.posts")


def test_what_was_pulled_is_the_part_of_the_baseline_that_was_not_placed(files: Files) -> None:
    """Orders and paise, day by day, region by region."""
    missing = """
        with placed as (
            select date, region, brand, sum(net) as net, count(*) as lines
            from raw.books
            inner join truth.orders using (transaction_id)
            where not is_incremental
            group by all
        )

        select
            date, region, brand,
            baseline_orders - coalesce(lines, 0) as missing_orders,
            (baseline_revenue - coalesce(net, 0))::decimal(18, 2) as missing_revenue,
        from truth.region_days left join placed using (date, region, brand)
        where missing_orders <> 0 or missing_revenue <> 0
    """
    pulled = f"""
        select date::date as date, region, brand, sum(orders)::bigint, {money("revenue")}
        from truth.pulled group by all
    """
    assert differences(files, missing, pulled) == []


def test_parts_sum_to_the_whole_to_the_paisa(files: Files) -> None:
    sums = ", ".join(f"sum({name})" for name in MEASURES)
    portfolio = files.row(f"select {', '.join(MEASURES)} from truth.portfolio")
    for table in ("influencer_campaigns", "influencers", "personas", "campaigns"):
        assert files.row(f"select {sums} from truth.{table}") == portfolio
    sums = ", ".join(f"sum({name})" for name in MEASURES[:3])
    assert files.row(f"select {sums} from truth.posts") == portfolio[:3]
    assert files.value("select sum(incremental_revenue) from truth.region_days") == portfolio[1]


@pytest.mark.parametrize("table", LEVELS)
def test_each_level_is_a_sum_of_influencers_and_campaigns(table: str, files: Files) -> None:
    sums = ", ".join(f"sum({name}) as {name}" for name in MEASURES)
    columns = ", ".join(MEASURES)
    one = f"select {LEVELS[table]}, {sums} from truth.influencer_campaigns group by all"
    keys = LEVELS[table].rpartition(" ")[2] if table == "portfolio" else LEVELS[table]
    assert differences(files, one, f"select {keys}, {columns} from truth.{table}") == []


@pytest.mark.parametrize("table", LEVELS)
def test_iroas_is_a_ratio_of_sums(table: str, files: Files) -> None:
    rows = files.rows(f"select incremental_revenue, spend, iroas from truth.{table}")
    assert rows
    for revenue, spend, iroas in rows:
        if spend:
            assert iroas == pytest.approx(float(revenue) / float(spend), rel=1e-12)
        else:
            assert iroas is None


def test_each_influencer_and_campaign_with_posts_is_there_once(files: Files) -> None:
    posts = """
        select distinct influencer_id, coalesce(campaign, '(none)') as campaign_id from raw.posts
    """
    truth = "select influencer_id, campaign_id from truth.influencer_campaigns"
    assert differences(files, posts, truth) == []
    keys = "select post_id, influencer_id, coalesce(campaign, '(none)') from raw.posts"
    assert (
        differences(files, keys, "select post_id, influencer_id, campaign_id from truth.posts")
        == []
    )


def test_spend_is_what_was_paid_but_for_reversed_lines(files: Files) -> None:
    paid = f"""
        select
            influencer_id, coalesce(campaign, '(none)') as campaign_id,
            {money("if(status = 'reversed', 0, total_payout + product_cost)")} as spend,
        from raw.payouts group by all
    """
    truth = "select influencer_id, campaign_id, spend from truth.influencer_campaigns"
    assert differences(files, f"{paid} having spend <> 0", f"{truth} where spend <> 0") == []
    assert files.value("select count(*) from raw.payouts where status = 'reversed'") > 0


def test_region_days_are_those_of_the_books(files: Files) -> None:
    days, regions, brands = files.settings.days, 36, 4
    assert files.value("select count(*) from truth.region_days") == days * regions * brands
    books = f"select date, region, brand, {money('net')} as booked from raw.books group by all"
    truth = "select date, region, brand, revenue from truth.region_days"
    assert differences(files, f"{books} having booked <> 0", f"{truth} where revenue <> 0") == []


def test_baseline_and_incremental_make_the_revenue(files: Files) -> None:
    assert files.value(
        """
        select count(*) from truth.region_days
        where baseline_revenue + incremental_revenue <> revenue
        """
    ) == 0  # fmt: skip
    counted = f"""
        select date::date as date, region, brand, {money("net")} as revenue
        from truth.counted group by all having revenue <> 0
    """
    truth = "select date, region, brand, incremental_revenue from truth.region_days"
    assert differences(files, counted, f"{truth} where incremental_revenue <> 0") == []


def test_expected_orders_are_those_of_the_baseline(files: Files) -> None:
    total = files.value("select sum(expected_baseline_orders) from truth.region_days")
    assert total == pytest.approx(files.settings.orders)
    drawn, squares = files.row(
        """
        select
            sum(baseline_orders),
            sum(expected_baseline_orders + (0.1 * expected_baseline_orders) ^ 2),
        from truth.region_days
        """
    )
    assert abs(float(drawn) - total) < 4 * squares**0.5


EXPERIMENT_DAYS = f"""
    with windows as (
        select
            campaign_id, brand, start_date,
            (end_date + cooldown_days::integer) as last_day,
        from raw.campaigns
        where campaign_id in (select campaign_id from raw.campaign_regions)
    ),

    days as (
        select
            windows.*,
            unnest(generate_series(start_date, last_day, interval 1 day))::date as date
        from windows
    ),

    sold as (
        select campaign_id, date, sum(net) as revenue
        from days
        inner join raw.campaign_regions using (campaign_id)
        inner join raw.books using (date, brand, region)
        where role = 'treatment'
        group by all
    ),

    caused as (
        select
            campaign_id, date,
            sum(net) filter (role = 'treatment') as treated,
            sum(net) filter (role = 'control') as control,
            sum(net) filter (role is null) as elsewhere,
        from days
        inner join truth.counted using (campaign_id, date)
        left join raw.campaign_regions using (campaign_id, region)
        group by all
    )

    select
        campaign_id, date,
        {
    ", ".join(
        f"coalesce(round({name}, 2), 0)::decimal(18, 2) as {name}"
        for name in ("revenue", "treated", "control", "elsewhere")
    )
},
    from days
    left join sold using (campaign_id, date)
    left join caused using (campaign_id, date)
"""


def test_days_of_experiments_are_computed_from_orders(files: Files) -> None:
    """Revenue of the brand in treated regions, and what the campaign's own posts did there."""
    truth = """
        select
            campaign_id, date, revenue, incremental_revenue, spilled_into_control,
            spilled_elsewhere,
        from truth.experiment_days
    """
    assert differences(files, EXPERIMENT_DAYS, truth) == []


def test_every_day_of_an_experiment_is_there_even_if_nothing_was_sold(written: Maker) -> None:
    files = written("tiny", 1, orders=100)
    days = "select sum(cooldown_end - start_date + 1) from truth.experiments"
    assert files.value("select count(*) from truth.experiment_days") == files.value(days)
    assert files.value("select count(*) from truth.experiments where revenue is null") == 0


def test_experiments_are_sums_of_their_days(files: Files) -> None:
    names = ["revenue", "incremental_revenue", "spilled_into_control", "spilled_elsewhere"]
    sums = ", ".join(f"sum({name}) as {name}" for name in names)
    days = f"select campaign_id, {sums} from truth.experiment_days group by 1"
    truth = f"select campaign_id, {', '.join(names)} from truth.experiments"
    assert differences(files, days, truth) == []
    assert files.value("select count(*) from truth.experiments") > 3


def test_experiments_have_the_dates_spend_and_ratios_of_their_campaign(files: Files) -> None:
    dates = """
        select campaign_id, brand, start_date, end_date, end_date + cooldown_days::integer
        from raw.campaigns
        where campaign_id in (select campaign_id from raw.campaign_regions)
    """
    columns = "campaign_id, brand, start_date, end_date, cooldown_end"
    assert differences(files, dates, f"select {columns} from truth.experiments") == []
    rows = files.rows(
        """
        select
            experiments.revenue, experiments.incremental_revenue, lift, experiments.spend,
            experiments.iroas, campaigns.spend,
        from truth.experiments left join truth.campaigns using (campaign_id)
        """
    )
    for revenue, caused, lift, spend, iroas, of_campaign in rows:
        assert spend == of_campaign
        assert iroas == pytest.approx(float(caused) / float(spend), rel=1e-12)
        assert lift == pytest.approx(float(caused) / float(revenue - caused), rel=1e-12)


def test_the_truth_holds_what_the_world_was_made_from(files: Files) -> None:
    rows = {name: json.loads(value) for name, value in files.rows("from truth.settings")}
    settings = files.settings
    assert rows["world"] == settings.world and rows["seed"] == settings.seed
    assert rows["start"] == settings.start.isoformat() and rows["days"] == settings.days
    assert rows["effect.tier.Nano"] == settings.effect.tier["Nano"]
    assert rows["effect.pull_forward"] == settings.effect.pull_forward
    assert rows["demand.weekday"] == list(settings.demand.weekday)


def test_the_exports_hold_nothing_of_the_truth(files: Files) -> None:
    tables = [
        row[0]
        for row in files.rows("select table_name from duckdb_tables() where schema_name = 'raw'")
    ]
    assert set(EXPORTS) <= set(tables)
    for table, columns in EXPORTS.items():
        assert [row[0] for row in files.rows(f"describe raw.{table}")] == columns.split()
        text = (files.raw / f"{table}.csv").read_text(encoding="utf-8")[:200_000].lower()
        for word in ("organic,", "leaked", "halo", "incremental", "baseline", "flop"):
            assert word not in text


def test_both_levers_bring_the_same_at_todays_money(files: Files) -> None:
    """Beyond it more posts bring more than larger accounts: attention rises slower than fees."""
    rows = files.rows(
        """
        select
            posts.multiple::double, posts.incremental_revenue::double,
            reach.incremental_revenue::double
        from truth.response_curves as posts
        inner join truth.response_curves as reach using (dimension, member, multiple)
        where posts.lever = 'posts' and reach.lever = 'reach'
        """
    )
    total = files.rows("select count(*) from truth.response_curves")[0][0]
    assert 2 * len(rows) == total > 0
    for multiple, by_posts, by_reach in rows:
        if multiple in (0, 1):
            assert by_posts == by_reach
        else:
            assert (by_posts - by_reach) * (multiple - 1) >= 0


def test_keys_of_the_truth_are_unique(files: Files) -> None:
    for table, keys in {
        "orders": "transaction_id", "posts": "post_id", "influencers": "influencer_id",
        "personas": "persona", "campaigns": "campaign_id", "experiments": "campaign_id",
        "experiment_days": "campaign_id, date", "region_days": "date, region, brand",
        "influencer_campaigns": "influencer_id, campaign_id", "settings": "setting",
        "response_curves": "dimension, member, lever, multiple",
    }.items():  # fmt: skip
        twice = f"select 1 from truth.{table} group by {keys} having count(*) > 1"
        assert files.rows(twice) == []
