"""The page of methods: complete, and its worked example comes out as it says."""

import csv
import io
import re
from collections import defaultdict

import numpy as np
import pytest
import yaml
from scipy import stats

from tests.python.support import PROJECT, Build, build_exports

PAGE = (PROJECT / "docs" / "method.md").read_text(encoding="utf-8")
METHODS = (
    *("attributed", "organic_projection", "pre_period", "did", "did_ratio", "did_ratio_robust"),
    *("tbr", "gbr", "trimmed_match", "synthetic_control", "joint_panel"),
)
# Keys of the rows; every other column is a figure or a diagnostic.
KEYS = {"experiment_id", "method", "date_day"}
CSV_FILES = dict(re.findall(r"`(geo_\w+)\.csv`[^`]*```csv\n(.*?)```", PAGE, re.DOTALL))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Build:
    folder = tmp_path_factory.mktemp("method_page")
    raw = folder / "raw"
    raw.mkdir()
    for table, text in CSV_FILES.items():
        (raw / f"{table}.csv").write_text(text, encoding="utf-8")
    build = build_exports(raw=raw, warehouse=folder / "warehouse")
    assert build.returncode == 0, build.output
    return build


def test_every_method_has_its_section() -> None:
    for method in METHODS:
        assert f"\n### {method}\n" in PAGE


def test_every_method_says_what_it_assumes_and_when_not_to_trust_it() -> None:
    for method in METHODS:
        section = PAGE.split(f"\n### {method}\n")[1].split("\n## ")[0].split("\n### ")[0]
        for point in ("*Formula*", "*Assumes*", "*Do not trust it*", "*Paper"):
            assert f"- {point}" in section, (method, point)


@pytest.mark.parametrize("mart", ["fct_incremental_roas", "fct_baseline_days"])
def test_every_column_is_explained(mart: str) -> None:
    path = PROJECT / "models" / "marts" / "_marts__models.yml"
    models = yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
    [columns] = [model["columns"] for model in models if model["name"] == mart]
    named = set(re.findall(r"`([a-z_0-9]+)`", PAGE))
    assert {column["name"] for column in columns} - named - KEYS == set()


def test_settings_of_experiments_stand_with_their_defaults() -> None:
    models = PROJECT / "models"
    paths = [
        *models.glob("core/core_experiment*.sql"),
        *models.glob("panel/panel_experiment*.sql"),
        *models.glob("baseline/*.sql"),
        *models.glob("incrementality/*.sql"),
    ]
    text = "".join(path.read_text(encoding="utf-8") for path in paths)
    settings = set(re.findall(r"var\(\"(\w+)\"\)", text)) - {"none_member"}
    assert {"ci_level", "trim_rate", "pretest_days"} <= settings
    defaults = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    for name in settings:
        assert f"`{name}` ({str(defaults[name]).lower()})" in PAGE, name


def test_stated_figures_of_the_example_are_those_of_scipy() -> None:
    assigned = {
        row["geo"]: row["assignment"]
        for row in csv.DictReader(io.StringIO(CSV_FILES["geo_assignments"]))
    }
    [experiment] = csv.DictReader(io.StringIO(CSV_FILES["geo_experiments"]))
    totals: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    cost = 0.0
    for row in csv.DictReader(io.StringIO(CSV_FILES["geo_panel"])):
        totals[row["date"]][assigned[row["geo"]]] += float(row["response"])
        cost += float(row["cost"])
    dates = sorted(totals)
    is_test = np.array([date >= experiment["test_start"] for date in dates])
    x = np.array([totals[date]["control"] for date in dates])
    y = np.array([totals[date]["treatment"] for date in dates])

    line = stats.linregress(x[~is_test], y[~is_test])
    n, days = int((~is_test).sum()), int(is_test.sum())
    effect = float((y - line.intercept - line.slope * x)[is_test].sum())
    # Covariance of intercept and slope, from the errors that SciPy reports of both.
    design = np.array([days, x[is_test].sum()])
    shared = -x[~is_test].mean() * line.stderr**2
    covariance = np.array([[line.intercept_stderr**2, shared], [shared, line.stderr**2]])
    noise = np.sum((y - line.intercept - line.slope * x)[~is_test] ** 2) / (n - 2)
    error = np.sqrt(days * noise + design @ covariance @ design)
    low, high = effect + stats.t.ppf([0.05, 0.95], n - 2) * error

    computed = {"tbr": effect, "iroas": effect / cost, "low": low / cost, "high": high / cost}
    assert {name: f"{value:.2f}" for name, value in computed.items()} == stated_figures()


def stated_figures() -> dict[str, str]:
    return dict(re.findall(r"<!-- (\w+) -->(-?[0-9.]+)", PAGE))


@pytest.mark.build
def test_worked_example_comes_out(example: Build) -> None:
    [row] = example.query(
        "select incremental_revenue, iroas, iroas_low, iroas_high, spend, verdict, is_default"
        " from marts.fct_incremental_roas where method = 'tbr'"
    )
    found = dict(zip(("tbr", "iroas", "low", "high"), row, strict=False))
    assert {name: f"{value:.2f}" for name, value in found.items()} == stated_figures()
    assert row[4:] == (80, "profitable", True)


@pytest.mark.build
def test_queries_of_the_page_run(example: Build) -> None:
    [block] = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    queries = [query for query in block.split(";") if query.strip()]
    assert len(queries) >= 2
    for query in queries:
        assert example.query(query)


def test_models_of_the_page_exist() -> None:
    models = {path.stem for path in (PROJECT / "models").rglob("*_*.*")}
    for name in set(re.findall(r"`((?:base|inc|dim|fct|panel)_\w+)`", PAGE)):
        assert name in models or any(model.startswith(name) for model in models), name
