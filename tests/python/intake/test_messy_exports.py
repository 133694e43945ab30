"""Bad input: what can be told apart is rejected with its reason, what cannot stops the build."""

import shutil
from pathlib import Path

import duckdb
import pytest

from tests.python.intake.exports import INFLUENCERS, ORDERS, stop_of, write
from tests.python.support import Build, build_exports, build_marts

pytestmark = pytest.mark.build


def test_no_exports_at_all(tmp_path: Path) -> None:
    error = stop_of(tmp_path)
    assert f"There are no exports in the folder {tmp_path / 'raw'}. Needed are the tables" in error
    assert "influencers and tracking_data, or geo_experiments and geo_assignments" in error
    assert "python -m simulate" in error


def test_no_orders(tmp_path: Path) -> None:
    error = stop_of(tmp_path, influencers=INFLUENCERS)
    assert "There is no tracking_data table in the folder" in error
    assert "without which influencers cannot be used" in error


def test_required_column_is_missing(tmp_path: Path) -> None:
    error = stop_of(
        tmp_path, influencers=INFLUENCERS, tracking_data="source,date,orders\nx,2025-07-01,1\n"
    )
    assert "tracking_data.csv: the required column revenue is missing" in error
    assert "Accepted spellings: revenue, amount" in error


def test_two_headers_mean_one_column(tmp_path: Path) -> None:
    error = stop_of(
        tmp_path,
        influencers="ID,Influencer Id,name,platform\n1,A,Asha,Instagram\n",
        tracking_data=ORDERS,
    )
    assert "influencers.csv: the headers 'ID' and 'Influencer Id' both mean influencer_id" in error


def test_one_table_in_two_shapes(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    write(raw / "posts", january="influencer_id,date\nA,2025-01-01\n")
    error = stop_of(
        tmp_path,
        influencers=INFLUENCERS,
        tracking_data=ORDERS,
        posts="influencer_id,date\nA,2025-01-01\n",
    )
    assert "has posts.csv and posts/: the rows of posts would count twice" in error


def test_file_is_empty(tmp_path: Path) -> None:
    error = stop_of(tmp_path, influencers=b"", tracking_data=ORDERS)
    assert "influencers.csv is empty. Save it as 'CSV UTF-8'" in error


@pytest.fixture(scope="module")
def messy_build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Exports with one of each mistake that does not stop a build."""
    raw = write(
        tmp_path_factory.mktemp("messy"),
        influencers=(
            "\ufeffID;Name;PLATFORM;Followers;Mood\n"
            "A;Asha;ig;12,500;happy\n"
            "B;Ravi;YouTube;;sad\n"
            "B;Ravi the second;YouTube;;sad\n"
            "C;Meera;YouTube;lots;\n"
        ),
        posts=(
            b"influencer_id,date,caption,likes\n"
            b'A,2025-07-01,"a comma, a ""quote"" and\na new line",5\n'
            b"A,2025-07-02,caf\xe9,5\n"
            b"A,2025-07-03,too,many,cells\n"
            b"A,2025-07-04\n"
            b"Z,2025-07-05,unknown,5\n"
            b"#A,2025-07-06,no comment,5\n"
        ),
        tracking_data=(
            "source,influencer_id,date,orders,revenue,campaign,product,region\n"
            "link,A,2025-07-01,1,100.10, DIWALI ,whey,goa\n"
            "link,A,2025-07-01,1,100.10, DIWALI ,whey,goa\n"
            "link,C,2025-07-01,1,7,,,\n"
            "direct,,31/07/2025,1,\"₹1,23,456.78\",,,\n"
            "direct,,2025-07-32,1,9,,,\n"
            "direct,,2025-07-02,1,-5,,,\n"
            "direct,,2025-07-02,,free,,,\n"
        ),
        campaigns=(
            "id,Campaign Name,brand,start,end,cooldown\n"
            "C1,Diwali,MuscleBlaze,2025-10-01,2025-10-31,7\n"
            "C2,Holi,MuscleBlaze,2026-03-31,2026-03-01,\n"
            "C3,Onam,HKVitals,2025-08-01,2025-08-31,\n"
        ),
        campaign_regions=(
            "campaign,state,arm\n"
            "diwali,Goa,T\n"
            "C1,DELHI,hold-out\n"
            "c1,Kerala,Control\n"
            "C1,KERALA,treated\n"
        ),
        regions="state,population\nGOA,14.6 lakh\nDelhi,16787941\n",
        products="sku,brand,mrp,cost\nWhey,MuscleBlaze,2999,-1\nWHEY,MuscleBlaze,2999,1200\n",
        payout="influencer_id,basis,rate,total_payout\nA,post,1,1\n",
    )  # fmt: skip
    build = build_exports(raw=raw, warehouse=raw / "warehouse")
    assert build.returncode == 0, build.output
    return build


def test_every_rejected_row_is_kept_with_its_reason(messy_build: Build) -> None:
    unknown = "is not among the accepted influencers"
    expected = [
        (
            "campaign_regions",
            3,
            "rejected",
            "role",
            "Control",
            'role "Control" is one of two roles',
        ),
        (
            "campaign_regions",
            4,
            "rejected",
            "role",
            "treated",
            'role "treated" is one of two roles',
        ),
        ("campaigns", 2, "rejected", "end_date", "2026-03-01", 'end_date "2026-03-01" is before'),
        ("influencers", 3, "rejected", "influencer_id", "B", "influencer_id with platform repeats"),
        ("influencers", 4, "accepted", "follower_count", "lots", '"lots" is not a whole number'),
        ("posts", 3, "unreadable", None, "A,2025-07-03,too,many,cells", "5 cells for 4"),
        ("posts", 5, "rejected", "influencer_id", "Z", f'"Z" {unknown}'),
        ("posts", 6, "rejected", "influencer_id", "#A", f'"#A" {unknown}'),
        ("products", 1, "accepted", "unit_cost", "-1", 'unit_cost "-1" is not an amount from 0'),
        ("products", 2, "rejected", "product", "WHEY", "product with brand repeats an earlier"),
        ("tracking_data", 5, "rejected", "date", "2025-07-32", '"2025-07-32" is not a date'),
        ("tracking_data", 6, "rejected", "revenue", "-5", 'revenue "-5" is negative'),
        ("tracking_data", 7, "rejected", "orders", None, 'orders is empty; revenue "free" is not'),
    ]
    rejected = messy_build.query(
        """
        select raw_table, record_number, row_status, column_name, value, reason
        from marts.fct_rejected_rows
        order by raw_table, record_number, column_name
        """
    )
    assert len(rejected) == len(expected)
    for row, wanted in zip(rejected, expected, strict=True):
        assert row[:5] == wanted[:5]
        assert wanted[5] in row[5]


def test_a_misspelt_file_name_is_told(messy_build: Build) -> None:
    assert "payout.csv" in messy_build.output
    [(notes,)] = messy_build.query(
        "select notes from marts.rpt_data_health where raw_table = '(none)'"
    )
    assert notes.startswith("payout.csv: ")


def test_health_adds_up(messy_build: Build) -> None:
    health = messy_build.query(
        """
        select raw_table, rows_read, rows_accepted, rows_rejected, duplicates, rows_unreadable,
            amount_read::double, amount_accepted::double, amount_rejected::double, unknown_headers
        from marts.rpt_data_health order by raw_table
        """
    )
    assert health == [
        ("(none)", 0, 0, 0, 0, 0, 0, 0, 0, None),
        ("campaign_regions", 4, 2, 2, 0, 0, 0, 0, 0, None),
        ("campaigns", 3, 2, 1, 0, 0, 0, 0, 0, None),
        ("geo_assignments", 0, 0, 0, 0, 0, 0, 0, 0, None),
        ("geo_experiments", 0, 0, 0, 0, 0, 0, 0, 0, None),
        ("geo_panel", 0, 0, 0, 0, 0, 0, 0, 0, None),
        ("influencer_keys", 0, 0, 0, 0, 0, 0, 0, 0, None),
        ("influencers", 4, 3, 1, 0, 0, 0, 0, 0, "Mood"),
        ("payouts", 0, 0, 0, 0, 0, 0, 0, 0, None),
        ("posts", 6, 3, 2, 0, 1, 0, 0, 0, None),
        ("products", 2, 1, 1, 0, 0, 0, 0, 0, None),
        ("regions", 2, 2, 0, 0, 0, 0, 0, 0, None),
        ("test_plans", 0, 0, 0, 0, 0, 0, 0, 0, None),
        # 100.10 twice, 7, 123456.78, 9, 5 below zero
        ("tracking_data", 7, 4, 3, 0, 0, 123677.98, 123663.98, 14.0, None),
    ]


def test_cells_with_commas_quotes_and_new_lines_arrive_whole(messy_build: Build) -> None:
    captions = messy_build.query("select caption, likes from marts.fct_posts order by post_date")
    assert captions == [('a comma, a "quote" and\na new line', 5), ("café", 5), (None, None)]


def test_spellings_are_conformed(messy_build: Build) -> None:
    rows = messy_build.query(
        """
        select influencer_id, platform, follower_count, persona
        from marts.dim_influencers order by 1
        """
    )
    assert rows == [
        ("A", "Instagram", 12500, "Micro"),
        ("B", "YouTube", None, "Unknown"),
        ("C", "YouTube", None, "Unknown"),
    ]


def test_campaigns_regions_and_products_are_found_by_other_spellings(messy_build: Build) -> None:
    campaigns = messy_build.query(
        """
        select
            campaign_id, campaign_name, brand, start_date::varchar, cooldown_days,
            regions_treated, regions_control
        from marts.dim_campaigns order by 1
        """
    )
    assert campaigns == [
        ("(none)", "No campaign", "(none)", None, 0, None, None),
        ("C1", "Diwali", "MuscleBlaze", "2025-10-01", 7, 1, 1),
        ("C3", "Onam", "HKVitals", "2025-08-01", 0, None, None),
    ]
    sql = "select region, population from marts.dim_regions order by 1"
    assert messy_build.query(sql) == [("(none)", None), ("Delhi", 16787941), ("GOA", 1460000)]
    sql = """
        select distinct campaign_id, brand from marts.fct_influencer_days
        where orders > 0 order by 1
    """
    assert messy_build.query(sql) == [("(none)", "(none)"), ("C1", "MuscleBlaze")]


def test_no_payouts_means_no_ratio(messy_build: Build) -> None:
    rows = messy_build.query(
        """
        select
            influencer_id, attributed_revenue::double, spend::double, roas,
            organic_projection_iroas
        from marts.rpt_influencer_performance order by 1
        """
    )
    assert rows == [
        ("A", 200.20, 0, None, None),
        ("B", 0, 0, None, None),
        ("C", 7, 0, None, None),
    ]


def test_payouts_without_any_activity_are_spend_all_the_same(tmp_path: Path) -> None:
    raw = write(
        tmp_path / "raw",
        influencers=INFLUENCERS,
        tracking_data=ORDERS.splitlines()[0] + "\n",
        payouts="influencer_id,basis,rate,total_payout\nA,retainer,500,500.01\n",
    )
    build = build_marts("fct_influencer_days", raw=raw, warehouse=tmp_path / "warehouse")
    assert build.returncode == 0, build.output
    [(spend,)] = build.query("select sum(spend)::double from marts.fct_influencer_days")
    assert spend == 500.01


def test_parquet_and_folders_of_files_read_the_same(
    simulated_exports: Path, simulated_build: Build, tmp_path: Path
) -> None:
    """Orders in several files, one with another header, one with tabs; influencers typed."""
    raw = tmp_path / "my exports [new]"
    (raw / "tracking_data").mkdir(parents=True)
    for path in simulated_exports.glob("*.csv"):
        if path.stem not in ("influencers", "tracking_data"):
            content = path.read_bytes().replace(b"\n", b"\r\n")
            (raw / path.name.title().replace(".Csv", ".csv")).write_bytes(content)
    with duckdb.connect() as connection:
        orders = f"read_csv('{simulated_exports}/tracking_data.csv', all_varchar = true)"
        parts = f"{raw}/tracking_data"
        connection.execute(
            f"""
            copy (from read_csv('{simulated_exports}/influencers.csv'))
                to '{raw}/influencers.parquet';
            copy (select * rename (date as "Order Date") from {orders} limit 1500)
                to '{parts}/1.csv';
            copy (from {orders} limit 1500 offset 1500) to '{parts}/2.csv' (delimiter '\t');
            copy (from read_csv('{simulated_exports}/tracking_data.csv') offset 3000)
                to '{parts}/3.parquet';
            """
        )
    build = build_exports(raw=raw, warehouse=tmp_path / "the team's warehouse")
    assert build.returncode == 0, build.output
    sql = "select model from marts.meta_models where contains(compiled_sql, 'my exports')"
    assert build.query(sql) == []
    for mart in ("fct_influencer_days", "fct_revenue_days", "fct_payout_lines", "dim_influencers"):
        sql = f"select * from marts.{mart} order by all"
        assert build.query(sql) == simulated_build.query(sql), mart


def test_changed_files_are_seen_by_the_next_build(simulated_build: Build, tmp_path: Path) -> None:
    """dbt parses only what changed in the project, and must see what changed in the exports."""
    raw, warehouse = tmp_path / "raw", tmp_path / "warehouse"
    shutil.copytree(simulated_build.raw, raw)
    warehouse.mkdir()
    shutil.copy(simulated_build.warehouse / "build.duckdb", warehouse)
    orders = (raw / "tracking_data.csv").read_text(encoding="utf-8")
    respelled = orders.replace(",revenue,", ",Net Revenue,", 1).replace(",date,", ",Order Date,", 1)
    (raw / "tracking_data.csv").write_text(respelled, encoding="utf-8")
    (raw / "posts.csv").unlink()
    build = build_marts("fct_posts", "fct_revenue_days", raw=raw, warehouse=warehouse)
    assert build.returncode == 0, build.output
    assert build.query("select count(*) from marts.fct_posts") == [(0,)]
    sql = "select sum(revenue), sum(orders) from marts.fct_revenue_days"
    assert build.query(sql) == simulated_build.query(sql)
