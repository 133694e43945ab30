"""A build that the viewer runs where there is no published file: one at a time on a machine.

It is a process of its own, `python -m viewer.building`, so that it goes on when the one who pressed
the button leaves, and so that everybody sees the same progress. It says what it does in a log file
in the warehouse, and as long as it lives it keeps touching a lock file beside that. Whether dbt is
building, here or in a terminal, can be seen from its files; they are looked at, never opened.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread
from typing import IO, Literal, NamedTuple

from intake.dbt_build import STEP, STOPPED, stops_of_build
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
STEP_LINE = re.compile(rf"(?:\d\d:\d\d:\d\d  )?{STEP.pattern}")

State = Literal["none", "running", "done", "failed"]


class NotStartedError(Exception):
    """A build that cannot be started; the message is one line for the user."""


class Step(NamedTuple):
    """A command of a build, its title for the user, and what it adds to the environment."""

    title: str
    command: tuple[str, ...]
    environment: dict[str, str]


@dataclass(frozen=True)
class Progress:
    """How far a build is in steps of dbt, 0 of 0 while that is not known, and how it ended.

    The title is what is being done, the advice what to do about a failure; stops say what stopped
    the build, one line each, as far as dbt does.
    """

    state: State
    title: str = ""
    done: int = 0
    total: int = 0
    last_lines: str = ""
    advice: str = ""
    stops: tuple[str, ...] = ()


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
    return own_folder() / "target" / "run_results.json"


def _tiny_world() -> Path:
    return own_folder() / "tiny-world"


def has_exports() -> bool:
    """Whether there is anything to build from."""
    return any(raw_exports().glob("[!.]*"))


def is_ours() -> bool:
    """Whether an earlier build of the viewer's made what is published from its own tiny world."""
    return _tiny_world().is_dir()


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
    world = _tiny_world()
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
        NotStartedError: If it cannot be started.
    """
    if is_running():
        return
    begun_before = _modified(log_file())
    try:
        own_folder().mkdir(parents=True, exist_ok=True)
        process = subprocess.Popen(
            [sys.executable, "-m", "viewer.building"],
            cwd=PROJECT_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        reason = error.strerror or error
        raise NotStartedError(f"The build cannot be started: {reason}.") from error
    # An unreaped child process would look alive after its end.
    Thread(target=process.wait, daemon=True).start()
    deadline = time.monotonic() + SECONDS_TO_START
    while _modified(log_file()) == begun_before and process.poll() is None:
        if time.monotonic() > deadline:
            raise NotStartedError("The build cannot be started: the build did not start in time.")
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
    done = [match for line in lines if (match := STEP_LINE.match(line))]
    total = int(done[-1][2]) if done else 0
    last_lines = "\n".join([line for line in lines if line.strip()][-LAST_LINES:])
    ended = Progress("done", "", len(done), total, last_lines)
    if running:
        titles = [line.removeprefix("helios: ") for line in lines if line.startswith("helios: ")]
        return replace(ended, state="running", title=titles[-1] if titles else "Starting")
    if lines[-1] != DONE:
        return replace(ended, state="failed", advice=_advice(lines), stops=_stops(lines))
    kept = [match[1] for line in lines if (match := NOTHING_PUBLISHED.search(line))]
    if kept:
        reason = f"{kept[-1][:1].upper()}{kept[-1][1:]}"
        advice = "The previously published data stay in place."
        return replace(ended, state="failed", advice=advice, stops=(reason,))
    return ended


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
    written = _modified(warehouse() / "build.duckdb.wal")
    if not written:
        return False
    latest = max(written, _modified(warehouse() / "build.duckdb"))
    return time.time() - latest < SECONDS_OF_QUIET


def main() -> int:
    """Run a build with its lock held; 0 if it passed, 1 if not, 2 if another one is running."""
    own_folder().mkdir(parents=True, exist_ok=True)
    if not _lock():
        return 2
    try:
        with log_file().open("w", encoding="utf-8", buffering=1) as log:  # each line at once
            _results_file().unlink(missing_ok=True)
            failure = next(filter(None, (_run(step, log) for step in steps())), None)
            print(f"{FAILED} with exit code {failure}" if failure else DONE, file=log)
            return 1 if failure else 0
    finally:
        lock_file().unlink(missing_ok=True)


def _run(step: Step, log: IO[str]) -> int:
    """Run a step, touching the lock; returns its exit code."""
    print(f"helios: {step.title}", file=log)
    process = subprocess.Popen(
        step.command,
        cwd=PROJECT_ROOT,
        env=os.environ | step.environment,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    while True:
        try:
            return process.wait(SECONDS_BETWEEN_TOUCHES)
        except subprocess.TimeoutExpired:
            lock_file().touch()


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


def _advice(lines: list[str]) -> str:
    text = "\n".join(lines)
    if "Could not set lock on file" in text:
        return "Another build or program has the build file open. Close it, then try again."
    if "No space left on device" in text or shutil.disk_usage(warehouse()).free == 0:
        return "The disk is full. Free some space, then try again."
    if re.fullmatch(rf"{FAILED} with exit code (-9|137)", lines[-1]):
        return (
            "The system stopped it, most likely because it ran out of memory. It needs half a"
            " gigabyte."
        )
    if not lines[-1].startswith(FAILED):
        return "It was stopped before it finished. Try again."
    return "Fix the error in the last lines, then try again."


def _modified(file: Path) -> float:
    """When a file was last written to; 0 if it is not there."""
    with suppress(OSError):
        return file.stat().st_mtime
    return 0.0


if __name__ == "__main__":
    sys.exit(main())
