"""A build that the viewer runs where there is no published file: one at a time on a machine.

It is a process of its own, `python -m viewer.building`, so that it goes on when the one who pressed
the button leaves, and so that everybody sees the same progress. It says what it does in a log file
in the warehouse, and as long as it lives it keeps touching a lock file beside that. Whether dbt is
building, here or in a terminal, can be seen from its files; they are looked at, never opened.
"""

import errno
import os
import re
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import IO, Literal, NamedTuple

from intake.dbt_build import STOPPED, stops_of_build
from viewer.folders import PROJECT_ROOT, raw_exports, warehouse

SECONDS_BETWEEN_TOUCHES = 1
# A lock that was not touched for so long belongs to a process that was killed.
SECONDS_UNTIL_STALE = 20
SECONDS_TO_SETTLE = 0.2
SECONDS_TO_START = 20
# dbt writes to its files every second or so, and for longest not at all in a large model.
SECONDS_OF_QUIET = 120
LAST_LINES = 12
DONE, FAILED = "helios: done", "helios: failed"
NOTHING_PUBLISHED = re.compile(r"Helios: (nothing was published, since .*)")

KEPT = "The previously published data stay in place."

State = Literal["none", "running", "done", "failed"]
# A step as dbt tells it, such as "12 of 310 OK created sql table model"; hooks count by themselves.
STEP = re.compile(r"^(?:\d\d:\d\d:\d\d  )?(\d+) of (\d+) (?!START)(?!\w+ hook)[\w-]+ ")


class Step(NamedTuple):
    """A command of a build.

    Attributes:
        title: What it does, for the user.
        command: Program and arguments.
        environment: What it adds to the environment.
    """

    title: str
    command: tuple[str, ...]
    environment: dict[str, str]


@dataclass(frozen=True)
class Progress:
    """How far a build is, and how it ended.

    Attributes:
        state: "none" if none was ever run here.
        title: What is being done.
        done: Steps of dbt that are done.
        total: Steps of dbt; 0 while that is not known.
        last_lines: The end of its log.
        advice: What to do about a failure.
        stops: What stopped it, one line each, as far as dbt said so.
    """

    state: State
    title: str = ""
    done: int = 0
    total: int = 0
    last_lines: str = ""
    advice: str = ""
    stops: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """How much is done, from 0 to 1."""
        return self.done / self.total if self.total else 0.0


def own_folder() -> Path:
    """The folder in the warehouse for everything else than dbt's own files."""
    return warehouse() / "viewer-build"


def lock_file() -> Path:
    """The file that a running build keeps touching; it holds the number of its process."""
    return own_folder() / "lock"


def log_file() -> Path:
    """The file that says what the latest build did."""
    return own_folder() / "log.txt"


def _results_file() -> Path:
    """Where dbt says what became of every model."""
    return own_folder() / "target" / "run_results.json"


def tiny_world() -> Path:
    """The folder of the simulated exports and their truth."""
    return own_folder() / "tiny-world"


def has_exports() -> bool:
    """Whether there is anything to build from."""
    try:
        return any(not entry.name.startswith(".") for entry in raw_exports().iterdir())
    except OSError:
        return False


def is_ours() -> bool:
    """Whether an earlier build of the viewer's made what is published from its own tiny world."""
    return tiny_world().is_dir()


def is_allowed() -> bool:
    """Whether the warehouse, or the folder that it will be made in, can be written to."""
    folder = warehouse()
    while not folder.exists():
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK)


def steps() -> list[Step]:
    """What a build does: simulate a tiny world where there are no exports, then dbt build.

    Everything that it writes goes to the warehouse: the project may be read-only.
    """
    root = str(PROJECT_ROOT)
    build = (
        *(sys.executable, "-c", "from dbt.cli.main import cli; cli()"),
        *("--no-use-colors", "--log-path", str(own_folder() / "logs"), "build"),
        *("--target-path", str(own_folder() / "target")),
        *("--project-dir", root, "--profiles-dir", root),
        # They hold formulas against fixed rows, whatever the exports, and take most of the time.
        *("--exclude-resource-type", "unit_test"),
    )
    if has_exports():
        return [Step("Building from the exports", build, {})]
    world = tiny_world()
    folders = {"HELIOS_RAW": str(world / "raw"), "HELIOS_TRUTH": str(world / "truth")}
    simulate = (
        *(sys.executable, "-m", "simulate", "--world", "tiny"),
        *("--out", folders["HELIOS_RAW"], "--truth", folders["HELIOS_TRUTH"]),
    )
    return [
        Step("Simulating a small world", simulate, {}),
        Step("Building from the simulated exports", build, folders),
    ]


def start() -> None:
    """Start a build, unless one is running, and wait until it has begun.

    Raises:
        OSError: If it cannot be started.
    """
    if is_running():
        return
    own_folder().mkdir(parents=True, exist_ok=True)
    begun_before = _modified(log_file())
    process = subprocess.Popen(
        [sys.executable, "-m", "viewer.building"],
        cwd=PROJECT_ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    # An unreaped child process would look alive after its end.
    Thread(target=process.wait, daemon=True).start()
    deadline = time.monotonic() + SECONDS_TO_START
    while _modified(log_file()) == begun_before and process.poll() is None:
        if time.monotonic() > deadline:
            raise OSError(errno.ETIMEDOUT, "the build did not start in time")
        time.sleep(0.05)


def progress() -> Progress:
    """How far the latest build is."""
    try:
        lines = log_file().read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    running = is_running()
    if not lines and not running:
        return Progress("none")
    titles = [line.removeprefix("helios: ") for line in lines if line.startswith("helios: ")]
    done, total = _counted(lines)
    last_lines = "\n".join([line for line in lines if line.strip()][-LAST_LINES:])
    if running:
        return Progress("running", titles[-1] if titles else "Starting", done, total, last_lines)
    if lines[-1] == DONE:
        kept = [match[1] for line in lines if (match := NOTHING_PUBLISHED.search(line))]
        if kept:
            reason = f"{kept[-1][:1].upper()}{kept[-1][1:]}"
            return Progress("failed", "", done, total, last_lines, KEPT, (reason,))
        return Progress("done", "", done, total, last_lines)
    return Progress("failed", "", done, total, last_lines, _advice(lines), _stops(lines))


def is_running() -> bool:
    """Whether a build that a viewer started is running."""
    try:
        age = time.time() - lock_file().stat().st_mtime
        number = lock_file().read_text()
    except OSError:
        return False
    # A lock without a number has just been made.
    return age < SECONDS_UNTIL_STALE and (not number.isdigit() or _is_alive(int(number)))


def is_dbt_building() -> bool:
    """Whether some dbt is building, as far as its files tell.

    While it does, its write-ahead log stands beside the build file, and one of the two has just
    been written to; the log goes when dbt ends.
    """
    build = warehouse() / "build.duckdb"
    log = warehouse() / "build.duckdb.wal"
    written = _modified(log)
    if written is None:
        return False
    return time.time() - max(written, _modified(build) or written) < SECONDS_OF_QUIET


def main() -> int:
    """Run a build with its lock held.

    Returns:
        0 if everything passed, 1 if not, 2 if another build is running.
    """
    own_folder().mkdir(parents=True, exist_ok=True)
    if not _lock():
        return 2
    try:
        with log_file().open("w", encoding="utf-8") as log:
            return 0 if _run(steps(), log) else 1
    finally:
        lock_file().unlink(missing_ok=True)


def _run(all_steps: list[Step], log: IO[str]) -> bool:
    _results_file().unlink(missing_ok=True)
    for step in all_steps:
        _say(log, f"helios: {step.title}")
        process = subprocess.Popen(
            step.command,
            cwd=PROJECT_ROOT,
            env=os.environ | step.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        if _wait(process):
            _say(log, f"{FAILED} with exit code {process.returncode}")
            return False
    _say(log, DONE)
    return True


def _wait(process: subprocess.Popen[bytes]) -> int:
    """Wait for the end of a command, touching the lock; returns its exit code."""
    while True:
        try:
            return process.wait(SECONDS_BETWEEN_TOUCHES)
        except subprocess.TimeoutExpired:
            lock_file().touch()


def _say(log: IO[str], line: str) -> None:
    print(line, file=log, flush=True)


def _lock() -> bool:
    """Take the lock, also that of a build that was killed; False if another build has it."""
    for _ in range(2):
        try:
            with lock_file().open("x") as lock:
                lock.write(str(os.getpid()))
        except FileExistsError:
            if is_running():
                return False
            lock_file().unlink(missing_ok=True)
            continue
        # Another process may have found the same stale lock at the same moment and removed this.
        time.sleep(SECONDS_TO_SETTLE)
        return lock_file().exists() and lock_file().read_text() == str(os.getpid())
    return False


def _is_alive(number: int) -> bool:
    if sys.platform == "win32":
        return True  # where asking would end the process; the age of the lock has to do
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # another user's process
    return True


def _stops(lines: list[str]) -> tuple[str, ...]:
    """What stopped a build, where dbt says so: without the lines that come from here."""
    of_dbt = [line for line in lines if not line.startswith("helios: ")]
    if not _results_file().exists() and not any(STOPPED in line for line in of_dbt):
        return ()
    return tuple(stops_of_build(_results_file(), of_dbt))


def _counted(lines: list[str]) -> tuple[int, int]:
    """Steps of dbt that are done, and all of them."""
    steps_done = [match for line in lines if (match := STEP.match(line))]
    return len(steps_done), int(steps_done[-1][2]) if steps_done else 0


def _advice(lines: list[str]) -> str:
    text = "\n".join(lines)
    if "Could not set lock on file" in text:
        return "Another build or program has the build file open. Close it, then try again."
    if "No space left on device" in text or shutil.disk_usage(warehouse()).free == 0:
        return "The disk is full. Free some space, then try again."
    if lines and re.fullmatch(rf"{FAILED} with exit code (-9|137)", lines[-1]):
        return "The system stopped it, most likely because it ran out of memory. It needs half a"
        " gigabyte."
    if not lines or not lines[-1].startswith(FAILED):
        return "It was stopped before it finished. Try again."
    return "Fix the error in the last lines, then try again."


def _modified(file: Path) -> float | None:
    """When a file was last written to; None if it is not there."""
    with suppress(OSError):
        return file.stat().st_mtime
    return None


if __name__ == "__main__":
    sys.exit(main())
