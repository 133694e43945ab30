"""A dbt that builds nothing: it says what it is told to, and publishes a file that it is given."""

import os
from pathlib import Path

import pytest

# What `dbt build` would do, told by the environment: lines to say, a file to wait for and to
# publish, and the exit code.
PROGRAM = """
import os, shutil, sys, time
from pathlib import Path

def cli():
    folder = Path(os.environ["FAKE_DBT"])
    (folder / "calls").open("a").write(" ".join(sys.argv[1:]) + "\\n")
    print((folder / "says").read_text(), flush=True)
    while not (folder / "end").exists():
        time.sleep(0.05)
    if (folder / "published").exists():
        target = Path(os.environ["HELIOS_WAREHOUSE"]) / "helios.duckdb"
        shutil.copyfile(folder / "published", f"{target}.new")
        os.replace(f"{target}.new", target)
    print((folder / "end").read_text(), flush=True)
    sys.exit(int((folder / "exit_code").read_text()))
"""
STARTED = """\
04:00:00  Running with dbt=1.11.16
04:00:01  1 of 2 START hook: helios.on-run-start.0 ............ [RUN]
04:00:01  1 of 2 OK hook: helios.on-run-start.0 ............... [OK in 0.07s]
04:00:01  1 of 8 START sql table model marts.one .............. [RUN]
04:00:01  2 of 8 START unit_test two::two ..................... [RUN]
04:00:02  2 of 8 PASS two::two ................................ [PASS in 0.55s]
04:00:02  1 of 8 OK created sql table model marts.one ......... [OK in 0.34s]
04:00:03  3 of 8 NO-OP exposure three ......................... [NO-OP in 0.00s]
04:00:03  4 of 8 START sql table model marts.four ............. [RUN]"""


class FakeDbt:
    """What the fake does, and what it was called with."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        package = folder / "dbt" / "cli"
        package.mkdir(parents=True)
        (package.parent / "__init__.py").touch()
        (package / "__init__.py").touch()
        (package / "main.py").write_text(PROGRAM)
        (folder / "says").write_text(STARTED)
        (folder / "exit_code").write_text("0")

    def end(self, says: str = "Done.", exit_code: int = 0) -> None:
        """Let it end."""
        (self.folder / "exit_code").write_text(str(exit_code))
        temporary = self.folder / "end.new"
        temporary.write_text(says)
        os.replace(temporary, self.folder / "end")

    def go_on(self) -> None:
        """Let the next one run until it is told to end."""
        (self.folder / "end").unlink(missing_ok=True)

    def calls(self) -> list[str]:
        """Arguments of every call."""
        file = self.folder / "calls"
        return file.read_text().splitlines() if file.exists() else []


def install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> FakeDbt:
    """Put a fake in the place of dbt, for processes that start from now on."""
    fake = FakeDbt(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setenv("FAKE_DBT", str(folder))
    return fake
