"""Exports as people really have them, each through a build of its own.

The cases stand beside this project. `expected.json` has queries and right answers, computed apart
from Helios. A plain run takes the short set, as far as the tables that it asks; `-m "long or not
long"` takes all of them, to the published file. Builds go side by side, as many as there are cores.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.python.intake import exports_independent as independent
from tests.python.support import REFERENCE, Build, build_exports, build_marts, simulate

CASES = REFERENCE / "exports"
SCHEMAS = "marts,core,staging,intake,panel"
# One of each kind that is common and was silent; the others are long.
SHORT = (
    "02-shopify-renamed",
    "04-two-codes",
    "08-overlapping-exports",
    "12-utc-timestamps",
    "14-folder-other-files",
    "18-campaign-slugs",
    "20-brand-case",
    "22-ga4-source-medium",
    "24-european-amounts",
    "26-region-codes",
    "36-stray-quote",
    "62-unmatched-silent-sum",
)
# What the short set asks. Estimators read the panel alone, and do not see how exports are written.
ASKED = (
    *("panel_orders", "panel_spend", "fct_posts", "fct_payout_lines"),
    *("rpt_data_health", "rpt_not_found"),
)
# Stops that are the right outcome, and what their one line has to name.
STOPS = {"48-zero-byte-optional": ("payouts.csv",)}

pytestmark = [
    pytest.mark.build,
    pytest.mark.skipif(
        not CASES.is_dir(),
        reason="the cases of exports (shared/reference/exports) are not beside this project",
    ),
]


def case_parameters() -> list[Any]:
    """Every case; those that are not in the short set are long."""
    names = sorted(path.parent.name for path in CASES.glob("*/expected.json"))
    return [
        pytest.param(name, marks=() if name in SHORT else (pytest.mark.long,)) for name in names
    ]


@dataclass
class CaseBuilds:
    """Builds of the cases of this run, made side by side."""

    folder: Path
    pool: ThreadPoolExecutor
    is_whole: bool
    builds: dict[str, Future[Build]] = field(default_factory=dict)

    def begin(self, name: str) -> Future[Build]:
        if name not in self.builds:
            self.builds[name] = self.pool.submit(self._build, name)
        return self.builds[name]

    def _build(self, name: str) -> Build:
        folder = self.folder / name
        raw = folder / "raw"
        if (CASES / name / "raw").is_dir():
            shutil.copytree(CASES / name / "raw", raw)
        else:
            self._make(name, raw)
        if self.is_whole:
            return build_exports(raw=raw, warehouse=folder / "warehouse")
        return build_marts(*ASKED, raw=raw, warehouse=folder / "warehouse")

    def _make(self, name: str, raw: Path) -> None:
        """Exports of a case that makes them from the tiny world, as its make.py says."""
        world = simulate(self.folder / f"{name}-world", "--world", "tiny", "--seed", "7")
        maker = CASES / name / "make.py"
        subprocess.run([sys.executable, str(maker), str(world), str(raw)], check=True)


@pytest.fixture(scope="module")
def case_builds(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[CaseBuilds]:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        is_whole = "long" in request.config.option.markexpr.split()
        builds = CaseBuilds(tmp_path_factory.mktemp("cases"), pool, is_whole)
        for item in request.session.items:
            if item.path == request.path and hasattr(item, "callspec"):
                builds.begin(item.callspec.params["case"])
        yield builds


@pytest.fixture(params=case_parameters())
def case(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def case_build(case: str, case_builds: CaseBuilds) -> Build:
    return case_builds.begin(case).result()


def ask(build: Build, sql: str) -> list[tuple[Any, ...]]:
    """Rows of a query on what was built, published or not."""
    with duckdb.connect(str(build.warehouse / "build.duckdb"), read_only=True) as connection:
        connection.execute(f"set search_path = '{SCHEMAS}'")
        return connection.execute(sql).fetchall()


def value(cell: object) -> object:
    """A cell as it is compared: numbers and numbers in text by what they are worth."""
    if cell is None or isinstance(cell, bool):
        return cell
    try:
        number = Decimal(str(cell))
    except InvalidOperation:
        return cell
    return round(number, 6) if number.is_finite() else cell


def differences(build: Build, checks: list[dict[str, Any]]) -> list[str]:
    """What the queries of `checks` answer otherwise than they should."""
    found = []
    for check in checks:
        try:
            rows: object = [[value(cell) for cell in row] for row in ask(build, check["query"])]
        except duckdb.Error as error:
            rows = str(error)
        expected = [[value(cell) for cell in row] for row in check["expected"]]
        if rows != expected:
            found.append(f"{check['query']}\n    expected {expected}\n    found    {rows}")
    return found


def is_other_outcome(build: Build, outcome: dict[str, Any]) -> bool:
    """Whether an outcome that is as good came about: its checks hold, or its words are said."""
    if "checks" in outcome:
        return build.returncode == 0 and not differences(build, outcome["checks"])
    said = " ".join(build.output.split())
    return str(outcome["message"]) in said and "Traceback" not in said


def test_case_is_right(case: str, case_build: Build) -> None:
    expected = json.loads((CASES / case / "expected.json").read_text(encoding="utf-8"))
    assert "Traceback" not in case_build.output, case_build.output
    if case in STOPS:
        said = " ".join(case_build.output.split())
        assert case_build.returncode != 0
        assert not case_build.published_file.exists()
        assert all(words in said for words in STOPS[case]), case_build.output
        return
    if any(is_other_outcome(case_build, other) for other in expected.get("or_instead", ())):
        return
    assert case_build.returncode == 0, case_build.output[-6000:]
    found = differences(case_build, expected["checks"])
    assert not found, "\n".join([expected["right"], *found, case_build.output[-2000:]])


def test_rows_and_money_are_conserved(case: str, case_build: Build) -> None:
    if case_build.returncode != 0:
        pytest.skip("the build stopped, and says why")
    health = {
        raw_table: counts
        for raw_table, *counts in ask(
            case_build,
            """
            select
                raw_table, rows_read,
                rows_accepted + rows_rejected + rows_superseded + duplicates + rows_unreadable,
                amount_read,
                amount_accepted + amount_rejected + amount_superseded + amount_duplicates
            from rpt_data_health
            """,
        )
    }
    not_read = {file for (file,) in ask(case_build, "select file from raw_files where not is_read")}
    for raw_table in independent.TABLES:
        files = [
            path
            for path in independent.files_of(case_build.raw, raw_table)
            if path.relative_to(case_build.raw).as_posix() not in not_read
        ]
        counted = independent.count_all(files, raw_table)
        rows_read, rows_judged, amount_read, amount_judged = health.get(raw_table, (0, 0, 0, 0))
        assert (raw_table, rows_read, rows_judged) == (raw_table, counted.rows, counted.rows)
        money = (raw_table, amount_read, amount_judged)
        assert money == (raw_table, counted.money, counted.money)


def lines_that_name(build: Build, *words: str) -> list[str]:
    """Lines of the build's log that hold all of the words."""
    return [line for line in build.output.splitlines() if all(word in line for word in words)]


def not_found(build: Build) -> set[tuple[Any, ...]]:
    return set(ask(build, "select field, value, rows::int, amount from rpt_not_found"))


def only(case: str) -> pytest.MarkDecorator:
    """A test of one case, whichever set it is in."""
    marks = () if case in SHORT else (pytest.mark.long,)
    return pytest.mark.parametrize("case", [pytest.param(case, marks=marks)])


@only("04-two-codes")
def test_codes_of_two_influencers_are_told(case_build: Build) -> None:
    told = ask(
        case_build,
        "select rows::int, amount from rpt_not_found where reason like '%several influencers%'",
    )
    assert told == [(1, 700)]


@only("11-month-first-ambiguous")
def test_an_assumed_order_of_day_and_month_is_told(case_build: Build) -> None:
    notes = ask(case_build, "select notes from rpt_data_health where raw_table = 'posts'")
    assert all(words in str(notes) for words in ("posts.csv", "day first", "dates_day_first"))


@only("14-folder-other-files")
def test_files_that_are_not_read_are_named(case_build: Build) -> None:
    read = dict(ask(case_build, "select file, is_read from raw_files"))
    assert set(read) >= {
        "payouts/2025-05.xlsx",
        "payouts/2025-06.csv.gz",
        "payouts/2025-07.tsv",
        "payouts/2024/2024-12.csv",
    }
    assert not read["payouts/2025-05.xlsx"]
    for file in (file for file, is_read in read.items() if not is_read):
        assert lines_that_name(case_build, file), case_build.output


@only("29-code-reused")
def test_a_code_of_two_influencers_is_warned_of(case_build: Build) -> None:
    assert lines_that_name(case_build, "WARN", "coupon_code"), case_build.output
    told = ask(case_build, "select * from rpt_not_found where value = 'FIT10'")
    assert told, "rpt_not_found does not name FIT10"


@only("62-unmatched-silent-sum")
def test_codes_and_products_that_match_nothing_are_listed(case_build: Build) -> None:
    listed = not_found(case_build)
    for wanted in (
        ("coupon_code", "ASHA1O", 1, 1000),
        ("coupon_code", "ASHA-10", 1, 1000),
        ("coupon_code", "DEC-25", 1, 1000),
        ("product", "Whey 1kg - Chocolate", 1, 1000),
    ):
        assert wanted in listed, listed
