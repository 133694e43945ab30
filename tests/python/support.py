"""What several tests need: the project's folders, running dbt as its users do, reading results."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

PROJECT = Path(__file__).parents[2]
REFERENCE = PROJECT.parent / "shared" / "reference"
# They take most of the time of a build, and do not look at the exports.
WITHOUT_UNIT_TESTS = ("--exclude-resource-type", "unit_test")


@dataclass(frozen=True)
class Build:
    """A warehouse folder and what dbt said while it was last at work in it."""

    warehouse: Path
    raw: Path
    returncode: int
    output: str

    @property
    def published_file(self) -> Path:
        return self.warehouse / "helios.duckdb"

    def query(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Rows of a query on the published file."""
        with duckdb.connect(str(self.published_file), read_only=True) as connection:
            return connection.execute(sql, parameters).fetchall()

    def published_hash(self) -> str:
        return hashlib.sha256(self.published_file.read_bytes()).hexdigest()


def run_dbt(*arguments: str, raw: Path, warehouse: Path, truth: Path | None = None) -> Build:
    """Run `dbt <arguments>` on a folder of exports, with everything it writes in `warehouse`.

    The truth is looked for where `simulate` below puts it.
    """
    environment = os.environ | {
        "HELIOS_RAW": str(raw),
        "HELIOS_TRUTH": str(truth or raw.with_name(f"{raw.name}_truth")),
        "HELIOS_WAREHOUSE": str(warehouse),
        "DBT_TARGET_PATH": str(warehouse / "target"),
        "DBT_LOG_PATH": str(warehouse / "logs"),
        "NO_COLOR": "1",
        "DBT_USE_COLORS": "false",
    }
    finished = subprocess.run(
        [Path(sys.executable).with_name("dbt"), *arguments],
        cwd=PROJECT,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return Build(warehouse, raw, finished.returncode, finished.stdout)


def build_exports(*arguments: str, raw: Path, warehouse: Path) -> Build:
    """Build and publish a folder of exports, as a schedule does: without unit tests."""
    return run_dbt("build", *WITHOUT_UNIT_TESTS, *arguments, raw=raw, warehouse=warehouse)


def simulate(out: Path, *arguments: str) -> Path:
    """Write simulated exports into `out`, their truth beside it, and return `out`."""
    truth = out.with_name(f"{out.name}_truth")
    command = [
        *(sys.executable, "-m", "simulate"),
        *("--out", str(out), "--truth", str(truth)),
        *arguments,
    ]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
    return out


@cache
def marts_in_yaml() -> dict[str, dict[str, dict[str, Any]]]:
    """What the YAML declares of the columns of every published mart, by mart and name."""
    file = PROJECT / "models" / "marts" / "_marts__models.yml"
    models = yaml.safe_load(file.read_text(encoding="utf-8"))["models"]
    return {
        model["name"]: {column["name"]: column for column in model["columns"]} for model in models
    }


@cache
def shown_columns() -> tuple[dict[str, Any], ...]:
    """The rows that meta_columns should have, without descriptions.

    A column is called as it declares itself, else as another column of its name does; one whose
    name nobody declares is called by its name.
    """
    marts = marts_in_yaml()

    def declared(mart: str, name: str) -> dict[str, Any]:
        meta: dict[str, Any] = marts[mart][name].get("config", {}).get("meta", {})
        return meta

    rows = []
    for mart, columns in marts.items():
        for number, (name, column) in enumerate(columns.items(), start=1):
            meta: dict[str, Any] = {}
            for other in sorted(marts, reverse=True):
                meta |= declared(other, name) if name in marts[other] else {}
            meta |= declared(mart, name)
            unit = meta.get("unit", _unit(column["data_type"]))
            rows.append(
                {
                    "mart": mart,
                    "column_name": name,
                    "column_number": number,
                    "label": meta.get("label", name[0].upper() + name[1:].replace("_", " ")),
                    "unit": unit,
                    "number_format": meta.get("number_format", NUMBER_FORMATS.get(unit)),
                    "direction": meta.get("direction", "neither"),
                }
            )
    return tuple(rows)


NUMBER_FORMATS = {
    "currency": "#,##0.00",
    "ratio": '0.00"x"',
    "percent": "0.0%",
    "count": "#,##0",
    "days": "#,##0",
    "number": "0.00####",
    "date": "yyyy-mm-dd",
}


def _unit(data_type: str) -> str:
    if data_type.startswith("decimal"):
        return "currency"
    whole = {"bigint": "count", "integer": "count", "varchar": "text", "double": "number"}
    return whole.get(data_type, data_type)
