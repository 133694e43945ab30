"""Exports damaged on purpose: the build counts every damaged row, and loses none of the others."""

from pathlib import Path

import duckdb
import pytest

from tests.python.support import Build, build_exports, simulate

pytestmark = pytest.mark.build

REJECTED = ("impossible date", "negative money")
DAMAGES = (*REJECTED, "unknown influencer", "duplicate row", "stray encoding", "late file")


@pytest.fixture(scope="module")
def messy_build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    folder = tmp_path_factory.mktemp("messy")
    raw = simulate(folder / "raw", "--world", "tiny", "--mess", "0.05")
    build = build_exports(raw=raw, warehouse=folder / "warehouse")
    assert build.returncode == 0, build.output
    return build


def damages(build: Build) -> dict[tuple[str, str], int]:
    """Damaged rows by table and kind, as the simulator wrote them down."""
    listed = build.raw.with_name("raw_truth") / "mess" / "*.csv"
    rows = duckdb.sql(
        f"select raw_table, damage, count(*) from read_csv('{listed}') group by all"
    ).fetchall()
    return {(table, damage): count for table, damage, count in rows}


def rows_of(folder: Path, table: str) -> int:
    """Rows of a clean export."""
    found = duckdb.sql(f"select count(*) from read_csv('{folder / table}.csv')").fetchone()
    assert found is not None
    return int(found[0])


def test_every_damaged_row_is_rejected_or_counted_as_a_copy(
    messy_build: Build, tmp_path: Path
) -> None:
    clean = simulate(tmp_path / "clean", "--world", "tiny")
    damaged = damages(messy_build)
    assert {kind for _, kind in damaged} == set(DAMAGES)
    for table, read, accepted, rejected, duplicates in messy_build.query(
        "select raw_table, rows_read, rows_accepted, rows_rejected, duplicates"
        " from marts.rpt_data_health"
        " where raw_table in ('influencers', 'posts', 'payouts', 'tracking_data')"
    ):
        lost = sum(damaged.get((table, kind), 0) for kind in REJECTED)
        # An order of an unknown influencer is the shop's all the same; a misread name is a name.
        lost += damaged.get((table, "unknown influencer"), 0) if table != "tracking_data" else 0
        copies = damaged.get((table, "duplicate row"), 0)
        assert (table, rejected, duplicates) == (table, lost, copies)
        assert read == rows_of(clean, table) + copies
        assert accepted == rows_of(clean, table) - lost


def test_late_rows_are_read_with_the_others(messy_build: Build) -> None:
    late = duckdb.sql(
        f"select transaction_id from read_csv('{messy_build.raw}/tracking_data/late.csv')"
    ).fetchall()
    assert len(late) == damages(messy_build)["tracking_data", "late file"] > 0
    [(files,)] = messy_build.query(
        "select files from marts.rpt_data_health where raw_table = 'tracking_data'"
    )
    assert files == 2
