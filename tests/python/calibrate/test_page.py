"""What is written into the docs."""

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from calibrate.__main__ import PLAN
from calibrate.figures import figures_of_world
from calibrate.page import BEGIN, END, POOLED_TABLES, ROWS, documents, put, write
from tests.python.calibrate.made_up import both, made_up
from tests.python.support import PROJECT

RESULTS = both(made_up("default", 5), made_up("null", 3, has_effect=False))


@pytest.fixture(scope="module")
def made() -> tuple[str, str]:
    return documents(RESULTS, ["default", "null"])


def test_block_says_what_the_figures_are(made: tuple[str, str]) -> None:
    block, _ = made
    assert "Over 8 worlds with 96 experiments." in block
    found = figures_of_world(RESULTS.world("default"))
    coverage = found["coverage"]
    cell = f"{100 * coverage.value:.1f} ±{100 * coverage.error:.1f} %"
    [row] = [line for line in block.splitlines() if line.startswith(f"| {ROWS['coverage'][0]} ")]
    assert row.split(" | ")[1] == "88–92 % (`default`), 86–94 % else"
    assert row.split(" | ")[2].rstrip(" ✓✗≈") == cell
    # What cannot be said of a world without effect is left open.
    [row] = [line for line in block.splitlines() if line.startswith("| bias of the legacy method")]
    assert row.split(" | ")[3] == "– |"


def test_tables_are_whole(made: tuple[str, str]) -> None:
    block, _ = made
    rows = [line for line in block.splitlines() if line.startswith("|")]
    # Of worlds, of worlds and all of them, of methods.
    assert {line.count("|") for line in rows} == {5, 6, 7}
    assert not re.search(r"\b(nan|inf)\b", block)


def test_same_results_make_the_same_documents(made: tuple[str, str]) -> None:
    assert documents(RESULTS, ["default", "null"]) == made


def test_plot_is_well_formed_and_stays_inside(made: tuple[str, str]) -> None:
    root = ElementTree.fromstring(made[1])
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    marks = [part for part in root.iter() if part.tag.endswith(("circle", "line", "rect"))]
    assert sum(part.tag.endswith("circle") for part in marks) == 8
    for part in marks:
        for name, value in part.attrib.items():
            if name in ("x", "x1", "x2", "cx"):
                assert 0 <= float(value) <= width
            if name in ("y", "y1", "y2", "cy"):
                assert 0 <= float(value) <= height
    words = " ".join(part.text or "" for part in root.iter())
    assert "default" in words and "null" in words


def test_block_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    page = tmp_path / "method.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    for text in ("new", "newer"):
        write(tmp_path, f"{BEGIN}\n{text}\n{END}\n", "<svg/>")
        assert page.read_text(encoding="utf-8") == f"before\n{BEGIN}\n{text}\n{END}\nafter\n"
    assert (tmp_path / "calibration.svg").read_text(encoding="utf-8") == "<svg/>"


@pytest.mark.parametrize("page", ["", f"{BEGIN}\n", f"{END}\n"])
def test_a_page_without_markers_is_left_alone(page: str) -> None:
    with pytest.raises(ValueError, match="has no lines"):
        put(page, "new")


def test_docs_name_the_number_of_worlds() -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    assert f"the truth of {sum(PLAN.values())} simulated worlds" in readme


def test_block_of_the_page_is_made_and_not_typed() -> None:
    """Every row of the page is one that the program writes."""
    page = (PROJECT / "docs" / "method.md").read_text(encoding="utf-8")
    block = page.partition(BEGIN)[2].partition(END)[0]
    labels = re.findall(r"^\| ([^|]+?) \|", block, re.MULTILINE)
    rows = [ROWS, *(table.rows for table in POOLED_TABLES)]
    known = {text for table in rows for text, _ in table.values()} | {"method"}
    assert {label for label in labels if not label.startswith("`")} <= known
