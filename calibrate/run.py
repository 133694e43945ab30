"""Worlds through the real pipeline: `python -m simulate`, then dbt, then what is kept of them."""

import hashlib
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import pandas as pd

from calibrate.collect import collect
from calibrate.results import Task, save
from simulate.settings import WORLDS

PROJECT = Path(__file__).parents[1]
DBT = Path(sys.executable).with_name("dbt")
MODELS = (
    *("+calibration_estimates", "+fct_experiment_truth", "+dim_experiments"),
    *("+fct_incrementality_factors", "+rpt_influencer_performance"),
)
# What a result depends on: another version of any of these makes other results.
VERSIONED = (
    *(
        "models/**/*.sql",
        "models/**/*.py",
        "estimators/*.py",
        "macros/**/*.sql",
        "seeds/reference/*.csv",
        "dbt_project.yml",
    ),
    *("intake/*.py", "adapters/*.yml"),
    *("simulate/**/*.py", "simulate/**/*.toml", "simulate/**/*.csv"),
    *("calibrate/oracle.py", "calibrate/collect.py"),
)


# What simulate and dbt need of the project.
PARTS = (
    *("adapters", "estimators", "intake", "models", "macros", "seeds/reference", "simulate"),
    *("dbt_project.yml", "profiles.yml"),
)


class WorldError(Exception):
    """A world that could not be made or built; its message is one line."""


class Stopped(Exception):  # noqa: N818 - not an error
    """The run was stopped before this world was complete."""


def version_of(
    worlds: Iterable[str], project: Path = PROJECT, patterns: Iterable[str] = VERSIONED
) -> str:
    """A name for this version of models, simulator and oracle.

    Args:
        worlds: Names or files of worlds; files of the user's own count as well.
        project: Folder of the project.
        patterns: Patterns of the files that results depend on.

    Returns:
        Twelve hexadecimal digits, the same on all machines.
    """
    own = sorted({Path(world) for world in worlds if not (WORLDS / f"{world}.toml").is_file()})
    return digest_of(patterns, project, [path for path in own if path.is_file()])


def digest_of(patterns: Iterable[str], project: Path, others: Iterable[Path] = ()) -> str:
    """A name for the contents of files.

    Args:
        patterns: Patterns of files of the project.
        project: Folder of the project.
        others: Further files, of which the name counts without its folder.

    Returns:
        Twelve hexadecimal digits, the same on all machines.
    """
    files = sorted({path for pattern in patterns for path in project.glob(pattern)})
    digest = hashlib.sha256()
    for path in [*files, *others]:
        name = path.relative_to(project).as_posix() if path in files else path.name
        digest.update(f"{name}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


class Pipeline:
    """Runs worlds, some at a time, each in folders of a worker.

    Args:
        results: Folder of the results of this version.
        jobs: Worlds at a time.

    Attributes:
        models: What dbt builds of each world.
    """

    models: tuple[str, ...] = MODELS

    def __init__(self, results: Path, jobs: int) -> None:
        """Nothing is started yet."""
        self._results, self._jobs, self._project = results.resolve(), jobs, PROJECT
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[str]] = set()

    def run(self, tasks: list[Task], done: Callable[[], None]) -> list[str]:
        """Run worlds and save what is kept of them.

        Args:
            tasks: The worlds.
            done: Called in this thread after each.

        Returns:
            One line for each world that failed, with its log.

        Raises:
            KeyboardInterrupt: If interrupted, when everything that was started has ended.
        """
        self._results.mkdir(parents=True, exist_ok=True)
        failures = []
        with (
            tempfile.TemporaryDirectory(prefix="helios-calibrate-") as name,
            ThreadPoolExecutor(self._jobs) as pool,
        ):
            folders: queue.SimpleQueue[Path] = queue.SimpleQueue()
            try:
                # All worlds see the project as it is now, whatever is edited meanwhile.
                self._project = copy_of_project(Path(name) / "project")
                template = self._template(Path(name) / "template")
                for number in range(self._jobs):
                    folders.put(Path(name) / f"worker-{number}")
                futures = [pool.submit(self._world, task, folders, template) for task in tasks]
                for future in as_completed(futures):
                    try:
                        future.result()
                    except WorldError as error:
                        failures.append(str(error))
                    done()
            except BaseException:
                self._stop()
                pool.shutdown(cancel_futures=True)
                raise
        return sorted(failures)

    def _template(self, folder: Path) -> Path:
        """A warehouse with the reference tables, which are the same for all worlds."""
        folder.mkdir()
        log = self._results / "seed.log"
        self._execute([DBT, "seed", "--quiet"], folder, log, "the reference tables")
        log.unlink()
        return folder / "warehouse" / "build.duckdb"

    def _world(self, task: Task, folders: "queue.SimpleQueue[Path]", template: Path) -> None:
        folder = folders.get()
        log = self._results / f"{task.name}.log"
        try:
            # The same paths for every world of a worker, so that dbt parses the project once.
            for part in ("raw", "truth", "warehouse"):
                shutil.rmtree(folder / part, ignore_errors=True)
            (folder / "warehouse").mkdir(parents=True)
            log.unlink(missing_ok=True)
            shutil.copy(template, folder / "warehouse")
            simulate: list[str | Path] = [
                *(sys.executable, "-m", "simulate"),
                *("--world", task.world, "--seed", str(task.seed), "--format", "parquet"),
                *("--out", folder / "raw", "--truth", folder / "truth"),
            ]
            self._execute(simulate, folder, log, task.name)
            self.run_models(self.models, folder, log, task.name)
            save(self.kept(task, folder, template, log), task, self._results)
            log.unlink()
        finally:
            folders.put(folder)

    def kept(self, task: Task, folder: Path, template: Path, log: Path) -> dict[str, pd.DataFrame]:
        """What is kept of a world that was built.

        Args:
            task: The world.
            folder: Folder of its exports, truth and warehouse.
            template: A warehouse with the reference tables.
            log: File of what commands say.

        Returns:
            Tables by name.

        Raises:
            WorldError: If something is missing in it.
        """
        warehouse = folder / "warehouse" / "build.duckdb"
        try:
            return collect(warehouse, folder / "raw", folder / "truth")
        except ValueError as error:
            raise WorldError(f"{task.name} failed: {error}") from None

    def run_models(self, models: Iterable[str], folder: Path, log: Path, what: str) -> None:
        """Build models of a folder's exports.

        Args:
            models: What dbt selects.
            folder: Folder with `raw`, `truth` and `warehouse`.
            log: File of what dbt says.
            what: What it is called in an error.
        """
        run: list[str | Path] = [
            *(DBT, "run", "--quiet", "--threads", "1", "--no-write-json", "--select"),
            *models,
        ]
        self._execute(run, folder, log, what)

    def _execute(self, command: list[str | Path], folder: Path, log: Path, what: str) -> None:
        """Run a command in the project's folder; what it says goes to the log."""
        environment = os.environ | {
            "HELIOS_RAW": str(folder / "raw"),
            "HELIOS_TRUTH": str(folder / "truth"),
            "HELIOS_WAREHOUSE": str(folder / "warehouse"),
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
        }
        with log.open("a", encoding="utf-8") as output:
            with self._lock:
                if self._stopping.is_set():
                    raise Stopped
                # In a session of its own: an interruption goes to this process, which ends them.
                process = subprocess.Popen(
                    command, cwd=self._project, env=environment, stdout=output,
                    stderr=subprocess.STDOUT, text=True, start_new_session=True,
                )  # fmt: skip
                self._running.add(process)
            code = process.wait()
            with self._lock:
                self._running.discard(process)
        if self._stopping.is_set():
            log.unlink(missing_ok=True)
            raise Stopped
        if code:
            raise WorldError(f"{what} failed; what happened is in {log}")

    def _stop(self) -> None:
        """End what runs, and start nothing more."""
        with self._lock:
            self._stopping.set()
            for process in self._running:
                process.terminate()


def copy_of_project(folder: Path) -> Path:
    """A copy of what is built, so that nobody's edits get into a run.

    Args:
        folder: Folder to write to, which is made.

    Returns:
        The folder.
    """
    for part in PARTS:
        target = folder / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if (PROJECT / part).is_dir():
            shutil.copytree(PROJECT / part, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(PROJECT / part, target)
    return folder
