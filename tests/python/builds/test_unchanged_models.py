"""A model of which nothing has changed stays, and what a build makes is what a fresh one makes."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.python.support import Build, run_dbt, simulate

pytestmark = pytest.mark.build

SMALL_WORLD = ("--seed", "7", "--influencers", "30", "--orders", "2000", "--days", "100")
# What reads nothing that dbt knows, counts the rows of all others, or may ask for today.
ALWAYS = {
    "core_activity",
    *("raw_files", "raw_headers", "raw_unreadable_rows", "calibration_truth_tables"),
    *("meta_columns", "meta_models", "meta_settings"),
}
# The time of the build.
LEFT_OUT = {"meta_settings": "where setting <> 'built_at'"}


def run(raw: Path, warehouse: Path, *arguments: str) -> Build:
    """Build all models, without tests, so that nothing is published."""
    only = ("--resource-type", "model", "--resource-type", "seed")
    build = run_dbt("build", *only, *arguments, raw=raw, warehouse=warehouse)
    assert build.returncode == 0, build.output
    return build


def built(build: Build) -> set[str]:
    """The models that a build did not leave as they were."""
    said = re.findall(r"OK created .* model \w+\.(\w+) \.* \[(\w+)", build.output)
    assert len(said) > 100
    return {model for model, status in said if status != "UNCHANGED"}


def tables(warehouse: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all that was built, but for what a build says of itself."""
    with duckdb.connect(str(warehouse / "build.duckdb"), read_only=True) as connection:
        names = connection.execute(
            "select schema_name, table_name from duckdb_tables()"
            " where schema_name <> 'builds' and table_name <> 'meta_models'"
        ).fetchall()
        return {
            name: connection.execute(
                f"from {schema}.{name} {LEFT_OUT.get(name, '')} order by all"
            ).fetchall()
            for schema, name in names
        }


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """A world that is built. A test that changes something builds again what it leaves."""
    folder = tmp_path_factory.mktemp("again")
    raw = simulate(folder / "raw", *SMALL_WORLD)
    return run(raw, folder / "warehouse")


def test_nothing_is_built_where_nothing_has_changed(world: Build) -> None:
    again = run(world.raw, world.warehouse)
    assert built(again) == ALWAYS
    assert re.search(r"Helios: of \d+ models \d+ were left as they are", again.output)


def test_a_file_that_was_written_anew_is_read_and_nothing_more(world: Build) -> None:
    os.utime(world.raw / "posts.csv")
    assert built(run(world.raw, world.warehouse)) == ALWAYS | {"raw_posts"}


def test_a_rule_builds_what_it_touches_and_a_table_that_is_gone_is_built(world: Build) -> None:
    touched = built(run(world.raw, world.warehouse, "--vars", "{payout_tolerance: 123}"))
    assert "rpt_payout_checks" in touched
    assert not {name for name in touched - ALWAYS if re.match("raw|stg|core|panel|inc", name)}

    with duckdb.connect(str(world.warehouse / "build.duckdb")) as connection:
        before = connection.execute("from marts.fct_posts order by all").fetchall()
        connection.execute("drop table marts.fct_posts")
    assert built(run(world.raw, world.warehouse)) == touched | {"fct_posts"}
    assert tables(world.warehouse)["fct_posts"] == before


def raise_a_payout(raw: Path) -> None:
    """Another file under the same name, of the same size and of the same time."""
    file = raw / "payouts.csv"
    text, status = file.read_text(encoding="utf-8"), file.stat()
    amount = re.findall(r"\b[1-8]\d+\.\d\d\b", text)[-1]
    file.unlink()
    file.write_text(text.replace(amount, f"9{amount[1:]}"), encoding="utf-8")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert file.stat().st_size == status.st_size


def lose_a_file(raw: Path) -> None:
    (raw / "regions.csv").unlink()


def lose_rows(raw: Path) -> None:
    """An export that ends ten days earlier, written by a clock that goes wrong."""
    file = raw / "tracking_data.csv"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(lines[: len(lines) * 9 // 10]), encoding="utf-8")
    os.utime(file, (0, 0))


def export_a_day_again(raw: Path) -> None:
    """The last day once more, in a file of its own, one row of it corrected."""
    lines = (raw / "tracking_data.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (raw / "tracking_data").mkdir()
    (raw / "tracking_data.csv").rename(raw / "tracking_data" / "tracking_data_2025-01-01.csv")
    later = raw / "tracking_data" / "tracking_data_2025-01-02.csv"
    later.write_text("".join([lines[0], *lines[-40:]]), encoding="utf-8")


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fresh")


@pytest.mark.parametrize(
    "change",
    [raise_a_payout, lose_a_file, lose_rows, export_a_day_again],
    ids=lambda of: of.__name__,
)
def test_what_comes_of_a_change_is_what_a_fresh_build_makes(
    world: Build, fresh: Path, change: Callable[[Path], None]
) -> None:
    """Also where a build of a few models came between, which left the others as they were."""
    change(world.raw)
    if change is raise_a_payout:
        run(world.raw, world.warehouse, "--select", "raw_payouts", "stg_payouts")
    assert len(built(run(world.raw, world.warehouse))) > len(ALWAYS)
    anew = run(world.raw, fresh, "--full-refresh")
    assert len(built(anew)) == len(re.findall("OK created .* model", anew.output))
    expected, found = tables(fresh), tables(world.warehouse)
    assert expected.keys() == found.keys()
    assert [name for name in expected if expected[name] != found[name]] == []
