"""The same settings and seed make the same bytes, however and wherever they are made."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from simulate import load_settings, write_world
from simulate.orders import BLOCK
from simulate.write import Format
from tests.python.simulate.worlds import hashes
from tests.python.support import PROJECT

pytestmark = pytest.mark.slow

# Orders of three blocks and more: only then is a chunk more than one block.
SIZE: dict[str, Any] = {"orders": 60_000, "days": 40, "start": "2025-01-10"}
FIXED = {"0 regions", "0 products"}  # exports that no seed changes


def made(
    folder: Path,
    seed: int = 5,
    ending: Format = "csv",
    mess: float = 0.0,
    chunk_orders: int = 1 << 16,
    threads: int | None = None,
    orders: int = SIZE["orders"],
) -> dict[str, str]:
    """Write a world and return the hashes of all of its files."""
    settings = load_settings("tiny", seed, SIZE | {"mess": mess, "orders": orders})
    write_world(settings, folder / "raw", folder / "truth", ending, chunk_orders, threads)
    return hashes(folder / "raw", folder / "truth")


def stems(files: dict[str, str]) -> dict[str, str]:
    """Hashes by file name without ending."""
    return {name.partition(".")[0]: content for name, content in files.items()}


def test_the_world_is_large_enough_for_several_chunks() -> None:
    assert SIZE["orders"] > 3 * BLOCK


# More orders than a row group of Parquet holds, so that files have several.
@pytest.mark.parametrize(
    ("ending", "mess", "orders"),
    [
        pytest.param("csv", 0.0, 60_000),
        pytest.param("csv", 0.05, 60_000),
        ("parquet", 0.0, 150_000),
        ("parquet", 0.05, 150_000),
    ],
)
def test_chunks_and_threads_change_no_byte(
    ending: Format, mess: float, orders: int, tmp_path: Path
) -> None:
    first = made(tmp_path / "first", 5, ending, mess, 1, 1, orders)
    assert len(stems(first)) == (20 if mess == 0 else 25)
    for chunk_orders, threads in ((20_000, 2), (1_000_000, 4)):
        folder = tmp_path / str(threads)
        again = made(folder, 5, ending, mess, chunk_orders, threads, orders)
        assert again == first, (chunk_orders, threads)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_another_process_elsewhere_writes_the_same_bytes(ending: Format, tmp_path: Path) -> None:
    here = made(tmp_path / "here", ending=ending, mess=0.05)
    command = [sys.executable, "-m", "simulate", "--world", "tiny", "--seed", "5", "--mess", "0.05"]
    for name, value in SIZE.items():
        command += [f"--{name}", str(value)]
    command += ["--format", ending, "--out", "there/raw", "--truth", "there/truth"]
    surroundings = {
        "PYTHONPATH": str(PROJECT), "PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati",
        "LC_ALL": "C", "PATH": os.environ["PATH"], "HOME": str(tmp_path),
    }  # fmt: skip
    subprocess.run(command, cwd=tmp_path, env=surroundings, check=True, capture_output=True)
    assert hashes(tmp_path / "there" / "raw", tmp_path / "there" / "truth") == here


def test_another_seed_changes_every_file_with_chance_in_it(tmp_path: Path) -> None:
    one, other = (stems(made(tmp_path / str(seed), seed)) for seed in (5, 6))
    assert one.keys() == other.keys()
    assert {name for name in one if one[name] == other[name]} == FIXED


def test_another_seed_damages_other_rows(tmp_path: Path) -> None:
    one, other = (stems(made(tmp_path / str(seed), seed, mess=0.05)) for seed in (5, 6))
    assert {name for name in one if one[name] == other[name]} == FIXED
    lists = [tmp_path / str(seed) / "truth" / "mess" / "tracking_data.csv" for seed in (5, 6)]
    damaged = [{line.split(",")[1] for line in path.read_text().splitlines()[1:]} for path in lists]
    in_both = len(damaged[0] & damaged[1]) / min(map(len, damaged))
    assert in_both < 0.10  # twice the share that chance makes
