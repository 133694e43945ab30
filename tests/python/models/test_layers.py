"""What the folders promise, checked on dbt's manifest."""

import json
from typing import Any

import pytest

from tests.python.support import Build

# The only marts that may read left of the panel.
READS_ROWS = (
    *("fct_posts", "fct_payout_lines", "fct_rejected_rows", "rpt_data_health", "rpt_not_found"),
    "rpt_file_notes",
)
# What each layer may read, as the table of folders in the architecture says.
MAY_READ = {
    "raw": {"source", "raw", "seed"},
    "stg": {"raw", "stg", "seed"},
    "core": {"stg", "core", "seed"},
    "panel": {"core", "panel"},
    "base": {"panel", "base"},
    "inc": {"panel", "base", "inc"},
    "mart": {"panel", "base", "inc", "mart", "calibration", "seed"},
    "calibration": {"panel", "mart", "calibration"},
}


@pytest.fixture(scope="module")
def manifest(default_build: Build) -> dict[str, Any]:
    path = default_build.warehouse / "target" / "manifest.json"
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def models_of(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def layer(unique_id: str) -> str:
    kind, _, *name = unique_id.split(".")
    if kind != "model":
        return kind
    prefix = name[0].split("_")[0]
    return "mart" if prefix in ("dim", "fct", "rpt", "meta") else prefix


def test_each_layer_reads_only_what_it_may(manifest: dict[str, Any]) -> None:
    trespasses = []
    for model in models_of(manifest):
        reads_rows = model["name"] in READS_ROWS or model["name"].startswith("dim_")
        allowed = MAY_READ[layer(model["unique_id"])] | (
            {"core", "stg", "raw"} if reads_rows else set()
        )
        trespasses += [
            (model["name"], parent)
            for parent in model["depends_on"]["nodes"]
            if layer(parent) not in allowed
        ]
    assert trespasses == []


def test_prefixes_belong_to_folders(manifest: dict[str, Any]) -> None:
    folders = {
        "raw": "intake",
        "stg": "staging",
        "core": "core",
        "panel": "panel",
        "base": "baseline",
        "inc": "incrementality",
        "calibration": "calibration",
        "mart": "marts",
    }
    for model in models_of(manifest):
        assert model["path"].split("/")[0] == folders[layer(model["unique_id"])], model["name"]


def test_marts_have_contracts_keys_and_comments(manifest: dict[str, Any]) -> None:
    for model in models_of(manifest):
        assert "Grain: one row per" in model["description"], model["name"]
        if layer(model["unique_id"]) != "mart":
            continue
        assert model["config"]["contract"]["enforced"], model["name"]
        assert [rule["type"] for rule in model["constraints"]] == ["primary_key"], model["name"]
        for column in model["columns"].values():
            assert column["description"], (model["name"], column["name"])


def test_every_model_with_a_formula_has_a_unit_test(manifest: dict[str, Any]) -> None:
    """Models that only put rows together, and lists of members, compute nothing."""
    tested = {test["model"] for test in manifest["unit_tests"].values()}
    computes_nothing = {
        "base_synthetic_control_weights",
        *("stg_cells", "stg_product_names", "stg_rejected_rows", "core_campaign_regions"),
        "fct_rejected_rows",
        *("core_campaign_influencers", "core_experiment_geos", "fct_revenue_days", "meta_models"),
        *("panel_regions", "panel_influencers", "fct_plan_precision"),
        *("core_test_plans", "panel_test_plans"),
        *("fct_incrementality_factors", "dim_brands", "dim_channels", "dim_experiments"),
        *("dim_influencers", "dim_personas", "dim_reasons", "dim_regions"),
        *("meta_columns", "meta_settings"),
    }
    # A model that looks into the header of a file cannot be unit-tested: its file is no relation.
    reads_files = {"calibration_truth_tables"}
    models = {model["name"] for model in models_of(manifest) if layer(model["unique_id"]) != "raw"}
    # dbt unit-tests SQL only; what Python computes is in estimators, with tests of pytest.
    in_python = {model["name"] for model in models_of(manifest) if model["language"] == "python"}
    assert in_python == {
        *("inc_joint_panel", "inc_brand_panel", "inc_plan_precision", "inc_plan_references"),
        "inc_response",
    }
    models -= reads_files | in_python
    assert models - tested == computes_nothing


def test_every_macro_is_documented(manifest: dict[str, Any]) -> None:
    """Implementations of a dispatched macro are documented with it."""
    macros = [macro for macro in manifest["macros"].values() if macro["package_name"] == "helios"]
    undocumented = {macro["name"] for macro in macros if not macro["description"]}
    assert {name for name in undocumented if "__" not in name} == set()


def test_every_mart_has_a_reader(manifest: dict[str, Any]) -> None:
    exposed = {
        parent
        for exposure in manifest["exposures"].values()
        for parent in exposure["depends_on"]["nodes"]
    }
    marts = {m["unique_id"] for m in models_of(manifest) if layer(m["unique_id"]) == "mart"}
    assert marts == exposed
