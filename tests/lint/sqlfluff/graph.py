"""Stands in for dbt's `graph` while SQLFluff renders a model: it knows the raw tables alone.

The contract of the raw tables writes parts of the models in staging, so that it has to be there.
"""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml

SOURCES = Path(__file__).parents[3] / "models" / "intake" / "_intake__sources.yml"


def _column(declared: dict[str, Any]) -> SimpleNamespace:
    return SimpleNamespace(name=declared["name"], config=SimpleNamespace(**declared["config"]))


def _tables() -> dict[str, SimpleNamespace]:
    [source] = yaml.safe_load(SOURCES.read_text(encoding="utf-8"))["sources"]
    return {
        table["name"]: SimpleNamespace(
            name=table["name"],
            source_name=source["name"],
            columns={column["name"]: _column(column) for column in table["columns"]},
        )
        for table in source["tables"]
    }


sources = _tables()


def get(kind: str, default: dict[str, object]) -> dict[str, Any]:
    """Return the raw tables, or the default where another kind is asked for."""
    return dict(sources) if kind == "sources" else default
