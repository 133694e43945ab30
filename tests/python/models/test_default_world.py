"""The default world through the whole line: the books of the marts are those of the simulator."""

import csv
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.python.support import Build


def differences(
    build: Build, ours: str, truth: str, keys: str, columns: list[str]
) -> list[tuple[Any, ...]]:
    """Rows in which a mart and a table of the truth differ, or that only one of them has."""
    same = " and ".join(f"ours.{column} is not distinct from truth.{column}" for column in columns)
    typed = ", ".join(f"{column}::decimal(18, 2) as {column}" for column in columns)
    path = build.raw.with_name("raw_truth") / f"{truth}.csv"
    with duckdb.connect(str(build.published_file), read_only=True) as connection:
        return connection.execute(
            f"""
            with ours as ({ours}),

            truth as (select {keys}, {typed} from read_csv('{path}'))

            select * from ours full join truth using ({keys}) where ({same}) is not true
            """
        ).fetchall()


def test_nothing_is_rejected(default_build: Build) -> None:
    assert default_build.query("select * from marts.fct_rejected_rows") == []


def test_spend_and_attributed_revenue_of_each_influencer_to_the_paisa(default_build: Build) -> None:
    columns = ["attributed_revenue", "spend"]
    sums = ", ".join(f"sum({column})::decimal(18, 2) as {column}" for column in columns)
    ours = f"select influencer_id, {sums} from marts.fct_influencer_days group by all"
    assert differences(default_build, ours, "influencers", "influencer_id", columns) == []


def test_persona_of_the_rules_is_that_of_the_world(default_build: Build) -> None:
    ours = "select persona, spend, attributed_revenue from marts.rpt_persona_performance"
    columns = ["spend", "attributed_revenue"]
    rows = differences(default_build, ours, "personas", "persona", columns)
    # Personas of influencers who never posted have no truth, and no money either.
    assert [row for row in rows if any(value for value in row[1:])] == []


def test_revenue_of_every_day_region_and_brand(default_build: Build) -> None:
    ours = """
        select date_day as date, region, brand, sum(revenue)::decimal(18, 2) as revenue
        from marts.fct_revenue_days
        group by all
    """
    rows = differences(default_build, ours, "region_days", "date, region, brand", ["revenue"])
    # Days on which a brand sold nothing in a region have no row in the mart.
    assert [row for row in rows if row[-1] != 0] == []


def records(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_what_orders_of_each_influencer_leave_to_the_paisa(default_build: Build) -> None:
    """Goods, contribution, margin and nCAC from the exports alone, line by line."""
    raw = default_build.raw
    products = {(row["product"], row["brand"]): row for row in records(raw / "products.csv")}
    owners = {
        code: row["influencer_id"]
        for row in records(raw / "influencers.csv")
        for code in row["coupon_codes"].split(";")
    }
    goods, net, left = (defaultdict[str, Decimal](Decimal) for _ in range(3))
    new_customers: defaultdict[str, int] = defaultdict(int)
    for order in records(raw / "tracking_data.csv"):
        influencer = order["influencer_id"] or owners.get(order["coupon_code"] or "no code")
        if influencer is None:
            continue
        new_customers[influencer] += order["is_new_customer"] == "true"
        goods[influencer] += 0
        if order["status"] in ("returned", "refused", "cancelled"):
            continue
        product = products[order["product"], order["brand"]]
        list_price = Decimal(product["list_price"])
        units, rest = divmod(Decimal(order["revenue"]) + Decimal(order["discount"]), list_price)
        assert rest == 0
        goods[influencer] += units * Decimal(product["unit_cost"])
        net[influencer] += Decimal(order["revenue"])
    spend = defaultdict[str, Decimal](Decimal)
    for payout in records(raw / "payouts.csv"):
        if payout["status"] == "reversed":
            continue
        spend[payout["influencer_id"]] += Decimal(payout["total_payout"])
        spend[payout["influencer_id"]] += Decimal(payout["product_cost"] or 0)
        if payout["basis"] in ("order", "revenue share"):
            left[payout["influencer_id"]] -= Decimal(payout["total_payout"])

    published = default_build.query(
        """
        select influencer_id, cost_of_goods, contribution, contribution_margin, ncac
        from marts.rpt_influencer_performance
        where cost_of_goods is not null
        """
    )
    assert {row[0] for row in published} == set(goods)
    for influencer, cost_of_goods, contribution, margin, ncac in published:
        assert cost_of_goods == goods[influencer]
        assert contribution == net[influencer] - goods[influencer] + left[influencer]
        if net[influencer]:
            assert margin == pytest.approx(float(1 - goods[influencer] / net[influencer]))
        if new_customers[influencer]:
            per_customer = spend[influencer] / new_customers[influencer]
            assert ncac == pytest.approx(float(per_customer))


def test_campaigns_have_the_dates_and_regions_of_the_world(default_build: Build) -> None:
    campaigns = duckdb.sql(
        f"""
        select
            campaign_id, name, brand, start_date, end_date, cooldown_days,
            count(region) filter (role = 'treatment'), count(region) filter (role = 'control'),
        from read_csv('{default_build.raw}/campaigns.csv') as campaigns
        left join read_csv('{default_build.raw}/campaign_regions.csv') as regions
            using (campaign_id)
        group by all
        order by all
        """
    ).fetchall()
    published = default_build.query(
        """
        select
            campaign_id, campaign_name, brand, start_date, end_date, cooldown_days,
            coalesce(regions_treated, 0), coalesce(regions_control, 0)
        from marts.dim_campaigns
        where campaign_id <> '(none)'
        order by all
        """
    )
    assert published == campaigns
    assert len(campaigns) >= 40
    assert sum(row[-1] > 0 for row in campaigns) > len(campaigns) / 2
