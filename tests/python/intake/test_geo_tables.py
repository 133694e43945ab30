"""Geo tests of the user's own: their three tables alone, beside the others, and with mistakes."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.python.intake.exports import INFLUENCERS, ORDERS, stop_of, write
from tests.python.support import Build, build_exports, simulate

pytestmark = pytest.mark.build

START = date(2025, 1, 1)
GEOS = ("Agra", "Delhi", "Goa", "Pune")
EXPERIMENTS = (
    "Experiment,Title,pre start,PRE_END,test start,test end,confidence level,trim\n"
    "7,Diwali,2025-01-01,2025-01-14,2025-01-15,2025-01-21,90%,auto\n"
)
ASSIGNMENTS = "test_id,market,group\n7.0,agra,T\n7.0,DELHI,Hold-out\n7,Goa,treated\n7,Pune,C\n"
ORDER_MARTS = ("fct_influencer_days", "fct_revenue_days", "fct_posts", "fct_payout_lines")


def figures() -> list[tuple[str, date, float, float]]:
    """Geo, day, response and cost of four geos in three weeks."""
    return [
        (geo, START + timedelta(day), 1e5 * (number + 1) + day / 7, 1e-05 * day)
        for number, geo in enumerate(GEOS)
        for day in range(21)
    ]


def staged(build: Build, sql: str) -> list[tuple[Any, ...]]:
    """Rows of a query on what the build works with."""
    file = build.warehouse / "build.duckdb"
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def build_alone(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Nothing but the three tables, the panel as a typed Parquet file."""
    folder = tmp_path_factory.mktemp("alone")
    raw = write(folder / "raw", geo_experiments=EXPERIMENTS, geo_assignments=ASSIGNMENTS)
    with duckdb.connect() as connection:
        connection.execute(
            "create table panel (id integer, dma varchar, day timestamp, sales double, "
            '"Ad Spend" double)'
        )
        rows = [(7, *row) for row in figures()]
        connection.executemany("insert into panel values (?, ?, ?, ?, ?)", rows)
        connection.execute(
            f"copy (from panel select * rename (id as test_id)) to '{raw}/geo_panel.parquet'"
        )
    build = build_exports(raw=raw, warehouse=folder / "warehouse")
    assert build.returncode == 0, build.output
    return build


def test_geo_tables_alone_are_published(build_alone: Build) -> None:
    assert "Helios: published" in build_alone.output
    assert "WARN=0" in build_alone.output
    health = build_alone.query(
        """
        select raw_table, rows_read, rows_accepted, amount_read::double, first_date::varchar,
            last_date::varchar, unknown_headers
        from marts.rpt_data_health where rows_read > 0 order by 1
        """
    )
    assert health == [
        ("geo_assignments", 4, 4, 0, None, None, None),
        ("geo_experiments", 1, 1, 0, "2025-01-01", "2025-01-01", None),
        ("geo_panel", 84, 84, 0, "2025-01-01", "2025-01-21", None),
    ]
    for mart in ORDER_MARTS:
        assert build_alone.query(f"select count(*) from marts.{mart}") == [(0,)], mart


def test_figures_arrive_as_they_were_exported(build_alone: Build) -> None:
    rows = staged(
        build_alone,
        "select experiment_id, geo, date_day, response, cost from staging.stg_geo_panel",
    )
    twelve_decimals = Decimal("1e-12")
    assert sorted(rows) == [
        (
            "7",
            geo,
            day,
            Decimal(repr(response)).quantize(twelve_decimals),
            Decimal(repr(cost)).quantize(twelve_decimals),
        )
        for geo, day, response, cost in figures()
    ]


def test_spellings_and_settings_are_read(build_alone: Build) -> None:
    experiments = staged(
        build_alone,
        """
        select experiment_id, experiment_name, brand, pretest_end, test_start, cooldown_end,
            ci_level, gbr_weight_power, trim_rate, max_trim_rate, sc_demeaned
        from staging.stg_geo_experiments
        """,
    )
    periods = (date(2025, 1, 14), date(2025, 1, 15), None)
    assert experiments == [("7", "Diwali", None, *periods, 0.9, None, None, None, None)]
    assignments = staged(
        build_alone, "select geo, assignment from staging.stg_geo_assignments order by lower(geo)"
    )
    assert assignments == [
        ("agra", "treatment"),
        ("DELHI", "control"),
        ("Goa", "treatment"),
        ("Pune", "control"),
    ]


@pytest.fixture(scope="module")
def build_beside(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """The tables beside a simulated world, with one of each mistake that does not stop a build."""
    folder = tmp_path_factory.mktemp("beside")
    raw = simulate(folder / "raw", "--world", "tiny", "--seed", "1")
    good = "\n".join(f"7,{geo},{day},{response}" for geo, day, response, _ in figures())
    write(
        raw,
        geo_experiments=(
            f"{EXPERIMENTS}"
            "8,Late,2025-01-01,2025-01-14,2025-01-14,2025-01-21,90,\n"
            "8,Late,2025-01-01,2025-01-14,2025-01-14,2025-01-21,90,\n"
            "7,Again,2025-01-01,2025-01-14,2025-01-15,2025-01-21,,0.6\n"
        ),
        geo_assignments=(
            f"{ASSIGNMENTS}7,Surat,T\n7,SURAT,control\n8,Goa,T\n7,GOA,T\n7,Kochi,both\n"
        ),
        geo_panel=(
            f"test_id,market,day,sales\n{good}\n"
            "7,Leftout,2025-01-01,5\n"
            "7,GOA,2025-01-01,5\n"
            "7,Leftout,2025-01-01,5\n"
            "8,Goa,2025-01-01,5\n"
            "7,Leftout,2025-02-30,5\n"
            "7,Leftout,2025-01-02,\n"
            "7,Leftout,2025-01-02,many\n"
            "7,Leftout,1925-01-03,5\n"
            "7,Leftout,2025-01-04,5,6\n"
        ),
    )
    build = build_exports(
        *("--vars", "{min_accepted_share: 0}"), raw=raw, warehouse=folder / "warehouse"
    )
    assert build.returncode == 0, build.output
    return build


def test_every_mistake_is_kept_with_its_reason(build_beside: Build) -> None:
    rejected = build_beside.query(
        """
        select raw_table, record_number, column_name, value, reason, row_status = 'duplicate'
        from marts.fct_rejected_rows where raw_table like 'geo%' order by raw_table, record_number
        """
    )
    surat = "is one of two assignments of the geo in the experiment"
    is_late = 'test_start "2025-01-14" is not after pretest_end; ci_level "90" is not between 0 and'
    expected = [
        ("geo_assignments", 5, "assignment", "T", f'assignment "T" {surat}', False),
        ("geo_assignments", 6, "assignment", "control", f'assignment "control" {surat}', False),
        ("geo_assignments", 7, "experiment_id", "8", "is not among the accepted exp", False),
        ("geo_assignments", 8, "experiment_id", "7", "experiment_id with geo repeats an", False),
        ("geo_assignments", 9, "assignment", "both", '"both" is not a word of', False),
        ("geo_experiments", 2, "test_start", "2025-01-14", is_late, False),
        ("geo_experiments", 3, None, None, "exact copy of an earlier row", True),
        ("geo_experiments", 4, "trim_rate", "0.6", "is not from 0 to less than 0.5", False),
        ("geo_panel", 86, "experiment_id", "7", "experiment_id with geo and date re", False),
        ("geo_panel", 87, None, None, "exact copy of an earlier row", True),
        ("geo_panel", 88, "experiment_id", "8", "is not among the accepted exp", False),
        ("geo_panel", 89, "date", "2025-02-30", 'date "2025-02-30" is not a date', False),
        ("geo_panel", 90, "response", None, "response is empty", False),
        ("geo_panel", 91, "response", "many", 'response "many" is not a number', False),
        ("geo_panel", 92, "date", "1925-01-03", "is not between 2000 and 2099", False),
        ("geo_panel", 93, None, "7,Leftout,2025-01-04,5,6", "5 cells for 4 headers", False),
    ]
    assert len(rejected) == len(expected)
    for row, wanted in zip(rejected, expected, strict=True):
        assert (*row[:4], row[5]) == (*wanted[:4], wanted[5])
        assert wanted[4] in row[4]


def test_both_kinds_of_tables_are_read(build_beside: Build) -> None:
    health = dict(build_beside.query("select raw_table, rows_accepted from marts.rpt_data_health"))
    assert health["geo_experiments"] == 1
    assert health["geo_assignments"] == 4
    # A geo without assignment is accepted; a cost that is not there is empty.
    assert health["geo_panel"] == 85
    own = {"influencer_keys", "geo_experiments", "geo_assignments", "geo_panel", "test_plans"}
    assert min(count for table, count in health.items() if table not in own) > 0
    sql = (
        "select count(cost), count(*) filter (geo = 'Leftout') from staging.stg_geo_panel"
        " where row_status = 'accepted'"
    )
    assert staged(build_beside, sql) == [(0, 1)]


def test_part_of_the_tables_stops_the_build(tmp_path: Path) -> None:
    error = stop_of(
        tmp_path,
        influencers=INFLUENCERS,
        tracking_data=ORDERS,
        geo_experiments=EXPERIMENTS,
        geo_panel="test_id,market,day,sales\n",
    )
    assert "There is no geo_assignments table in the folder" in error
    assert "without which geo_experiments and geo_panel cannot be used" in error


def test_posts_without_influencers_stop_the_build(tmp_path: Path) -> None:
    error = stop_of(
        tmp_path,
        posts="influencer_id,date\nA,2025-01-01\n",
        geo_experiments=EXPERIMENTS,
        geo_assignments=ASSIGNMENTS,
        geo_panel="test_id,market,day,sales\n",
    )
    assert "There is no influencers and no tracking_data table in the folder" in error
    assert "without which posts cannot be used" in error


def test_a_required_column_is_missing(tmp_path: Path) -> None:
    error = stop_of(
        tmp_path,
        geo_experiments=EXPERIMENTS,
        geo_assignments=ASSIGNMENTS,
        geo_panel="test_id,market,day,cost\n7,Goa,2025-01-01,5\n",
    )
    assert "geo_panel.csv: the required column response is missing" in error
