"""Peers of bench/scale.py make what Helios makes, of exports that are damaged in every way."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest

from bench.scale import Row, differences, medians, ratios, simulate
from tests.python.support import PROJECT, Build, build_marts

PEERS = [
    "by_hand",
    pytest.param(
        "by_polars",
        marks=pytest.mark.skipif(find_spec("polars") is None, reason="Polars is not installed"),
    ),
    "by_pandas",
]

# By column, what stands in every thousandth row from this number on.
CELLS = {
    "transaction_id": {1: "' ' || transaction_id || ' '"},
    "date": {2: "null", 3: "' '", 4: "'1899-12-31'"},
    "orders": {5: "'1.5'", 6: "'-1'", 7: "''", 8: "'two'", 9: "'2'"},
    "revenue": {10: "null", 11: "'abc'", 12: "''", 13: "'0'"},
    "status": {12: "'Cancelled'", 14: "'RTO'", 15: "'lost'", 16: "null"},
    "region": {17: "upper(region)", 18: "' ' || region", 19: "'MH'", 20: "null", 21: "'Atlantis'"},
    "brand": {22: "upper(brand)", 23: "null", 24: "'No Such Brand'"},
    "product": {25: "upper(product)", 26: "replace(product, ' ', '_')", 27: "null", 28: "'Elixir'"},
    "source": {29: "'Google Ads'", 30: "'elsewhere'", 31: "null"},
    "coupon_code": {32: "coupon_code || ', HELLO'", 33: "(select all_codes from codes)"},
    "discount": {34: "null", 35: "-discount"},
    "returned_date": {36: "date '1900-01-01'"},
}
# Influencers and campaigns are on few rows, of which each has another spelling.
SPELLED = """
    case number % 7
        when 1 then lower(influencer_id)
        when 2 then (
            select max(handle) from influencers
            where influencers.influencer_id = rows.influencer_id
        )
        else influencer_id
    end as influencer_id,
    case number % 5
        when 1 then lower(campaign)
        when 2 then (select max(name) from campaigns where campaign_id = rows.campaign)
        when 3 then null
        else campaign
    end as campaign
"""
# Rows that come twice: as they are, with another product, other money, another region, or no id.
REPEATED = {
    "": (41, 42, 43),
    "replace ('Another' as product)": (51, 52),
    "replace ('7777.00' as revenue)": (61, 62),
    "replace ('Goa' as region)": (71, 72),
    "replace (null as transaction_id)": (81, 82),
}


def damage(raw: Path) -> None:
    """Damage the exports once more; the late file, which is the older by its name, last."""
    orders, late = raw / "tracking_data" / "orders.parquet", raw / "tracking_data" / "late.parquet"
    replaced = ", ".join(
        f"case number % 1000 {' '.join(f'when {n} then {cell}' for n, cell in cells.items())}"
        f" else {f'{column}::varchar' if column == 'orders' else column} end as {column}"
        for column, cells in CELLS.items()
    )
    with duckdb.connect() as connection:
        for table in ("influencers", "campaigns", "products"):
            connection.execute(f"create table {table} as from '{raw / table}.parquet'")
        connection.execute(
            f"""
            create table codes as
            select string_agg(coupon_codes, ' ') as all_codes from influencers;

            create table rows as
            select *, file_row_number + 1 as number
            from read_parquet('{orders}', file_row_number = true);

            create table damaged as
            select * exclude file_row_number replace ({replaced}, {SPELLED}) from rows
            """
        )
        again = " ".join(
            f"union all select * {other} from damaged where number % 1000 in {numbers}"
            for other, numbers in REPEATED.items()
        )
        connection.execute(
            f"""
            copy (select * exclude number from (from damaged {again})) to '{orders}';

            create table newer as from '{late}';
            copy (
                from newer
                union all by name
                select * exclude number from damaged where number % 1000 = 91
                union all by name
                select * exclude number replace ('5' as revenue) from damaged
                where number % 1000 = 92
            ) to '{late}';

            -- Two brands sell one product, at a price and cost of their own.
            copy (
                from products
                union all
                select product, (select max(brand) from products), 100, 50
                from (from products where brand <> (select max(brand) from products) limit 1)
            ) to '{raw / "products.parquet"}'
            """
        )


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    raw = simulate(tmp_path_factory.mktemp("scale"), orders=20_000, mess=0.01)
    damage(raw)
    return raw


@pytest.fixture(scope="module")
def build(exports: Path, tmp_path_factory: pytest.TempPathFactory) -> Build:
    warehouse = tmp_path_factory.mktemp("warehouse")
    made = build_marts("panel_orders", "fct_revenue_days", raw=exports, warehouse=warehouse)
    assert made.returncode == 0, made.output
    return made


def results_of(peer: str, exports: Path, out: Path) -> Path:
    command = [sys.executable, "-m", f"bench.{peer}", str(exports), str(out)]
    finished = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    return out


@pytest.mark.build
@pytest.mark.parametrize("peer", PEERS)
def test_a_peer_makes_what_helios_makes(
    peer: str, build: Build, exports: Path, tmp_path: Path
) -> None:
    results = results_of(peer, exports, tmp_path / "results")
    assert differences(build.warehouse / "build.duckdb", results) == []


@pytest.mark.build
def test_every_reason_is_among_the_rows(build: Build) -> None:
    reasons = build.query(
        "select distinct row_status, reject_column, reject_code from staging.stg_tracking_data"
    )
    assert set(reasons) == {
        ("accepted", None, None),
        ("duplicate", None, "copy"),
        ("superseded", None, "superseded"),
        ("rejected", "transaction_id", "repeats"),
        *(("rejected", "date", code) for code in ("empty", "unreadable", "out_of_range")),
        *(("rejected", "orders", code) for code in ("empty", "unreadable", "negative")),
        *(("rejected", "revenue", code) for code in ("empty", "unreadable", "negative")),
    }


@pytest.mark.build
def test_a_difference_is_found(build: Build, exports: Path, tmp_path: Path) -> None:
    results = results_of("by_hand", exports, tmp_path / "results")
    panel = results / "panel_orders.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"create table panel as from '{panel}'")
        connection.execute(f"copy (from panel limit (select count(*) - 1 from panel)) to '{panel}'")
    assert [
        line.partition(":")[0] for line in differences(build.warehouse / "build.duckdb", results)
    ] == ["panel_orders"]


TIMES = {
    "Helios, full build": (40.0, 50.0),
    "Helios, order path": (20.0, 10.0),
    "DuckDB by hand": (2.0, None),
    "Polars": (None, None),
    "pandas": (5.0, None),
}


def test_ratios_are_null_where_a_peer_has_no_figures() -> None:
    table = [Row(what, wall=wall, sql=sql) for what, (wall, sql) in TIMES.items()]
    assert list(ratios(table).values()) == [5.0, None, 2.0, 2.0]


def test_figures_are_medians_of_the_runs() -> None:
    runs = [[Row("pandas", wall=wall, cpu=wall, peak=1.0, read=7)] for wall in (1.0, 9.0, 2.0)]
    assert medians(runs) == [Row("pandas", wall=2.0, cpu=2.0, peak=1.0, read=7)]
