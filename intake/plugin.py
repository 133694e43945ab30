"""dbt-duckdb plugin: what dbt asks of the exports, as SQL functions (see profiles.yml)."""

import hashlib
import sys
from importlib.metadata import distributions
from pathlib import Path
from threading import Lock
from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb import DuckDBPyConnection

from intake.exports import Exports, look
from intake.files import file_states, format_of

PROJECT = Path(__file__).parents[1]
# Folders with what models run in Python.
CODE = ("estimators", "intake")

_looks: dict[tuple[str, str], Exports] = {}
_lock = Lock()


def read_exports(folder: str, copies: str, begins: bool) -> str:
    """What is below a folder of exports, as JSON text.

    All models of a build have to see the same exports, so they are looked at once.

    Args:
        folder: With the exports.
        copies: For clean copies of files that are not clean.
        begins: Whether a build begins, so that a changed folder is looked at again.

    Returns:
        `intake.exports.Exports` as JSON.
    """
    with _lock:
        known = _looks.get((folder, copies))
        if known is None or (begins and known.states != file_states(Path(folder), Path(copies))):
            known = _looks[folder, copies] = look(Path(folder), Path(copies), PROJECT)
        return known.to_json()


def changed_files(folder: str, copies: str) -> list[str]:
    """Names of the files that came, went or changed since the folder was looked at.

    Files that are not read, and cannot be, do not count.
    """
    known = _looks.get((folder, copies))
    if known is None:
        return []
    before, now = known.states, file_states(Path(folder), Path(copies))
    read = {facts.file for facts in known.files if facts.is_read}
    read |= {name for name in now.keys() - before.keys() if format_of(name) is not None}
    return sorted(name for name in read if before.get(name) != now.get(name))


def code_version() -> str:
    """What Python runs in a build, as a hash: the project's own modules, and installed packages."""
    packages = sorted(f"{found.name}=={found.version}" for found in distributions())
    digest = hashlib.sha256("\n".join([sys.version, *packages]).encode())
    for folder in CODE:
        for file in sorted((PROJECT / folder).rglob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()


class Plugin(BasePlugin):
    """Registers the functions."""

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Register `read_exports(folder, copies, begins)` and `changed_files(folder, copies)`.

        Args:
            conn: Of the build database.
        """
        text, names = "VARCHAR", "VARCHAR[]"
        conn.create_function(
            "read_exports", read_exports, [text, text, "BOOLEAN"], text, side_effects=True
        )
        conn.create_function("code_version", code_version, [], text)
        conn.create_function("changed_files", changed_files, [text, text], names, side_effects=True)

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Nothing to prepare."""
