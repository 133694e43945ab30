"""The page on simulated worlds names every setting, world and column of the truth."""

import csv
import re
from pathlib import Path

import pytest

from simulate.settings import load_settings, world_names
from tests.python.support import PROJECT, simulate

PAGE = (PROJECT / "docs" / "simulation.md").read_text(encoding="utf-8")
CODE = re.compile(r"`([^`\n]+)`")
IN_CODE = set(CODE.findall(re.sub(r"(?s)```.*?```", "", PAGE)))


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("documented")
    raw = simulate(folder / "raw", "--world", "tiny", "--mess", "0.05")
    return raw.with_name("raw_truth")


def test_every_setting_is_argued(truth: Path) -> None:
    with (truth / "settings.csv").open(encoding="utf-8", newline="") as file:
        settings = {row["setting"] for row in csv.DictReader(file)}
    assert settings - {"world", "seed"} <= IN_CODE


def test_values_of_the_default_world_are_those_of_the_page() -> None:
    settings = load_settings("default", 42)
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        names = CODE.findall(cells[0])
        if len(cells) < 3 or not all(
            re.fullmatch(r"[a-z_]+(\.\w+)+|orders", name) for name in names
        ):
            continue
        values = [part.strip() for part in cells[1].split(", ")]
        if len(values) != len(names) or "`" in cells[1]:
            continue  # a range or a list
        for name, value in zip(names, values, strict=True):
            actual: object = settings
            for part in name.split("."):
                actual = actual[part] if isinstance(actual, dict) else getattr(actual, part)
            if isinstance(actual, int | float):
                assert float(value.replace(",", "")) == actual, name


def test_every_world_is_listed() -> None:
    assert set(world_names()) <= IN_CODE


def test_every_file_and_column_of_the_truth_is_documented(truth: Path) -> None:
    files = sorted(truth.glob("*.csv"))
    assert len(files) > 10
    for path in files:
        assert path.stem in IN_CODE
        with path.open(encoding="utf-8", newline="") as file:
            assert set(next(csv.reader(file))) <= IN_CODE, path.stem
    with (truth / "mess" / "posts.csv").open(encoding="utf-8", newline="") as file:
        assert set(next(csv.reader(file))) <= IN_CODE
