"""The command line: its files, its words and its errors."""

import subprocess
import sys
from pathlib import Path

import pytest

from simulate.__main__ import main

ROOT = Path(__file__).parents[3]
NAMES = ["influencers.csv", "payouts.csv", "posts.csv", "tracking_data.csv"]
SMALL = ["--orders", "300", "--influencers", "20"]


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def error_of(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Run a command that must fail with exit code 2 and one line; return the line."""
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    shown = capsys.readouterr()
    assert stop.value.code == 2
    assert shown.out == ""
    assert shown.err.count("\n") == 1
    return shown.err


def test_same_seed_same_bytes_other_seed_other_bytes(tmp_path: Path) -> None:
    for folder, seed in [("one", "5"), ("two", "5"), ("other", "6")]:
        assert main(["--seed", seed, "--out", str(tmp_path / folder), *SMALL]) == 0
    one, two, other = (files(tmp_path / folder) for folder in ("one", "two", "other"))
    assert sorted(one) == NAMES
    assert one == two
    assert all(one[name] != other[name] for name in NAMES)


def test_a_new_process_writes_the_same_bytes(tmp_path: Path) -> None:
    arguments = ["--seed", "5", "--start", "2025-01-01", *SMALL]
    main([*arguments, "--out", str(tmp_path / "here")])
    subprocess.run(
        [sys.executable, "-m", "simulate", *arguments, "--out", str(tmp_path / "there")],
        cwd=ROOT, check=True, env={"TZ": "Asia/Kolkata", "PYTHONHASHSEED": "1"},
    )  # fmt: skip
    assert files(tmp_path / "here") == files(tmp_path / "there")


def test_it_replaces_its_own_files_only_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "posts.csv").write_text("old")
    (tmp_path / "campaigns.csv").write_text("mine")
    main(["--out", str(tmp_path), *SMALL])
    shown = capsys.readouterr().out
    assert f"{tmp_path / 'tracking_data.csv'}: 300 rows, written\n" in shown
    assert shown.count("replaced") == 1 and "posts.csv" in shown
    assert (tmp_path / "campaigns.csv").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--days", "0"], "--days must be from 7 to 3660, got 0"),
        (["--days", "many"], "argument --days: invalid int value: 'many'"),
        (["--orders", "-3"], "--orders must be from"),
        (["--influencers", "0"], "--influencers must be from"),
        (["--seed", "-1"], "--seed must be from"),
        (["--start", "30/09/2026"], "'30/09/2026' is not a date as YYYY-MM-DD"),
        (["--start", "1850-01-01"], "--start must be from"),
        (["--force"], "unrecognized arguments: --force"),
    ],
)
def test_wrong_arguments_are_one_line(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert words in error_of(arguments, capsys)


def test_a_folder_that_cannot_be_written_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    for folder in (in_the_way, in_the_way / "below"):
        assert f"cannot write to --out {folder}: " in error_of(["--out", str(folder)], capsys)
    (tmp_path / "posts.csv").mkdir()
    assert "Is a directory" in error_of(["--out", str(tmp_path), *SMALL], capsys)


def test_every_option_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    assert stop.value.code == 0
    shown = capsys.readouterr().out
    for option in ("--seed", "--out", "--days", "--influencers", "--orders", "--start"):
        assert option in shown
    assert "2026-09-30" in shown
