"""dbt that has started already: imported, and the project parsed.

Importing this takes as long as building a small world. The process that does it once is forked for
each run (`support.run_dbt`), so that every run finds it as it was and none sees another.
"""

import gc
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import dbt_common.clients.agate_helper  # noqa: F401  (a run would import it)
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

import intake.plugin  # noqa: F401  (so would its connection)

PROJECT = Path(__file__).parents[2]
KEPT = re.compile("PATH$|HOME$|TMPDIR$|NO_COLOR$|HELIOS_|DBT_")


def _parsed() -> Manifest:
    os.chdir(PROJECT)
    with TemporaryDirectory() as target:
        quiet = ("--quiet", "--no-write-json", "--no-partial-parse", "--log-level-file", "none")
        parsed = dbtRunner().invoke(["parse", *quiet, "--target-path", target])
    assert isinstance(parsed.result, Manifest), parsed.exception
    return parsed.result


MANIFEST = _parsed()
gc.freeze()  # what is here stays: no run looks through it for garbage


def run(
    arguments: Sequence[str], environment: Mapping[str, str], project: Path, output: Path
) -> None:
    """Run `dbt <arguments>`, and leave the process as the command line would.

    Args:
        arguments: Of the command line.
        environment: All of it.
        project: Folder of the project; one that is not Helios is parsed now.
        output: File for what dbt says.
    """
    file = os.open(output, os.O_WRONLY)
    os.dup2(file, 1)
    os.dup2(file, 2)
    # What is left out takes a tenth of a run each: dbt looks for secrets in all of the environment
    # at every line that it says, and nobody reads its log file or its JSON. The static parser's
    # threads do not outlive a fork, and it would wait for them.
    os.environ.clear()
    os.environ.update({name: value for name, value in environment.items() if KEPT.match(name)})
    os.environ.update(DBT_LOG_LEVEL_FILE="none", DBT_WRITE_JSON="false", DBT_STATIC_PARSER="false")
    os.chdir(project)
    manifest = MANIFEST if project == PROJECT else None
    # Other tests keep the other cores busy.
    finished = dbtRunner(manifest=manifest).invoke([*arguments, "--threads", "1"])
    # A forked process ends without what Python does at exit.
    DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    raise SystemExit(0 if finished.success else 2 if finished.exception else 1)
