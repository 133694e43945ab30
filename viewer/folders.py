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


def can_be_written(folder: Path) -> bool:
    """Whether a folder, or the one that it will be made in, can be written to."""
    there = next((parent for parent in (folder, *folder.parents) if parent.exists()), folder)
    return there.is_dir() and os.access(there, os.W_OK)
