"""The command line: its options, its report, its errors and what it leaves alone."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from simulate import load_settings
from simulate.__main__ import main
from tests.python.simulate.worlds import hashes
from tests.python.support import PROJECT

SMALL = ["--world", "tiny", "--orders", "200", "--days", "14"]
EXPORTS = {
    "influencers", "tracking_data", "posts", "payouts", "campaigns", "campaign_regions",
    "regions", "products",
}  # fmt: skip
TRUTHS = {
    "orders", "posts", "region_days", "influencer_campaigns", "influencers", "personas",
    "campaigns", "portfolio", "experiment_days", "experiments", "response_curves",
    "settings",
}  # fmt: skip
OPTIONS = {
    "--help", "--world", "--seed", "--out", "--truth", "--format", "--start", "--days", "--orders",
    "--influencers", "--mess", "--set", "--chunk-orders", "--threads", "--as",
    "--planned",
}  # fmt: skip


@pytest.fixture
def error_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run a command that must fail: exit code 2, one line on stderr, nothing written."""

    def run(*arguments: str) -> str:
        out, truth = tmp_path / "out", tmp_path / "truth"
        with pytest.raises(SystemExit) as stop:
            main(["--out", str(out), "--truth", str(truth), *arguments])
        shown = capsys.readouterr()
        assert stop.value.code == 2
        assert shown.out == ""
        assert shown.err.startswith("simulate: ") and shown.err.endswith("\n")
        assert shown.err.count("\n") == 1
        assert not out.exists() and not truth.exists()
        return shown.err.removeprefix("simulate: ").removesuffix("\n")

    return run


def run(folder: Path, *arguments: str) -> Path:
    """Run a command that must succeed; return the folder of the exports."""
    out = folder / "raw"
    assert main(["--out", str(out), "--truth", str(folder / "truth"), *SMALL, *arguments]) == 0
    return out


def rows(path: Path) -> int:
    """Lines without the header; no cell of a clean file has a line break."""
    return len(path.read_bytes().splitlines()) - 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--days", "-5"], ["days is -5", "from 7 to 3660"]),
        (["--days", "6"], ["days is 6", "from 7 to 3660"]),
        (["--days", "many"], ["days is many", "a whole number from 7 to 3660"]),
        (["--days", "5000"], ["days is 5000", "from 7 to 3660"]),
        (["--orders", "0"], ["orders is 0", "from 1 to 10000000000"]),
        (["--orders", "1.5"], ["orders is 1.5", "a whole number"]),
        (["--influencers", "0"], ["influencers is 0", "from 1 to 100000"]),
        (["--mess", "0.6"], ["mess is 0.6", "from 0 to 0.5"]),
        (["--mess", "nan"], ["mess is nan", "from 0 to 0.5"]),
        (["--start", "30/09/2026"], ["start is 30/09/2026", "YYYY-MM-DD", "2018-01-01"]),
        (["--start", "1850-01-01"], ["start is 1850-01-01", "2018-01-01 to 2030-12-31"]),
        (["--start", "2030-12-01"], ["days is 548", "at most 31 from 2030-12-01"]),
        (["--seed", "-1"], ["seed is -1", "from 0 to 9223372036854775807"]),
        (["--seed", "1.5"], ["--seed", "'1.5'"]),
        (["--world", "atlantis"], ["'atlantis'", "path of a TOML file", "default", "tiny"]),
        (["--set", "customers.new_share=1.01"], ["customers.new_share is 1.01", "to 1"]),
        (["--set", "customers.new=0.5"], ["customers.new is not a setting", "default.toml"]),
        (["--set", "effect.pull_forward_days=[7]"], ["[7]", "a list of 2"]),
        (["--set", "campaigns.control_regions=['Atlantis']"], ["'Atlantis'", "regions.csv"]),
        (["--set", "demand.payday_lift=nan"], ["demand.payday_lift is nan", "from 0 to 5"]),
        (["--set", "orders"], ["--set", "'orders' is not NAME=VALUE"]),
        (["--set", "orders=5 x"], ["orders is 5 x", "a whole number"]),
        (["--chunk-orders", "0"], ["--chunk-orders", "'0'", "at least 1"]),
        (["--chunk-orders", "-1"], ["--chunk-orders", "'-1'", "at least 1"]),
        (["--chunk-orders", "1e3"], ["--chunk-orders", "'1e3'", "at least 1"]),
        (["--threads", "0"], ["--threads", "'0'", "at least 1"]),
        (["--threads", ""], ["--threads", "''", "at least 1"]),
        (["--format", "xlsx"], ["--format", "'xlsx'", "csv", "parquet"]),
        (["--force"], ["unrecognized arguments: --force"]),
        (["--wor", "tiny"], ["unrecognized arguments: --wor tiny"]),
        (["--days"], ["--days", "expected one argument"]),
    ],
)
def test_a_wrong_argument_is_one_line(
    arguments: list[str], words: list[str], error_of: Callable[..., str]
) -> None:
    message = error_of(*arguments)
    for word in words:
        assert word in message


def test_a_world_file_with_mistakes_is_one_line(
    tmp_path: Path, error_of: Callable[..., str]
) -> None:
    world = tmp_path / "mine.toml"
    for content, words in [
        ("days = ", f"{world} is not TOML: "),
        (f'extends = "{world}"', "extends itself"),
        ("days = 9", "is missing; a world that extends 'default' states only what differs"),
        ('extends = "default"\ndays = 3', "days is 3, must be a whole number from 7 to 3660"),
    ]:
        world.write_text(content)
        assert words in error_of("--world", str(world))


@pytest.mark.parametrize("spelling", ["out", "./out", "truth/../out", "link"])
def test_truth_and_exports_do_not_share_a_folder(
    spelling: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "out")
    truth = f"{tmp_path}/{spelling}"
    with pytest.raises(SystemExit) as stop:
        main(["--out", str(tmp_path / "out"), "--truth", truth, *SMALL])
    assert stop.value.code == 2
    shown = capsys.readouterr()
    assert shown.out == "" and shown.err.count("\n") == 1
    assert shown.err.startswith("simulate: --truth is ") and "another folder" in shown.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("wrong", ["--out", "--truth"])
@pytest.mark.parametrize("below", [False, True])
def test_a_folder_that_cannot_be_made_is_one_line(
    wrong: str, below: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    other = "--truth" if wrong == "--out" else "--out"
    folder = file / "below" if below else file
    with pytest.raises(SystemExit) as stop:
        main([wrong, str(folder), other, str(tmp_path / "other"), *SMALL])
    shown = capsys.readouterr()
    assert (stop.value.code, shown.out, shown.err.count("\n")) == (2, "", 1)
    assert f"cannot write {folder}" in shown.err
    assert file.read_text() == "mine"
    assert not (tmp_path / "other").exists() or not list((tmp_path / "other").iterdir())


def test_the_report_names_every_file_and_its_rows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path)
    lines = capsys.readouterr().out.splitlines()
    found = [re.fullmatch(r"(\S+): ([\d,]+) rows, written", line) for line in lines]
    reported = {line[1]: int(line[2].replace(",", "")) for line in found if line}
    assert len(reported) == len(lines)
    paths = [tmp_path / "raw" / f"{table}.csv" for table in EXPORTS]
    paths += [tmp_path / "truth" / f"{table}.csv" for table in TRUTHS]
    assert reported == {str(path): rows(path) for path in paths}
    assert reported[str(tmp_path / "raw" / "influencers.csv")] == 24


def test_files_of_an_earlier_run_are_replaced_and_the_report_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = hashes(run(tmp_path, "--seed", "1"))
    capsys.readouterr()
    after = hashes(run(tmp_path, "--seed", "2"))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(EXPORTS) + len(TRUTHS)
    assert all(line.endswith(" rows, replaced") for line in lines)
    assert before.keys() == after.keys() and before != after


def test_help_lists_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    assert stop.value.code == 0
    shown = capsys.readouterr().out
    assert set(re.findall(r"^ +(?:-h, )?(--[a-z-]+)", shown, re.MULTILINE)) == OPTIONS
    for word in ("default: 42", "default: seeds/raw", "default: seeds/truth", "leaky-codes"):
        assert word in " ".join(shown.split())


def test_set_wins_over_the_world_and_the_last_one_counts(tmp_path: Path) -> None:
    out = run(tmp_path, "--influencers", "30", "--set", "influencers=20", "--set", "influencers=10")
    assert rows(out / "influencers.csv") == 10
    assert rows(run(tmp_path, "--influencers", "30") / "influencers.csv") == 30


def test_every_option_of_the_world_reaches_it(tmp_path: Path) -> None:
    out = run(
        tmp_path, "--start", "2020-02-25", "--days", "9", "--orders", "4000", "--influencers", "5",
        "--set", "demand.overdispersion=0.0", "--set", "effect.ceiling=0",
    )  # fmt: skip
    lines = (out / "tracking_data.csv").read_text(encoding="utf-8").splitlines()[1:]
    dates = sorted({line.split(",")[7] for line in lines})
    assert (dates[0], dates[-1], len(dates)) == ("2020-02-25", "2020-03-04", 9)
    assert abs(len(lines) - 4_000) < 4 * 4_000**0.5
    assert rows(out / "influencers.csv") == 5


def test_a_world_by_path(tmp_path: Path) -> None:
    world = tmp_path / "my own world.toml"
    world.write_text('extends = "tiny"\ninfluencers = 11\ndays = 20\norders = 100\n')
    out, truth = tmp_path / "raw", tmp_path / "truth"
    assert main(["--world", str(world), "--out", str(out), "--truth", str(truth)]) == 0
    assert rows(out / "influencers.csv") == 11


def test_without_a_world_it_is_the_default_one_with_seed_42(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    size = ["--orders", "100", "--days", "14"]
    assert main(size) == 0
    said = ["--world", "default", "--seed", "42", "--out", "raw", "--truth", "truth"]
    assert main([*said, *size]) == 0
    assert rows(tmp_path / "raw" / "influencers.csv") == load_settings("default", 42).influencers
    usual = hashes(tmp_path / "seeds" / "raw", tmp_path / "seeds" / "truth")
    assert usual == hashes(tmp_path / "raw", tmp_path / "truth")


def test_the_module_runs_as_a_command(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "simulate", "--out", str(tmp_path / "a"), "--truth"]

    def finish(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *arguments],
            env=os.environ | {"PYTHONPATH": str(PROJECT)},
            cwd=tmp_path, text=True, capture_output=True, check=False,
        )  # fmt: skip

    good = finish(str(tmp_path / "b"), *SMALL)
    assert (good.returncode, good.stderr) == (0, "")
    assert len(good.stdout.splitlines()) == len(EXPORTS) + len(TRUTHS)
    bad = finish(str(tmp_path / "a"), *SMALL)
    assert (bad.returncode, bad.stdout, bad.stderr.count("\n")) == (2, "", 1)
