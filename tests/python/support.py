"""What several tests need: the project's folders, running dbt, reading results."""

import hashlib
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import ModuleType
from typing import Any
from unittest.mock import patch

import duckdb
import yaml

PROJECT = Path(__file__).parents[2]
REFERENCE = PROJECT.parent / "shared" / "reference"
# They take most of the time of a build, and do not look at the exports.
WITHOUT_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
# Whether the test that runs is marked as one that builds.
MAY_BUILD = True


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
        """Rows of a query on the published file, or on what a build of some marts has built."""
        is_published = self.published_file.exists()
        file = self.published_file if is_published else self.warehouse / "build.duckdb"
        with duckdb.connect(str(file), read_only=True) as connection:
            return connection.execute(sql, parameters).fetchall()

    def published_hash(self) -> str:
        return hashlib.sha256(self.published_file.read_bytes()).hexdigest()


def run_dbt(
    *arguments: str,
    raw: Path,
    warehouse: Path,
    truth: Path | None = None,
    project: Path = PROJECT,
    warm: bool = True,
) -> Build:
    """Run `dbt <arguments>` on a folder of exports, with everything it writes in `warehouse`.

    Args:
        arguments: Of the command line.
        raw: Folder of the exports.
        warehouse: Folder of the build.
        truth: Where the truth is looked for; unset, where `simulate` below puts it.
        project: Another project than that of Helios.
        warm: Whether dbt has started, and parsed Helios, already; else it is run as users run it.
    """
    assert MAY_BUILD, "a test that runs dbt is marked: @pytest.mark.build"
    environment = os.environ | {
        "HELIOS_RAW": str(raw),
        "HELIOS_TRUTH": str(truth or raw.with_name(f"{raw.name}_truth")),
        "HELIOS_WAREHOUSE": str(warehouse),
        "DBT_TARGET_PATH": str(warehouse / "target"),
        "DBT_LOG_PATH": str(warehouse / "logs"),
        "NO_COLOR": "1",
        "DBT_USE_COLORS": "false",
    }
    if warm:
        return Build(warehouse, raw, *_run_warm(arguments, environment, project))
    finished = subprocess.run(
        [Path(sys.executable).with_name("dbt"), *arguments],
        cwd=project,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return Build(warehouse, raw, finished.returncode, finished.stdout)


def _run_warm(
    arguments: Sequence[str], environment: Mapping[str, str], project: Path
) -> tuple[int, str]:
    """Exit code and words of a run in a fork of the process that imported `warm_dbt`."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.python.warm_dbt"])
    with NamedTemporaryFile("r", encoding="utf-8") as said:
        run = (arguments, environment, project, Path(said.name))
        process = context.Process(target=_invoke_warm, args=run)
        # The child would run the main module, which is the viewer where a test showed a page.
        with patch.dict(sys.modules, {"__main__": ModuleType("__main__")}):
            process.start()
        process.join()
        assert process.exitcode is not None
        return process.exitcode, said.read()


def _invoke_warm(
    arguments: Sequence[str], environment: Mapping[str, str], project: Path, output: Path
) -> None:
    from tests.python import warm_dbt  # imported already, where this runs

    warm_dbt.run(arguments, environment, project, output)


def build_exports(*arguments: str, raw: Path, warehouse: Path) -> Build:
    """Build and publish a folder of exports, as a schedule does: without unit tests."""
    return run_dbt("build", *WITHOUT_UNIT_TESTS, *arguments, raw=raw, warehouse=warehouse)


def build_marts(*marts: str, raw: Path, warehouse: Path, variables: str = "{}") -> Build:
    """Build some marts and what they read, with the data tests of these; nothing is published."""
    return run_dbt(
        *("build", "--select", *(f"+{mart}" for mart in marts), *WITHOUT_UNIT_TESTS),
        *("--indirect-selection", "buildable", "--vars", variables),
        raw=raw,
        warehouse=warehouse,
    )


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
    files = sorted((PROJECT / "models" / "marts").glob("*__models.yml"))
    return {
        model["name"]: {column["name"]: column for column in model["columns"]}
        for file in files
        for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]
    }


@cache
def shown_columns() -> tuple[dict[str, Any], ...]:
    """The rows that meta_columns should have, without descriptions.

    A column is called as it declares itself, else as another column of its name does, unless that
    label is its own; one whose name nobody declares is called by its name.
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
                of_other = declared(other, name) if name in marts[other] else {}
                is_own = bool(of_other.get("is_own_label"))
                meta |= {key: of_other[key] for key in of_other if not (is_own and key == "label")}
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
                    "headline": declared(mart, name).get("headline"),
                    "ranking": declared(mart, name).get("ranking"),
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
