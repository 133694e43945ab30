"""A metric is added as CONTRIBUTING says, in two files of a copy of the project: it is shown."""

import re
import shutil
from pathlib import Path

import duckdb
import pytest
import yaml

from tests.python.support import PROJECT, WITHOUT_UNIT_TESTS, Build, run_dbt
from tests.python.viewer.pages import open_page, tiles
from viewer.format import percent

pytestmark = pytest.mark.build

SUMS = Path("macros/metrics/performance_sums.sql")
COLUMNS = Path("models/marts/_marts__models.yml")
PARTS = ("adapters", "intake", "macros", "models", "seeds", "tests/data")
FILES = ("dbt_project.yml", "profiles.yml", "pyproject.toml")


@pytest.fixture(scope="module")
def walk_through() -> dict[str, str]:
    """The SQL and the YAML that CONTRIBUTING has for a metric."""
    page = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = page.split("### A metric")[1].split("\n### ")[0]
    blocks = re.findall(r"```(\w+)\n(.*?)```", section, re.DOTALL)
    return {language: re.sub(r"(?m)^   ", "", text) for language, text in blocks}


@pytest.fixture(scope="module")
def build(
    simulated_build: Build, walk_through: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Build:
    project = tmp_path_factory.mktemp("project")
    for part in PARTS:
        hidden = shutil.ignore_patterns("raw", "truth", "__pycache__")
        shutil.copytree(PROJECT / part, project / part, ignore=hidden)
    for file in FILES:
        shutil.copy(PROJECT / file, project / file)
    _insert_before(project / SUMS, '        "roas":', walk_through["sql"].strip())
    entry = walk_through["yaml"].rstrip()
    _insert_before(project / COLUMNS, "      - &roas", entry)
    alias = entry.split()[1].replace("&", "*")
    _insert_before(project / COLUMNS, "      - *roas", f"- {alias}")
    build = run_dbt(
        "build",
        *WITHOUT_UNIT_TESTS,
        raw=simulated_build.raw,
        warehouse=project / "warehouse",
        project=project,
    )
    assert build.returncode == 0, build.output
    return build


def _insert_before(file: Path, line: str, added: str) -> None:
    """Insert lines before the only one that begins so, with its indentation."""
    text = file.read_text(encoding="utf-8")
    assert text.count(f"\n{line}") == 1, (file, line)
    indent = " " * (len(line) - len(line.lstrip()))
    lines = "\n".join(f"{indent}{one}" for one in added.splitlines())
    file.write_text(text.replace(f"\n{line}", f"\n{lines}\n{line}"), encoding="utf-8")


def test_the_metric_is_a_tile_in_the_ranking_in_the_report_and_for_bi(
    build: Build, walk_through: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    [column] = yaml.safe_load(walk_through["yaml"])
    name, label = column["name"], column["config"]["meta"]["label"]
    [(expected,)] = build.query(
        "select sum(discounts)::double / sum(gross_revenue)::double from marts.fct_influencer_days"
    )
    with duckdb.connect() as client:
        client.execute(f"attach '{build.published_file}' as helios (read_only)")
        asked = client.execute(
            "with days as (select *, 0 as member from helios.marts.fct_influencer_days)"
            f" select {name} from helios.marts.performance('days')"
        ).fetchall()
    assert asked == [(pytest.approx(expected),)]
    for report in ("rpt_influencer_performance", "rpt_persona_performance"):
        [(filled,)] = build.query(f"select count({name}) from marts.{report}")
        assert filled > 0
    monkeypatch.setenv("HELIOS_WAREHOUSE", str(build.warehouse))
    assert tiles(open_page())[label] == percent(expected)
    tables = [table.value.columns for table in open_page("influencers").dataframe]
    assert any(name in columns for columns in tables)
    report_page = "".join(str(block.proto.body) for block in open_page("report").get("html"))
    assert label in report_page and percent(expected) in report_page
