"""Order lines: prices, coupons, links, buyers, returns and sources."""

import math
from datetime import date, timedelta

import pytest

from tests.python.simulate.worlds import (
    Files,
    Maker,
    assert_near,
    assert_share,
    catalogue,
    sale_days,
)

COLUMNS = [
    "transaction_id", "source", "campaign", "influencer_id", "user_id", "product", "brand", "date",
    "orders", "revenue", "region", "coupon_code", "discount", "status", "returned_date",
    "is_new_customer",
]  # fmt: skip
LAST_DAY = date(2026, 9, 30)


@pytest.fixture(scope="module")
def shop(default: Files) -> Files:
    """The default world with what is known of each line: `lines`."""
    sales = ", ".join(f"date '{day}'" for day in sorted(sale_days()))
    default.connection.execute(
        f"""
        create or replace table raw.lines as
        select
            books.*,
            truths.kind,
            truths.is_incremental,
            truths.post_id,
            products.list_price,
            products.brand as brand_of_product,
            (books.revenue + books.discount) as gross,
            books.date in ({sales}) as is_sale,
        from raw.books as books
        inner join truth.orders as truths using (transaction_id)
        left join raw.products as products using (product)
        """
    )
    return default


def test_the_export_has_the_columns_of_the_contract_and_none_of_the_truth(shop: Files) -> None:
    described = shop.rows("describe raw.tracking_data")
    assert [row[0] for row in described] == COLUMNS


def test_lines_are_numbered_in_order_of_day(shop: Files) -> None:
    bad, lines = shop.row(
        """
        select
            count(*) filter (
                transaction_id <> 'TXN' || (1000000000 + rowid) or date < last_date or orders <> 1
            ),
            count(*),
        from (select *, rowid, lag(date) over (order by rowid) as last_date from raw.tracking_data)
        """
    )
    assert bad == 0 and lines > 400_000
    first, last, days = shop.row("select min(date), max(date), count(distinct date) from raw.lines")
    assert (first, last, days) == (date(2025, 4, 1), LAST_DAY, 548)


def test_no_kind_comes_first_or_last_on_its_day(shop: Files) -> None:
    """Otherwise the order of lines would tell what the columns hide."""
    places = shop.rows(
        """
        with placed as (
            select kind, percent_rank() over (partition by date order by transaction_id) as place
            from raw.lines
        )

        select kind, avg(place), count(*) from placed group by kind
        """
    )
    assert len(places) == 5
    for _, place, lines in places:
        assert_near(place, 0.5, math.sqrt(1 / 12 / lines) + 0.001)


def test_prices_are_right_to_the_paisa(shop: Files) -> None:
    bad = shop.value(
        """
        select count(*)
        from raw.lines
        where (
            brand = brand_of_product
            and gross / list_price in (1, 2, 3)
            and discount * 100 / gross in (0, 5, 10, 15, 20, 25)
            and gross % list_price = 0
        ) is not true
        """
    )
    assert bad == 0


def test_discounts_follow_coupons_and_sales(shop: Files) -> None:
    rows = shop.rows(
        """
        select
            coupon_code is not null, is_sale, list(distinct (discount * 100 / gross)::integer)
        from raw.lines group by all
        """
    )
    found = {(has_code, is_sale): sorted(steps) for has_code, is_sale, steps in rows}
    assert found == {
        (False, False): [0, 5, 15], (False, True): [10, 15, 25],
        (True, False): [10], (True, True): [20],
    }  # fmt: skip


def test_discounts_and_quantities_have_their_shares(shop: Files) -> None:
    steps = dict(
        shop.rows(
            """
            select (discount * 100 / gross)::integer - if(is_sale, 10, 0), count(*)
            from raw.lines where coupon_code is null group by 1
            """
        )
    )
    for step, share in {0: 0.68, 5: 0.22, 15: 0.10}.items():
        assert_share(steps[step], sum(steps.values()), share)
    quantities = dict(
        shop.rows("select (gross / list_price)::integer, count(*) from raw.lines group by 1")
    )
    for quantity, share in {1: 0.84, 2: 0.13, 3: 0.03}.items():
        assert_share(quantities[quantity], sum(quantities.values()), share)


def test_products_have_their_share_of_the_brand(shop: Files) -> None:
    found = dict(shop.rows("select product, count(*) from raw.lines group by 1"))
    rows = catalogue("products")
    for row in rows:
        of_brand = [other for other in rows if other["brand"] == row["brand"]]
        weight = sum(float(other["weight"]) for other in of_brand)
        total = sum(found[other["product"]] for other in of_brand)
        assert_share(found[row["product"]], total, float(row["weight"]) / weight)


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("organic", "coupon_code is null and influencer_id is null and source <> 'influencer'"),
        ("coupon", "coupon_code = 'HEALTH10' and influencer_id is null and source <> 'influencer'"),
        ("halo", "coupon_code is null and influencer_id is null"
                 " and source in ('organic_search', 'direct')"),
        ("attributed", "coupon_code is not null or influencer_id is not null"),
        ("leaked", "coupon_code <> 'HEALTH10' and coupon_code is not null"),
    ],
)  # fmt: skip
def test_a_kind_shows_up_as_it_should(kind: str, rule: str, shop: Files) -> None:
    good, lines = shop.row(
        f"select count(*) filter (({rule}) is true), count(*) from raw.lines where kind = '{kind}'"
    )
    assert good == lines > 1_000


def test_codes_are_those_of_influencers_or_the_shops(shop: Files) -> None:
    unknown = shop.value(
        """
        select count(*) from raw.tracking_data
        where coupon_code <> 'HEALTH10'
        and coupon_code not in (select coupon_codes from raw.influencers)
        """
    )
    assert unknown == 0


def test_a_link_names_influencer_and_campaign_and_is_the_source(shop: Files) -> None:
    bad = shop.value(
        """
        select count(*)
        from raw.lines as lines
        left join raw.posts as posts using (post_id)
        where (source = 'influencer') <> (lines.influencer_id is not null)
        or (lines.campaign is not null and lines.influencer_id is null)
        or (
            kind = 'attributed' and (
                who <> posts.influencer_id
                or (lines.influencer_id is not null
                    and lines.campaign is distinct from posts.campaign)
                or lines.brand <> posts.brand
                or lines.date not between posts.date and posts.date + 60
            )
        )
        """
    )
    assert bad == 0


def test_link_and_code_agree_on_the_influencer(shop: Files) -> None:
    bad, both = shop.row(
        """
        select count(*) filter (orders.influencer_id <> people.influencer_id), count(*)
        from raw.tracking_data as orders
        inner join raw.influencers as people on orders.coupon_code = people.coupon_codes
        where orders.influencer_id is not null
        """
    )
    assert bad == 0 and both > 5_000


def test_links_and_codes_have_their_shares(shop: Files) -> None:
    link, both, code = shop.row(
        """
        select
            count(*) filter (influencer_id is not null and coupon_code is null),
            count(*) filter (influencer_id is not null and coupon_code is not null),
            count(*) filter (influencer_id is null),
        from raw.lines where kind = 'attributed'
        """
    )
    for found, share in ((link, 0.35), (both, 0.37), (code, 0.28)):
        assert_share(found, link + both + code, share)
    leaked, with_link = shop.row(
        "select count(*), count(influencer_id) from raw.lines where kind = 'leaked'"
    )
    assert_share(with_link, leaked, 0.30)


def test_sources_have_their_shares(shop: Files) -> None:
    organic = {
        "organic_search": 0.42, "direct": 0.27, "paid_social": 0.15, "email": 0.11, "referral": 0.05
    }  # fmt: skip
    for where, shares in {
        "kind in ('organic', 'coupon')": organic,
        "kind = 'halo'": {"organic_search": 0.60, "direct": 0.40},
        "kind in ('attributed', 'leaked') and influencer_id is null": organic,
    }.items():
        found = dict(shop.rows(f"select source, count(*) from raw.lines where {where} group by 1"))
        assert found.keys() == shares.keys()
        for source, share in shares.items():
            assert_share(found[source], sum(found.values()), share)


def test_a_customer_is_new_once_and_on_the_first_order(shop: Files) -> None:
    bad, twice, users = shop.row(
        """
        with numbered as (
            select *, row_number() over (partition by user_id order by transaction_id) as nth
            from raw.lines
        ),

        users as (
            select
                user_id, count(*) filter (is_new_customer) as times_new,
                count(distinct region) as regions,
            from numbered group by user_id
        )

        select
            (select count(*) from numbered where is_new_customer and nth > 1),
            (select count(*) from users where times_new > 1 or regions > 1),
            (select count(*) from users),
        """
    )
    assert bad == twice == 0 and users > 100_000


def test_customers_of_before_the_first_day_are_never_new(shop: Files) -> None:
    """Numbers up to half of the orders' number, by region, are customers of long standing."""
    for row in catalogue("regions")[:12]:
        total = sum(float(other["online_share"]) for other in catalogue("regions"))
        loyal = max(round(0.5 * 500_000 * float(row["online_share"]) / total), 1)
        oldest_new, news, codes = shop.row(
            f"""
            select
                min(number) filter (is_new_customer), count(*) filter (is_new_customer),
                list(distinct code),
            from (
                select
                    is_new_customer, left(user_id, 2) as code,
                    substr(user_id, 3)::bigint - 10000000 as number,
                from raw.lines where region = '{row["region"]}'
            )
            """
        )
        assert codes == [row["code"]]
        assert oldest_new == loyal
        assert news > 0


def test_new_customers_have_their_shares(shop: Files) -> None:
    for is_incremental, share in ((False, 0.30), (True, 0.55)):
        new, lines = shop.row(
            f"""
            select count(*) filter (is_new_customer), count(*)
            from raw.lines where is_incremental = {is_incremental}
            """
        )
        assert_share(new, lines, share)


def test_what_came_back_has_a_date_and_nothing_else_has(shop: Files) -> None:
    bad = shop.value(
        f"""
        select count(*) from raw.lines
        where (
            case status
                when 'returned' then returned_date - date between 4 and 25
                when 'refused' then returned_date - date between 4 and 12
                when 'delivered' then returned_date is null
                when 'shipped' then returned_date is null and date > date '{LAST_DAY}' - 12
            end
            and coalesce(returned_date <= date '{LAST_DAY}', true)
        ) is not true
        """
    )
    assert bad == 0


def test_returns_and_refusals_have_their_shares_and_delays(shop: Files) -> None:
    known = LAST_DAY - timedelta(days=25)
    rows = dict(
        shop.rows(f"select status, count(*) from raw.lines where date <= date '{known}' group by 1")
    )
    total = sum(rows.values())
    assert rows.keys() == {"delivered", "returned", "refused"}
    assert_share(rows["returned"], total, 0.04)
    assert_share(rows["refused"], total, 0.07)
    for status, first, last in (("returned", 4, 25), ("refused", 4, 12)):
        delay = shop.value(
            f"""
            select avg(returned_date - date) from raw.lines
            where status = '{status}' and date <= date '{known}'
            """
        )
        spread = math.sqrt(((last - first + 1) ** 2 - 1) / 12 / rows[status])
        assert_near(delay, (first + last) / 2, spread)


def test_what_comes_back_after_the_last_day_is_not_known_yet(shop: Files) -> None:
    """A refusal takes 4 to 12 days, so of the last days' orders some are still on their way."""
    for days in (0, 3, 6, 9, 11):
        shipped, refused, lines = shop.row(
            f"""
            select
                count(*) filter (status = 'shipped'), count(*) filter (status = 'refused'),
                count(*),
            from raw.lines where date = date '{LAST_DAY - timedelta(days=days)}'
            """
        )
        later = min(9, 12 - days) / 9 if days >= 4 else 1.0
        error = math.sqrt(0.07 * 0.93 / lines)
        assert_near(shipped / lines, 0.07 * later, error)
        assert_near(refused / lines, 0.07 * (1 - later), error)


def test_settings_of_customers_move_what_they_are_about(written: Maker) -> None:
    files = written(
        "tiny", 3, orders=20_000, days=100, customers__return_share=0.3,
        customers__refusal_share=0.0, customers__new_share=0.0,
        customers__new_share_influenced=1.0, customers__coupon_share=0.9,
        customers__loyal_share=0.0,
    )  # fmt: skip
    back, refused, early = files.row(
        """
        select
            count(*) filter (status = 'returned'), count(*) filter (status = 'refused'), count(*)
        from raw.tracking_data where date <= (select max(date) - 25 from raw.tracking_data)
        """
    )
    assert_share(back, early, 0.3)
    assert refused == 0
    rows = files.rows(
        "select is_incremental, list(distinct is_new_customer) from raw.tracking_data"
        " inner join truth.orders using (transaction_id) group by 1 order by 1"
    )
    assert rows == [(False, [False]), (True, [True])]
    coupons, total = files.row(
        """
        select count(coupon_code), count(*)
        from raw.tracking_data inner join truth.orders using (transaction_id)
        where not is_incremental
        """
    )
    assert coupons / total > 0.88
