"""Interrupted and killed runs, and the progress that long ones show."""

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulate import load_settings, write_world
from simulate.__main__ import main
from tests.python.simulate.worlds import hashes
from tests.python.support import PROJECT

pytestmark = pytest.mark.slow

SMALL = ["--world", "tiny", "--orders", "200", "--days", "14"]
LONG = ["--world", "tiny", "--orders", "30000000"]  # minutes, if nothing broke it off
PATIENCE = 120  # seconds; nothing here takes as many unless something is wrong
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)


def arguments_of(folder: Path) -> list[str]:
    return ["--out", str(folder / "raw"), "--truth", str(folder / "truth")]


def contents(folder: Path) -> dict[str, str]:
    return hashes(folder / "raw", folder / "truth")


def start(folder: Path) -> subprocess.Popen[str]:
    """A run that takes a while, into a folder that holds a small world."""
    settings = load_settings("tiny", 1, {"orders": 200, "days": 14})
    write_world(settings, folder / "raw", folder / "truth")
    return subprocess.Popen(
        [sys.executable, "-m", "simulate", *LONG, *arguments_of(folder)],
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
        text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


class Broken:
    """What a run that was broken off left behind."""

    def __init__(self, folder: Path) -> None:
        """Start a long run beside the files of a small one."""
        self.folder = folder
        self.process = start(folder)
        self.before = contents(folder)
        self.stage = folder / "raw" / ".simulating"
        self.stdout = self.stderr = ""

    @property
    def is_growing(self) -> bool:
        """Whether it is in the middle of writing order lines."""
        assert self.process.poll() is None, "it ended before it was interrupted"
        file = self.stage / "tracking_data.csv"
        return file.exists() and file.stat().st_size > 1_000_000

    def finish(self) -> None:
        self.stdout, self.stderr = self.process.communicate(timeout=PATIENCE)


def break_off(runs: dict[signal.Signals, Broken]) -> None:
    """Send each run its signal as soon as it is in the middle of its work."""
    waiting, begin = dict(runs), time.monotonic()
    while waiting:
        assert time.monotonic() < begin + PATIENCE
        for number in [number for number, run in waiting.items() if run.is_growing]:
            waiting.pop(number).process.send_signal(number)
        time.sleep(0.02)


@pytest.fixture(scope="module", autouse=True)
def interruptible() -> Iterator[None]:
    """Shells have their background jobs ignore SIGINT, which these and their children inherit."""
    inherited = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, inherited)


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[signal.Signals, Broken]]:
    """One run for each signal; they run side by side to save time."""
    runs = {number: Broken(tmp_path_factory.mktemp(number.name)) for number in SIGNALS}
    try:
        break_off(runs)
        for run in runs.values():
            run.finish()
        yield runs
    finally:
        for run in runs.values():
            run.process.kill()
            run.process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_leaves_everything_as_it_was(
    number: signal.Signals, broken: dict[signal.Signals, Broken]
) -> None:
    run = broken[number]
    assert run.process.returncode == 130
    assert contents(run.folder) == run.before
    assert not list(run.folder.rglob(".simulating"))
    assert run.stdout == ""
    assert run.stderr.splitlines()[-1] == "simulate: interrupted, nothing was changed"
    assert "Traceback" not in run.stderr


def test_a_killed_run_leaves_complete_files_and_the_next_one_clears_up(
    broken: dict[signal.Signals, Broken], tmp_path: Path
) -> None:
    run = broken[signal.SIGKILL]
    assert run.process.returncode == -signal.SIGKILL
    left = {name: content for name, content in contents(run.folder).items() if "/" not in name}
    assert left == run.before
    assert run.stage.exists()  # a killed process clears nothing away
    assert main([*SMALL, *arguments_of(run.folder)]) == 0
    assert not list(run.folder.rglob(".simulating"))
    main([*SMALL, *arguments_of(tmp_path)])
    assert contents(run.folder) == contents(tmp_path)


def test_files_change_places_undisturbed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An interruption that comes when all files are complete comes too late."""
    replace = Path.replace

    def interrupted(path: Path, target: Path) -> Path:
        for number in (signal.SIGINT, signal.SIGTERM):
            os.kill(os.getpid(), number)
        return replace(path, target)

    arguments = [*SMALL, "--seed", "2"]
    assert main([*arguments, *arguments_of(tmp_path / "calm")]) == 0
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", interrupted)
        assert main([*arguments, *arguments_of(tmp_path / "disturbed")]) == 0
    assert contents(tmp_path / "disturbed") == contents(tmp_path / "calm")
    with pytest.raises(KeyboardInterrupt):  # from then on it counts again
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(1)


@pytest.mark.parametrize(("seconds", "is_shown"), [(0.0, False), (1.9, False), (9.0, True)])
def test_only_a_run_of_two_seconds_and_more_shows_progress(
    seconds: float,
    is_shown: bool,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The clock of the progress bar stands still, then jumps: no waiting, no chance."""
    clock = itertools.chain([0.0], itertools.repeat(seconds))
    monkeypatch.setattr("tqdm.std.time", lambda: next(clock))
    assert main([*SMALL, *arguments_of(tmp_path)]) == 0
    shown = capsys.readouterr()
    assert ("simulate" in shown.err) == is_shown
    assert bool(shown.err) == is_shown
    assert len(shown.out.splitlines()) == 20
