"""The folders that everything is in; relative ones are seen from the project's root."""

import os
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[1]


def warehouse() -> Path:
    """The folder HELIOS_WAREHOUSE: the published file, the build file and what goes with them."""
    return PROJECT_ROOT / os.environ.get("HELIOS_WAREHOUSE", "warehouse")


def raw_exports() -> Path:
    """The folder HELIOS_RAW: the exports."""
    return PROJECT_ROOT / os.environ.get("HELIOS_RAW", "seeds/raw")
