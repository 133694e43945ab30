"""The glossary and the words of the product agree, and words that it replaces do not come back."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.python.support import PROJECT, shown_columns
from viewer import filters, measures
from viewer.measures import Measure
from viewer.views import parts

# Words that docs/glossary.md replaces.
REPLACED = re.compile(
    r"\bnobody\b|\bwhoever\b|came on top|who earns|stands out|with and without influencers"
    r"|ratio of changes|cannot be told|\btold\b|(lower|upper) limit|\bhold(s|ing)? (zero|the truth)"
    r"|probability of earning|detectable revenue|cannot tell|\b(is|are) cut by",
    re.IGNORECASE,
)


def texts_of_the_viewer() -> Iterator[tuple[Path, str]]:
    for path in (PROJECT / "viewer").rglob("*.py"):
        if "charts" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
                yield path, node.value


def descriptions(declared: object) -> Iterator[str]:
    """Every description and label below a part of a YAML file."""
    if isinstance(declared, list):
        for part in declared:
            yield from descriptions(part)
    elif isinstance(declared, dict):
        for key, part in declared.items():
            if key in ("description", "label") and isinstance(part, str):
                yield part
            else:
                yield from descriptions(part)


def defined() -> set[str]:
    page = (PROJECT / "docs" / "glossary.md").read_text(encoding="utf-8")
    return set(re.findall(r"^\| \*\*(.+?)\*\* \| .+\.", page, re.MULTILINE))


def test_figures_verdicts_and_methods_are_defined() -> None:
    labels = {(row["mart"], row["column_name"]): row["label"] for row in shown_columns()}
    shown = [one for one in vars(measures).values() if isinstance(one, Measure)]
    figures = {labels[one.mart, one.column] for one in shown}
    assert len(figures) > 20
    verdicts = {verdict.capitalize() for verdict in parts.VERDICT_COLOURS}
    assert figures | verdicts | set(filters.METHOD_NAMES.values()) <= defined()


def test_texts_of_the_viewer_use_the_words_of_the_glossary() -> None:
    assert [
        (path.name, text) for path, text in texts_of_the_viewer() if REPLACED.search(text)
    ] == []


@pytest.mark.parametrize("folder", ["models", "seeds"])
def test_descriptions_use_the_words_of_the_glossary(folder: str) -> None:
    found = [
        text
        for path in (PROJECT / folder).rglob("*.yml")
        if "unit_tests" not in path.name
        for text in descriptions(yaml.safe_load(path.read_text(encoding="utf-8")))
    ]
    assert len(found) > 5
    assert [text for text in found if REPLACED.search(text)] == []


@pytest.mark.parametrize(
    "path",
    [
        *sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").glob("*.md")]),
        PROJECT / "seeds" / "reference" / "reasons.csv",
    ],
    ids=lambda path: path.name,
)
def test_pages_use_the_words_of_the_glossary(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if REPLACED.search(line)] == []
