"""A world as other systems report it says what the same world's own tables say."""

import csv
import datetime as dt
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from intake.adapters import adapter_select, claim, load_adapters
from intake.contract import load_contract
from intake.records import read_records
from simulate.__main__ import main
from tests.python.support import PROJECT, Build, build_exports

WORLD = ["--world", "tiny", "--seed", "7"]
INDIA = ZoneInfo("Asia/Kolkata")
Row = dict[str, Any]
# What these systems do not report: Instagram no clicks, GoAffPro no day on which money is due. Ids
# are the systems' own, the health report is about files, and each build has a time of its own.
NOT_REPORTED = {
    "fct_influencer_days": {"clicks"},
    "fct_posts": {"post_id", "clicks"},
    "fct_payout_lines": {
        *("payout_line_id", "payout_id", "due_date"),
        *("payment_status", "due_in", "days_overdue"),  # which follow from the due date
    },
    "rpt_influencer_payouts": {
        *("due", "due_within_7_days", "due_within_30_days", "overdue", "no_due_date"),
        "oldest_due_date",
    },
    "rpt_payout_checks": {"payout_line_id", "earlier_payout_line_id", "payment_status"},
    "rpt_influencer_performance": {"clicks"},
    "rpt_persona_performance": {"clicks"},
    "rpt_data_health": None,
    "rpt_file_notes": None,
    "rpt_not_found": None,
    "meta_models": None,
    "meta_settings": None,
}


def world(folder: Path, *arguments: str) -> Path:
    out = folder / "raw"
    assert main(["--out", str(out), "--truth", str(folder / "raw_truth"), *WORLD, *arguments]) == 0
    return out


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return world(tmp_path_factory.mktemp("own"))


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return world(tmp_path_factory.mktemp("as"), "--as", "shopify,goaffpro,meta")


def rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def read(path: Path, adapter: str, table: str) -> list[Row]:
    """The rows of a report, as its adapter reads them."""
    contract = load_contract(PROJECT)
    adapters = load_adapters([PROJECT / "adapters"], contract)
    records = read_records(path, path.parent / ".copies", lambda names: True)
    claimed = claim(adapters, records.names)
    assert claimed is not None and claimed.name == adapter
    select = adapter_select(claimed, records, path.name, 1, list(contract.tables[table].columns))
    with duckdb.connect() as connection:
        answer = connection.execute(f"select * from ({select}) order by record_number")
        names = [column[0] for column in answer.description]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def indian_day(text: str) -> str:
    moment = dt.datetime.strptime(text, "%Y-%m-%d %H:%M:%S %z")
    return moment.astimezone(INDIA).date().isoformat()


def month_first_day(text: str) -> str:
    return dt.datetime.strptime(text, "%m/%d/%Y %H:%M").date().isoformat()


def test_the_files_are_those_of_the_systems_and_what_they_do_not_hold(raw: Path) -> None:
    files = {path.relative_to(raw).as_posix() for path in raw.rglob("*.csv")}
    assert files == {
        "shopify/orders_export_1.csv", "goaffpro/sales_report.csv", "meta/instagram_content.csv",
        "meta/facebook_content.csv", "influencers.csv", "influencer_keys.csv", "posts.csv",
        "payouts.csv", "campaigns.csv", "campaign_regions.csv", "regions.csv", "products.csv",
    }  # fmt: skip


def test_tables_that_no_system_holds_stay_as_they_are(own: Path, raw: Path) -> None:
    for table in ("influencers", "campaigns", "campaign_regions", "regions", "products"):
        assert (own / f"{table}.csv").read_bytes() == (raw / f"{table}.csv").read_bytes()


def test_orders_of_shopify_are_the_order_lines(own: Path, raw: Path) -> None:
    refs = {
        row["key"]: row["influencer_id"]
        for row in rows(raw / "influencer_keys.csv")
        if row["kind"] == "other"
    }
    orders: dict[str, list[Row]] = defaultdict(list)
    report = raw / "shopify" / "orders_export_1.csv"
    for row in read(report, "shopify_orders", "tracking_data"):
        orders[row["transaction_id"]].append(row)
    expected = rows(own / "tracking_data.csv")
    assert len(orders) == len(expected)
    for line, own_line in zip(orders.values(), expected, strict=True):
        first = line[0]
        back = own_line["status"] in ("returned", "refused")
        assert sum(int(row["orders"]) for row in line) == int(own_line["orders"])
        for money in ("revenue", "discount"):
            assert sum(Decimal(row[money]) for row in line) == Decimal(own_line[money])
        given_back = sum(Decimal(row["refunded_amount"] or 0) for row in line)
        is_returned = own_line["status"] == "returned"
        assert given_back == (Decimal(own_line["revenue"]) if is_returned else 0)
        assert indian_day(first["date"]) == own_line["date"]
        assert (first["status"] in ("returned", "refused")) == back
        assert first["is_new_customer"] == own_line["is_new_customer"]
        assert refs.get(first["influencer_id"], "") == own_line["influencer_id"]
        for column in ("source", "campaign", "product", "brand", "region", "coupon_code"):
            assert {row[column] or "" for row in line} == {own_line[column]}
    buyers = {first["user_id"] for first, *_ in orders.values()}
    assert len(buyers) == len({row["user_id"] for row in expected})


def test_an_order_s_own_cells_stand_on_its_first_record_only(raw: Path) -> None:
    seen: Counter[str] = Counter()
    for row in rows(raw / "shopify" / "orders_export_1.csv"):
        seen[row["Name"]] += 1
        is_first = seen[row["Name"]] == 1
        assert all(bool(row[header]) == is_first for header in ("Subtotal", "Currency", "Email"))
        assert row["Created at"].endswith(" +0000")
    assert max(seen.values()) == 2


def test_posts_of_meta_and_the_others_are_the_posts(own: Path, raw: Path) -> None:
    people = rows(own / "influencers.csv")
    accounts = {row["handle"].lstrip("@"): row["influencer_id"] for row in people}
    measures = ("reach", "impressions", "likes", "comments", "shares", "saves")
    found = {}
    for file in ("instagram_content", "facebook_content"):
        for row in read(raw / "meta" / f"{file}.csv", "meta_content", "posts"):
            cells = [(row[name] or "").replace(",", "") for name in measures]
            found[row["url"]] = [
                accounts[row["handle"]], month_first_day(row["date"]), row["platform"],
                row["campaign"] or "", row["brand"], row["post_type"], row["caption"], *cells,
            ]  # fmt: skip

    def told(row: Row) -> list[str]:
        names = ("influencer_id", "date", "platform", "campaign", "brand", "post_type", "caption")
        return [row[name] for name in (*names, *measures)]

    for row in rows(raw / "posts.csv"):
        assert row["platform"] not in ("Instagram", "Facebook")
        found[row["url"]] = told(row)
    assert found == {row["url"]: told(row) for row in rows(own / "posts.csv")}


def test_sales_of_goaffpro_and_the_other_payouts_are_the_payouts(own: Path, raw: Path) -> None:
    emails = {
        row["key"]: row["influencer_id"]
        for row in rows(raw / "influencer_keys.csv")
        if row["kind"] == "email"
    }
    names = ("influencer_id", "basis", "campaign", "event_date", "paid_date", "status")
    numbers = ("total_payout", "rate", "orders")
    found = []
    for row in read(raw / "goaffpro" / "sales_report.csv", "goaffpro_sales", "payouts"):
        row["influencer_id"] = emails[row["influencer_id"]]
        assert row["rate_unit"] == "percent of revenue"
        found.append(row)
    assert found and all(not row["campaign"] for row in found)
    found += rows(raw / "payouts.csv")

    def told(row: Row) -> tuple[Any, ...]:
        return (
            *(row[name] or "" for name in names),
            *(Decimal(row[name] or 0) for name in numbers),
        )

    assert Counter(map(told, found)) == Counter(map(told, rows(own / "payouts.csv")))


def test_one_system_leaves_the_tables_of_others(tmp_path: Path) -> None:
    raw = world(tmp_path, "--as", "meta")
    assert (raw / "tracking_data.csv").exists() and (raw / "meta").is_dir()
    assert not (raw / "shopify").exists()


def test_reports_are_replaced_by_tables_and_back(tmp_path: Path) -> None:
    small = ["--days", "14", "--orders", "200"]
    raw = world(tmp_path, *small, "--as", "shopify,goaffpro,meta")
    again = world(tmp_path, *small)
    assert again == raw and (raw / "tracking_data.csv").exists()
    assert not (raw / "shopify").exists() and not (raw / "influencer_keys.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--as", "shopware"], ["--as", "'shopware'", "shopify, goaffpro, meta"]),
        (["--as", "shopify", "--mess", "0.01"], ["clean", "--mess"]),
        (["--as", "shopify", "--format", "parquet"], ["CSV", "--format"]),
    ],
)
def test_what_cannot_be_written_is_said_in_one_line(
    arguments: list[str],
    words: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        world(tmp_path, *arguments)
    message = capsys.readouterr().err
    assert message.count("\n") == 1 and all(word in message for word in words)


def test_the_same_seed_makes_the_same_bytes(tmp_path: Path) -> None:
    small = ["--days", "14", "--orders", "500", "--as", "shopify,goaffpro,meta"]

    def contents(folder: Path) -> dict[str, bytes]:
        files = folder.rglob("*.csv")
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}

    one = contents(world(tmp_path / "one", *small, "--threads", "1"))
    two = contents(world(tmp_path / "two", *small, "--threads", "2", "--chunk-orders", "1"))
    assert one == two


@pytest.fixture(scope="module")
def builds(own: Path, raw: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Build, Build]:
    folder = tmp_path_factory.mktemp("warehouses")
    made = [
        build_exports(raw=exports, warehouse=folder / name)
        for name, exports in (("own", own), ("systems", raw))
    ]
    for build in made:
        assert build.returncode == 0 and build.published_file.exists(), build.output
    return made[0], made[1]


@pytest.mark.build
def test_a_build_of_the_reports_gives_the_figures_of_the_world(
    builds: tuple[Build, Build],
) -> None:
    own, systems = builds
    with duckdb.connect() as connection:
        for name, build in (("own", own), ("systems", systems)):
            connection.execute(f"attach '{build.published_file}' as {name} (read_only)")
        columns: dict[str, list[str]] = defaultdict(list)
        for table, column in connection.execute(
            "select table_name, column_name from duckdb_columns()"
            " where database_name = 'own' and schema_name = 'marts' order by column_index"
        ).fetchall():
            columns[table].append(column)
        assert NOT_REPORTED.keys() <= columns.keys()
        for table, names in columns.items():
            left_out = NOT_REPORTED.get(table, set())
            if left_out is None:
                continue
            kept = ", ".join(name for name in names if name not in left_out)
            rows = [
                connection.execute(f"select count(*) from {one}.marts.{table}").fetchall()
                for one in ("own", "systems")
            ]
            assert rows[0] == rows[1], table
            different = connection.execute(
                f"select {kept} from own.marts.{table}"
                f" except all select {kept} from systems.marts.{table}"
            ).fetchall()
            assert different == [], table


@pytest.mark.build
def test_no_record_of_the_reports_is_rejected(builds: tuple[Build, Build]) -> None:
    _, systems = builds
    health = systems.query(
        "select raw_table, rows_read, rows_accepted from marts.rpt_data_health where files > 0"
    )
    assert {table for table, _, _ in health} >= {"tracking_data", "posts", "payouts"}
    assert [table for table, read, accepted in health if read != accepted] == []


@pytest.mark.build
def test_the_books_of_the_reports_are_those_of_their_own_lines(
    raw: Path, builds: tuple[Build, Build]
) -> None:
    """Revenue counted from Shopify's own columns, without the adapter."""
    _, systems = builds
    days: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 4)
    for row in rows(raw / "shopify" / "orders_export_1.csv"):
        if not row["Subtotal"]:
            continue
        subtotal, discount = Decimal(row["Subtotal"]), Decimal(row["Discount Amount"])
        is_back = row["Financial Status"] in ("refunded", "voided")
        of_order = (1, subtotal + discount, discount, subtotal if is_back else 0)
        day = indian_day(row["Created at"])
        days[day] = [one + other for one, other in zip(days[day], of_order, strict=True)]
    found = systems.query(
        "select date_day::varchar, sum(orders), sum(gross_revenue), sum(discounts), sum(refunds)"
        " from marts.fct_revenue_days group by 1"
    )
    assert {day: list(sums) for day, *sums in found if any(sums)} == days
