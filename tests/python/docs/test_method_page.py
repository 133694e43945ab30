"""The page of methods: complete, and its worked example comes out as it says."""

import re

import pytest
import yaml

from tests.python.support import PROJECT, Build, run_dbt

PAGE = (PROJECT / "docs" / "method.md").read_text(encoding="utf-8")
METHODS = (
    *("attributed", "organic_projection", "pre_period", "did", "did_ratio"),
    *("tbr", "gbr", "trimmed_match", "synthetic_control"),
)
# What the page explains in a section of its own, or that needs no word beyond the column's comment.
PLAIN = {
    *("experiment_id", "method", "default_reason", "verdict_reason", "se", "df", "ci_low"),
    *("ci_high", "iroas_low", "iroas_high", "actual_revenue", "baseline_revenue"),
    *("lift", "lift_low", "lift_high", "spend"),
}
SETTINGS_OF_EXPERIMENTS = (
    *("ci_level", "break_even", "pretest_days", "pretest_reach_days", "gbr_weight_power"),
    *("trim_rate", "max_trim_rate", "sc_demeaned"),
)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Build:
    folder = tmp_path_factory.mktemp("method_page")
    raw = folder / "raw"
    raw.mkdir()
    for table, text in re.findall(r"`(geo_\w+)\.csv`[^`]*```csv\n(.*?)```", PAGE, re.DOTALL):
        (raw / f"{table}.csv").write_text(text, encoding="utf-8")
    build = run_dbt("build", raw=raw, warehouse=folder / "warehouse")
    assert build.returncode == 0, build.output
    return build


def test_every_method_has_its_section() -> None:
    for method in METHODS:
        assert f"\n### {method}\n" in PAGE


def test_every_method_says_what_it_assumes_and_when_not_to_trust_it() -> None:
    for method in METHODS[2:]:
        section = PAGE.split(f"\n### {method}\n")[1].split("\n## ")[0].split("\n### ")[0]
        for point in ("*Formula*", "*Assumes*", "*Do not trust it*", "*Paper"):
            assert f"- {point}" in section, (method, point)


def test_every_column_is_explained() -> None:
    path = PROJECT / "models" / "marts" / "_marts__models.yml"
    models = yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
    [columns] = [model["columns"] for model in models if model["name"] == "fct_incremental_roas"]
    named = set(re.findall(r"\b[a-z_0-9]+\b", PAGE))
    assert {column["name"] for column in columns} - named <= PLAIN


def test_settings_stand_with_their_defaults() -> None:
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    for name in SETTINGS_OF_EXPERIMENTS:
        assert f"`{name}`" in PAGE, name
        default = project["vars"][name]
        if default is not None:
            after = PAGE.split(f"`{name}`", 1)[1][:60]
            assert str(default).lower() in after, (name, default)


def test_worked_example_comes_out(example: Build) -> None:
    stated = dict(re.findall(r"<!-- (\w+) -->(-?[0-9.]+)", PAGE))
    [row] = example.query(
        "select incremental_revenue, iroas, iroas_low, iroas_high, spend, verdict, is_default"
        " from marts.fct_incremental_roas where method = 'tbr'"
    )
    found = dict(zip(("tbr", "iroas", "low", "high"), row, strict=False))
    assert {name: f"{value:.2f}" for name, value in found.items()} == stated
    assert row[4:] == (80, "earns", True)


def test_queries_of_the_page_run(example: Build) -> None:
    [block] = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    queries = [query for query in block.split(";") if query.strip()]
    assert len(queries) == 2
    for query in queries:
        assert example.query(query)


def test_models_of_the_page_exist() -> None:
    models = {path.stem for path in (PROJECT / "models").rglob("*.sql")}
    for name in set(re.findall(r"`((?:base|inc|dim|fct|panel)_\w+)`", PAGE)):
        assert name in models or any(model.startswith(name) for model in models), name
