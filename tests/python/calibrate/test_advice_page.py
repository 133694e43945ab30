"""The blocks of advice in the docs: whole, the same again, and made."""

from pathlib import Path

import pytest

from calibrate.advice.page import BUDGET_ROWS, PAGES, PLAN_ROWS, Blocks, blocks, write
from calibrate.page import BEGIN, END
from tests.python.calibrate.made_up_advice import advice, both
from tests.python.support import PROJECT

ADVICE = both(advice("default", 5), advice("one-level", 3, is_refused=True))
WORLDS = ["default", "one-level"]


@pytest.fixture(scope="module")
def made() -> Blocks:
    return blocks(ADVICE, WORLDS)


def test_worlds_have_a_column_each_and_all_together(made: Blocks) -> None:
    for block, first, rows in (
        (made.planning, "64 experiments that were foreseen", PLAN_ROWS),
        (made.budget, "24 budgets, moved between platforms", BUDGET_ROWS),
    ):
        lines = block.splitlines()
        assert lines[1].startswith(first)
        assert "| | bar | `default` | `one-level` | all |" in lines
        assert {line.count("|") for line in lines if line.startswith("|")} == {6}
        assert [line.split(" | ")[0][2:] for line in lines[5:-1]] == [t for t, _ in rows.values()]
    [refused] = [line for line in made.budget.splitlines() if "no move is advised" in line]
    assert " 0.0 " in refused and "100.0" in refused and "✓" in refused


def test_same_advice_makes_the_same_blocks(made: Blocks) -> None:
    assert blocks(ADVICE, WORLDS) == made


def test_worlds_without_any_have_no_column() -> None:
    alone = blocks(ADVICE.world("default"), WORLDS)
    assert "| | bar | `default` |" in alone.budget
    nothing = blocks(ADVICE.world("null"), WORLDS)
    assert nothing.planning == nothing.budget == f"{BEGIN}\nThere is none in these worlds.\n{END}\n"


def test_blocks_take_the_place_of_those_before(made: Blocks, tmp_path: Path) -> None:
    for name in PAGES:
        (tmp_path / name).write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    for _ in range(2):
        write(tmp_path, made)
        for name, block in zip(PAGES, (made.planning, made.budget), strict=True):
            assert (tmp_path / name).read_text(encoding="utf-8") == f"before\n{block}after\n"


@pytest.mark.parametrize(("page", "rows"), [("planning.md", PLAN_ROWS), ("budget.md", BUDGET_ROWS)])
def test_blocks_of_the_pages_are_made_and_not_typed(
    page: str, rows: dict[str, tuple[str, str]]
) -> None:
    """Each row once, with as many cells as worlds."""
    text = (PROJECT / "docs" / page).read_text(encoding="utf-8")
    lines = text.partition(BEGIN)[2].partition(END)[0].splitlines()
    table = [line for line in lines if line.startswith("| ")]
    titles = table[0].split(" | ")[2:]
    assert titles[-1] == "all |" and len(titles) > 4
    cells = [line.split(" | ") for line in table[1:]]
    assert [row[0][2:] for row in cells] == [title for title, _ in rows.values()]
    assert {len(row) for row in cells} == {2 + len(titles)}
