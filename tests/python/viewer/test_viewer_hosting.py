"""Without a published file: what the viewer says, and the build that it runs by itself."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.python.viewer import fake_dbt
from tests.python.viewer.fake_dbt import FakeDbt
from tests.python.viewer.pages import PAGES_WITH_FIGURES, open_page, texts, tiles
from tests.python.viewer.tiny import publish
from viewer import building
from viewer.folders import PROJECT_ROOT

pytestmark = pytest.mark.slow

SECONDS_TO_WAIT = 30
BUILD_BUTTON = "build"


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A warehouse that is still to be made, and no exports."""
    folder = tmp_path / "warehouse"
    monkeypatch.setenv("HELIOS_WAREHOUSE", str(folder))
    monkeypatch.setenv("HELIOS_RAW", str(tmp_path / "raw"))
    return folder


@pytest.fixture
def dbt(warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeDbt]:
    """A dbt that waits until it is told to end, at the latest when the test ends."""
    fake = fake_dbt.install(tmp_path / "fake", monkeypatch)
    yield fake
    fake.end()
    wait_until(lambda: not building.is_running())


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS_TO_WAIT
    while not holds():
        assert time.monotonic() < deadline, building.progress()
        time.sleep(0.05)


def put_exports(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "influencers.csv").write_text("id\n1\n")


def button(app: AppTest) -> str | None:
    """Label of the button that builds, if there is one."""
    return next((one.label for one in app.button if one.key == BUILD_BUTTON), None)


def shown_progress(app: AppTest) -> list[str]:
    return [bar.proto.text for bar in app.get("progress")]


# --- What is said ------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES_WITH_FIGURES)
def test_nothing_published_is_told_on_every_page(page: str, warehouse: Path) -> None:
    app = open_page(page)
    assert not app.exception
    assert app.title[0].value == "Nothing published yet"
    assert "make build" in app.info[0].value
    assert "There are no exports in" in app.info[0].value
    assert button(app) == "Build a small simulated world"
    assert not warehouse.exists()  # looking makes nothing


def test_exports_that_are_there_are_what_it_builds_from(warehouse: Path, tmp_path: Path) -> None:
    put_exports(tmp_path)
    app = open_page()
    assert button(app) == "Build from the exports"
    [step] = building.steps()
    assert "simulate" not in step.command and step.environment == {}


def test_hidden_files_are_no_exports(warehouse: Path, tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / ".simulated.json").write_text("{}")
    assert not building.has_exports()


def test_the_small_world_gets_a_folder_of_its_own(warehouse: Path) -> None:
    simulate, build = building.steps()
    raw = str(warehouse / "viewer-build" / "tiny-world" / "raw")
    assert simulate.command[simulate.command.index("--out") + 1] == raw
    assert build.environment["HELIOS_RAW"] == raw


@pytest.mark.parametrize("page", PAGES_WITH_FIGURES)
def test_an_unreadable_file_is_not_replaced_by_a_small_world(page: str, warehouse: Path) -> None:
    warehouse.mkdir()
    (warehouse / "helios.duckdb").write_bytes(b"rubbish")
    app = open_page(page)
    assert not app.exception
    assert app.title[0].value == "The published data cannot be read"
    assert "make build" in app.error[0].value
    assert button(app) is None


def test_an_unreadable_file_can_be_built_anew_from_exports(warehouse: Path, tmp_path: Path) -> None:
    put_exports(tmp_path)
    warehouse.mkdir()
    (warehouse / "helios.duckdb").write_bytes(b"rubbish")
    assert button(open_page()) == "Build from the exports"


def test_a_warehouse_that_cannot_be_written_to(
    warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("HELIOS_WAREHOUSE", str(tmp_path / "file" / "warehouse"))
    app = open_page()
    assert not app.exception
    assert button(app) is None
    assert "cannot write" in texts(app)


# --- A build -----------------------------------------------------------------------------------


def test_a_build_is_shown_to_everybody_until_it_is_published(
    warehouse: Path, dbt: FakeDbt, tmp_path: Path
) -> None:
    one, other = open_page(), open_page("payouts")
    one.button(key=BUILD_BUTTON).click().run()
    assert not one.exception
    wait_until(lambda: building.progress().total > 0)
    for app in (one.run(), other.run()):
        assert not app.exception
        # 8 steps, of which 1, 2 and 3 have ended; hooks are none of them.
        assert shown_progress(app) == ["Building from the simulated exports: 3 of 8 steps"]
        assert button(app) is None
        assert "A build is running" in texts(app)
    publish(tmp_path)
    os.replace(tmp_path / "helios.duckdb", dbt.folder / "published")
    dbt.end()
    wait_until(lambda: building.progress().state == "done")
    assert tiles(one.run())["Spend"] == "₹400"
    assert other.run().title[0].value == "Payouts"
    assert "A build is running" not in texts(one)
    assert len(dbt.calls()) == 1


def test_pressing_twice_builds_once(warehouse: Path, dbt: FakeDbt) -> None:
    building.start()
    number = building.lock_file().read_text()
    building.start()
    second = subprocess.run([sys.executable, "-m", "viewer.building"], cwd=PROJECT_ROOT)
    assert second.returncode == 2
    assert building.lock_file().read_text() == number
    dbt.end()
    wait_until(lambda: not building.is_running())
    assert len(dbt.calls()) == 1


def test_a_build_that_fails_shows_its_last_lines_and_can_be_tried_again(
    warehouse: Path, dbt: FakeDbt
) -> None:
    app = open_page()
    app.button(key=BUILD_BUTTON).click().run()
    dbt.end("Database Error: no such column [x](http://y)", exit_code=1)
    wait_until(lambda: not building.is_running())
    app.run()
    assert not app.exception
    assert "The build failed. Fix the error in the last lines" in app.error[0].value
    assert "no such column [x](http://y)" in app.code[0].value
    assert "failed with exit code 1" in app.code[0].value
    assert button(app) == "Try again"
    dbt.go_on()
    app.button(key=BUILD_BUTTON).click().run()
    wait_until(lambda: len(dbt.calls()) == 2)
    assert not app.run().error
    assert building.progress().state == "running"


@pytest.mark.parametrize(
    ("says", "exit_code", "advice"),
    [
        ('IO Error: Could not set lock on file "build.duckdb"', 1, "has the build file open"),
        ("OSError: [Errno 28] No space left on device", 1, "The disk is full"),
    ],
)
def test_failures_with_a_known_remedy(
    says: str, exit_code: int, advice: str, warehouse: Path, dbt: FakeDbt
) -> None:
    dbt.end(says, exit_code)
    building.start()
    wait_until(lambda: not building.is_running())
    assert advice in building.progress().advice


def test_a_build_that_the_system_stopped(warehouse: Path) -> None:
    building.own_folder().mkdir(parents=True)
    building.log_file().write_text("03:00:00  Running\nhelios: failed with exit code -9\n")
    assert building.progress().advice.endswith("out of memory. It needs half a gigabyte.")


def test_a_build_that_cannot_be_started(warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page()
    warehouse.mkdir()
    building.own_folder().touch()  # a file where the folder has to be
    app.button(key=BUILD_BUTTON).click().run()
    assert not app.exception
    assert "The build cannot be started" in app.error[0].value


# --- Locks -------------------------------------------------------------------------------------


def test_a_killed_build_is_told_and_leaves_the_way_free(warehouse: Path, dbt: FakeDbt) -> None:
    building.start()
    wait_until(lambda: len(dbt.calls()) == 1)
    os.kill(int(building.lock_file().read_text()), signal.SIGKILL)
    wait_until(lambda: not building.is_running())
    assert building.lock_file().exists()
    assert building.progress().state == "failed"
    assert "stopped before it finished" in building.progress().advice
    building.start()
    wait_until(lambda: len(dbt.calls()) == 2)
    assert building.is_running()
    dbt.end()
    wait_until(lambda: building.progress().state == "done")
    assert not building.lock_file().exists()


def test_the_lock_of_a_dead_process_holds_nobody_up(warehouse: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    building.own_folder().mkdir(parents=True)
    building.lock_file().write_text(str(dead.pid))
    assert not building.is_running()


def test_an_old_lock_holds_nobody_up_though_its_number_is_in_use(warehouse: Path) -> None:
    building.own_folder().mkdir(parents=True)
    building.lock_file().write_text(str(os.getpid()))
    assert building.is_running()
    old = time.time() - building.SECONDS_UNTIL_STALE - 1
    os.utime(building.lock_file(), (old, old))
    assert not building.is_running()


def test_a_lock_that_is_just_being_written_counts(warehouse: Path) -> None:
    building.own_folder().mkdir(parents=True)
    building.lock_file().touch()
    assert building.is_running()


def test_a_running_build_keeps_its_lock_fresh(
    warehouse: Path, dbt: FakeDbt, monkeypatch: pytest.MonkeyPatch
) -> None:
    building.start()
    begun = building.lock_file().stat().st_mtime
    wait_until(lambda: building.lock_file().stat().st_mtime > begun + 1)


# --- dbt in a terminal -------------------------------------------------------------------------


def test_a_build_from_a_terminal_is_seen_by_its_files(warehouse: Path) -> None:
    warehouse.mkdir()
    build, log = warehouse / "build.duckdb", warehouse / "build.duckdb.wal"
    build.touch()
    assert not building.is_dbt_building()  # dbt has ended: no write-ahead log
    log.touch()
    assert building.is_dbt_building()
    app = open_page()
    assert "A build is running" in app.info[1].value
    assert button(app) is None
    long_ago = time.time() - building.SECONDS_OF_QUIET - 1
    os.utime(log, (long_ago, long_ago))
    assert building.is_dbt_building()  # a large model is being written to the file itself
    os.utime(build, (long_ago, long_ago))
    assert not building.is_dbt_building()  # killed
    assert button(open_page()) == "Build a small simulated world"


def test_a_build_is_told_beside_what_is_published(tiny_warehouse: Path) -> None:
    assert "A build is running" not in texts(open_page())
    (tiny_warehouse / "build.duckdb.wal").touch()
    assert "A build is running" in texts(open_page())


# --- Docs --------------------------------------------------------------------------------------


def test_the_dockerfile_in_the_docs_is_the_one_that_is_there() -> None:
    page = (PROJECT_ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    dockerfile = (PROJECT_ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert f"```dockerfile\n{dockerfile}```" in page
