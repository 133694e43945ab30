"""What is written into docs/benchmark.md, and what the page says of itself."""

import re
from pathlib import Path

import pandas as pd
import pytest

from calibrate.benchmark import __main__ as program
from calibrate.benchmark import run
from calibrate.benchmark.figures import ALL, Figures, figures_of_study
from calibrate.benchmark.oracle import with_oracle
from calibrate.benchmark.page import PUBLISHED, block, from_table, to_table, write
from calibrate.page import BEGIN, END
from tests.python.calibrate.made_up_study import made_up_study
from tests.python.support import PROJECT

DOCS = PROJECT / "docs"


@pytest.fixture(scope="module")
def figures() -> Figures:
    return figures_of_study(made_up_study(panels=8))


def test_block_says_what_the_figures_are(figures: Figures) -> None:
    made = block(figures)
    assert made.startswith(BEGIN) and made.endswith(f"{END}\n")
    assert "8 panels of each scenario, each with and without effect: 64 tests." in made
    rows = [line for line in made.splitlines() if line.startswith("| **`did_ratio_robust`**")]
    assert len(rows) == 5
    coverage = figures[ALL, "did_ratio_robust"]["coverage"]
    cell = f"{100 * coverage.value:.1f} ±{100 * coverage.error:.1f} %"
    assert rows[0].split(" | ")[1:3] == ["100.0 %", cell]
    assert "No interval in any test: `trimmed_match`." in made
    assert not re.search(r"\b(nan|inf)\b", made)


def test_tables_are_whole(figures: Figures) -> None:
    lines = [line for line in block(figures).splitlines() if line.startswith("|")]
    assert {line.count("|") for line in lines} == {8}


def test_published_figures_are_quoted(figures: Figures) -> None:
    made = block(figures)
    for tool, coverage, power in [
        ("GeoLift", "95.8", "8"),
        ("matched_markets", "83", "44"),
        ("CausalPy", "80", "36"),
        ("CausalImpact", "71", "61"),
    ]:
        assert f"| {tool}, as published | – | {coverage} % | {power} % | – | – | – |" in made
    assert len(PUBLISHED) == 4


def test_block_is_made_again_from_the_table(figures: Figures, tmp_path: Path) -> None:
    (tmp_path / "benchmark.md").write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    write(tmp_path, figures)
    made = block(figures)
    assert (tmp_path / "benchmark.md").read_text("utf-8") == f"before\n{made}after\n"
    assert block(from_table(pd.read_csv(tmp_path / "benchmark.csv"))) == made
    assert len(to_table(figures)) == 5 * (3 * 8 + 3)


def test_page_is_made_of_the_table_beside_it() -> None:
    page = (DOCS / "benchmark.md").read_text(encoding="utf-8")
    made = block(from_table(pd.read_csv(DOCS / "benchmark.csv")))
    assert made in page


def test_default_method_is_the_one_that_is_bold() -> None:
    table = pd.read_csv(DOCS / "benchmark.csv").set_index(["scenario", "method", "figure"]).value
    for scenario in ("S1", "S2", "S3", "S4"):
        assert table[scenario, "did_ratio_robust", "is_default"] == 1


def test_batches_are_all_panels_once() -> None:
    assert [list(batch) for batch in run.batches_of(52)] == [list(range(1, 51)), [51, 52]]
    assert sum(len(batch) for batch in run.batches_of(500)) == 500


def test_what_is_there_is_not_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_build(*_: object) -> None:
        raise AssertionError("built again")

    monkeypatch.setattr(run, "Build", no_build)
    results = tmp_path / f"benchmark-{run.version_of_study()}"
    results.mkdir()
    rows = made_up_study(panels=60)
    # As it is kept: without the oracle, which needs no build.
    for batch in run.batches_of(60):
        rows[rows.panel.isin(batch)].to_parquet(run.place_of(results, batch))
    assert program.main(["--panels", "60", "--results", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert printed == block(figures_of_study(with_oracle(rows)))


def test_errors_are_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        program.main(["--docs", str(tmp_path)])
    assert stopped.value.code == 2
    assert capsys.readouterr().err == f"benchmark: there is no {tmp_path / 'benchmark.md'}\n"

    def broken(*_: object) -> None:
        raise run.StudyError("dbt run failed; what happened is in dbt.log")

    monkeypatch.setattr(program, "run", broken)
    assert program.main(["--panels", "1", "--results", str(tmp_path)]) == 1
    assert capsys.readouterr().err.endswith(
        "benchmark: dbt run failed; what happened is in dbt.log\n"
    )
