"""However a good export is written, the marts say the same.

Hypothesis draws how worlds are written. Many worlds, each with a prefix of its own, are built at
once by dbt itself, and each world's part of the marts is held against that of the same world
written as documented. Where a build stops, the worlds that it names are left out of the next one;
where it names none, worlds are halved until the ones that stop it are alone.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.python.intake.mutations import (
    VARIANTS,
    Mutation,
    described,
    mutations,
    world,
    write_clean,
    write_shared,
    write_world,
)
from tests.python.support import run_dbt

pytestmark = pytest.mark.build

# What a mart is told apart by into worlds, and whose rows have to be the same.
MARTS = {
    "fct_revenue_days": "brand",
    "fct_influencer_days": "influencer_id",
    "fct_posts": "influencer_id",
    "fct_payout_lines": "influencer_id",
}
# The models behind the marts and nothing else: no test looks at how an export is written.
SELECTED = (
    *("build", "--select", *(f"+{mart}" for mart in MARTS)),
    *("--exclude-resource-type", "test", "unit_test"),
)
SHORT_WORLDS = 60
LONG_WORLDS, LONG_BUILDS = 100, 10

Rows = Counter[tuple[Any, ...]]
Marts = dict[str, Rows]


@dataclass(frozen=True)
class Built:
    """What a build of worlds came to: marts by prefix, or why it stopped."""

    marts: dict[str, Marts]
    stopped: str


def build(folder: Path) -> Built:
    """Build the exports in `folder / "raw"`, and read each world's part of the marts."""
    done = run_dbt(*SELECTED, raw=folder / "raw", warehouse=folder / "warehouse")
    if done.returncode != 0:
        return Built({}, done.output)
    marts: dict[str, Marts] = {}
    with duckdb.connect(str(folder / "warehouse" / "build.duckdb"), read_only=True) as connection:
        for mart, owner in MARTS.items():
            found = connection.execute(f"select {owner}, * from marts.{mart}")
            for owner_name, *cells in found.fetchall():
                prefix = str(owner_name)[:4].upper()
                rows = marts.setdefault(prefix, {name: Counter() for name in MARTS})[mart]
                rows[tuple(comparable(cell, prefix) for cell in cells)] += 1
    return Built(marts, "")


def comparable(cell: object, prefix: str) -> object:
    """A cell without the prefix of its world; blanks and line ends count as one blank."""
    if isinstance(cell, str):
        return re.sub(r"\s+", " ", re.sub(prefix, "W", cell, flags=re.IGNORECASE)).strip()
    return cell


def prefix_of(number: int) -> str:
    return f"W{number:03}"


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> list[Marts]:
    """The marts of each variant of a world, written as documented."""
    folder = tmp_path_factory.mktemp("clean")
    write_shared(folder / "raw")
    for variant in range(VARIANTS):
        write_clean(folder / "raw", prefix_of(variant), variant)
    built = build(folder)
    assert not built.stopped, built.stopped
    return [built.marts[prefix_of(variant)] for variant in range(VARIANTS)]


def faults(folder: Path, worlds: Sequence[tuple[str, Mutation]], clean: list[Marts]) -> list[str]:
    """What is wrong with mutated worlds, one text a world; empty where nothing is.

    Args:
        folder: To build in.
        worlds: Prefixes and how they are written.
        clean: The marts that they have to have, by variant.

    Returns:
        For each world that differs, the mutation and the first rows that differ, or the stop.
    """
    write_shared(folder / "raw")
    for prefix, mutation in worlds:
        write_world(folder / "raw", prefix, mutation)
    built = build(folder)
    if not built.stopped:
        compared = [
            (prefix, mutation, differences(built.marts.get(prefix, {}), clean[mutation.variant]))
            for prefix, mutation in worlds
        ]
        return [
            f"{prefix} {described(mutation)}\n{found}"
            for prefix, mutation, found in compared
            if found
        ]
    errors = error_lines(built.stopped)
    stopping = [world for world in worlds if world[0] in "".join(errors)] or list(worlds)
    others = [world for world in worlds if world not in stopping]
    if len(stopping) > 1 and not others:
        middle = len(worlds) // 2
        halves = worlds[:middle], worlds[middle:]
        return [
            text
            for place, half in enumerate(halves)
            for text in faults(folder / str(place), half, clean)
        ]
    return [
        *(stop_of(prefix, mutation, errors) for prefix, mutation in stopping),
        *(faults(folder / "others", others, clean) if others else ()),
    ]


def error_lines(output: str) -> list[str]:
    """The lines of a build without those that say what was assumed or mended in a file."""
    return [line.strip() for line in output.splitlines() if " Helios: " not in line]


def stop_of(prefix: str, mutation: Mutation, errors: Sequence[str]) -> str:
    """The mutation that stops a build, and the lines of the build that name its world."""
    said = " ".join(line for line in errors if prefix in line) or f"names no file: {errors[-8:]}"
    at = max(said.find(prefix) - 20, 0)
    return f"{prefix} {described(mutation)}\n    stops the build: {said[at : at + 300]}"


def differences(found: Marts, expected: Marts) -> str:
    """The first rows of marts that are missing or too many."""
    lines = []
    for mart in MARTS:
        rows = found.get(mart, Counter())
        missing, surplus = expected[mart] - rows, rows - expected[mart]
        if missing or surplus:
            counts = f"{missing.total()} missing, {surplus.total()} too many"
            lines.append(f"    {mart}: {counts}")
            lines += [f"      - {row}" for row in list(missing)[:2]]
            lines += [f"      + {row}" for row in list(surplus)[:2]]
    return "\n".join(lines)


def check(
    drawn: Sequence[Mutation], clean: list[Marts], tmp_path_factory: pytest.TempPathFactory
) -> None:
    worlds = [(prefix_of(number), mutation) for number, mutation in enumerate(drawn)]
    found = faults(tmp_path_factory.mktemp("mutated"), worlds, clean)
    assert not found, f"{len(found)} of {len(worlds)} worlds differ:\n" + "\n".join(found)


def lists_of(worlds: int) -> st.SearchStrategy[list[Mutation]]:
    return st.lists(mutations, min_size=worlds, max_size=worlds, unique=True).filter(is_mixed)


def is_mixed(drawn: Sequence[Mutation]) -> bool:
    """Whether worlds are written in many ways: the first that are drawn are nearly all alike."""
    return len({mutation.spelled for mutation in drawn}) > len(drawn) / 4


# A build takes long, so that nothing is made smaller; what fails is told world by world.
ONCE = settings(
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@seed(14)
@settings(ONCE, max_examples=1)
@given(drawn=lists_of(SHORT_WORLDS))
def test_marts_do_not_depend_on_how_exports_are_written(
    drawn: list[Mutation], clean: list[Marts], tmp_path_factory: pytest.TempPathFactory
) -> None:
    check(drawn, clean, tmp_path_factory)


@pytest.mark.long
@settings(ONCE, max_examples=LONG_BUILDS)
@given(drawn=lists_of(LONG_WORLDS))
def test_a_thousand_ways_of_writing_exports(
    drawn: list[Mutation], clean: list[Marts], tmp_path_factory: pytest.TempPathFactory
) -> None:
    check(drawn, clean, tmp_path_factory)


def test_good_exports_come_to_the_sums_that_python_finds(clean: list[Marts]) -> None:
    """The marts that mutations are held against are themselves right, by plain sums."""
    for variant in range(VARIANTS):
        tables = world("W", variant)
        sold = [order for order in tables["tracking_data"] if order["status"] == "completed"]
        revenue = sum(Decimal(order["revenue"]) for order in sold)
        days = clean[variant]["fct_revenue_days"]
        assert sum(row[-1] * times for row, times in days.items()) == revenue
        assert clean[variant]["fct_posts"].total() == len(tables["posts"])
