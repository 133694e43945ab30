"""Reasons are known to the viewer by their codes, and by nothing of their sentences."""

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.python.support import PROJECT
from tests.python.viewer.tiny import ROWS
from viewer import diagnostics, reasons
from viewer.diagnostics import Diagnostic

SEED = {str(row["reason_code"]): row for row in ROWS["dim_reasons"]}
TEXTS = [str(row[column]).lower() for row in SEED.values() for column in ("sentence", "remedy")]
# Methods of strings and functions of `re` that look into a text.
LOOK_INTO = {
    *("startswith", "endswith", "removeprefix", "removesuffix", "partition", "rpartition", "split"),
    *("find", "index", "count", "replace", "contains", "match", "search", "fullmatch", "findall"),
    *("sub", "compile", "isin"),
}
# Where the viewer names a code: functions of `viewer.reasons`, and a diagnostic.
BY_CODE = ("reasons.in_words", "reasons.remedy", "reasons.severity", "Diagnostic")


def sources() -> Iterator[tuple[Path, ast.Module]]:
    files = sorted((PROJECT / "viewer").rglob("*.py"))
    assert len(files) > 40
    for file in files:
        yield file, ast.parse(file.read_text(encoding="utf-8"))


def texts_in(*nodes: ast.AST | None) -> Iterator[str]:
    for node in nodes:
        for part in ast.walk(node) if node is not None else ():
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield part.value


def compared_texts(module: ast.Module) -> Iterator[str]:
    """Texts that a program holds other texts against, also in SQL."""
    for node in ast.walk(module):
        if isinstance(node, ast.Compare):
            yield from texts_in(node)
        elif isinstance(node, ast.Dict):
            yield from texts_in(*node.keys)
        elif isinstance(node, ast.Subscript):
            yield from texts_in(node.slice)
        elif isinstance(node, ast.MatchValue):
            yield from texts_in(node.value)
        elif isinstance(node, ast.Call) and name_of(node) in LOOK_INTO:
            yield from texts_in(*node.args)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from re.findall(r"(?:=|<>|like|in \(|then|when)\s*'([^']*)'", node.value)


def name_of(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def is_of_a_sentence(text: str) -> bool:
    """Whether a text of several words is part of a sentence, signs of patterns aside."""
    words = text.lower().strip("%^$.: ")
    spaces = words.count(" ")
    if not words[:1].isalpha() or not spaces:
        return False
    return any(text.startswith(words) or (spaces > 1 and words in text) for text in TEXTS)


def test_the_viewer_holds_nothing_against_a_sentence() -> None:
    compared = [(file.name, text) for file, module in sources() for text in compared_texts(module)]
    assert len(compared) > 500
    assert [found for found in compared if is_of_a_sentence(found[1])] == []


@pytest.mark.parametrize(
    "program",
    [
        "why.startswith('There is no')",
        "'there are no treated regions' in why",
        "ADVICE = {'The campaign has not ended': 'Wait.'}",
        "ADVICE['The campaign has not ended: the data end on']",
        "re.match(r'^Other campaigns run', why)",
        "rows[rows['reason'].str.contains('no control regions')]",
        "sql = \"select * from x where verdict_reason like 'There is no spend%'\"",
        "match why:\n    case 'There is no spend.':\n        pass",
    ],
)
def test_a_sentence_that_is_held_against_would_be_found(program: str) -> None:
    assert any(is_of_a_sentence(text) for text in compared_texts(ast.parse(program)))


def codes_named(module: ast.Module) -> Iterator[str]:
    """Codes that are given to what looks a reason up, or are called so."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in BY_CODE:
            yield from results(node.args[0])
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "code":
            yield from results(node.value)


def results(node: ast.expr) -> Iterator[str]:
    """Texts that an expression may come to."""
    if isinstance(node, ast.IfExp):
        yield from results(node.body)
        yield from results(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def test_every_code_of_the_viewer_is_in_the_seed() -> None:
    named = {code for _, module in sources() for code in codes_named(module)}
    assert len(named) > 25
    assert named - SEED.keys() == set()
    # No sentence of these waits for a rule that is gone.
    written_here = {
        code for code, row in SEED.items() if row["subject"] in ("diagnostic", "caveat")
    }
    assert written_here - named == set()


def test_reasons_of_verdicts_in_words(tiny_warehouse: Path) -> None:
    row = {
        "reason_code": "interval_contains",
        "break_even": 1.23456,
        "break_even_basis": "margin",
        "last_day": date(2025, 1, 5),
        "spoiling_campaigns": "x, y",
        "overlapping_campaigns": None,
    }
    assert reasons.of_verdict(row) == (
        "The 90 % confidence interval of iROAS contains the break-even of 1.235 (by margin)."
    )
    not_over = {**row, "reason_code": "campaign_not_over"}
    assert reasons.of_verdict(not_over).endswith("the data end on 5 Jan 2025.")
    overlaps = {**row, "reason_code": "treated_regions_overlap"}
    assert reasons.of_verdict(overlaps, {"x": "Spring"}).endswith("regions: Spring, y.")
    more = [overlaps, {**overlaps, "spoiling_campaigns": "y, z"}]
    assert reasons.of_verdicts(more, {"x": "Spring"}).endswith("regions: Spring, y, z.")


def test_every_sentence_of_a_verdict_can_be_filled_in(tiny_warehouse: Path) -> None:
    codes = [code for code, row in SEED.items() if row["subject"] == "verdict"]
    assert len(codes) > 40
    for code in codes:
        assert "{" not in reasons.of_verdict({"reason_code": code})
        assert reasons.remedy(code)


def test_a_code_that_the_file_does_not_have_is_shown(tiny_warehouse: Path) -> None:
    assert reasons.of_verdict({"reason_code": "new_one"}) == "new_one"
    assert (reasons.remedy("new_one"), reasons.severity("new_one")) == ("", "info")
    assert Diagnostic("new_one", "pairs").text == "new_one"


def test_advice_follows_the_code_and_not_the_sentence(
    tiny_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = {
        "reason_code": "no_spend",
        "verdict": "not measurable",
        "method": "did",
        "ci_low": None,
        "verdict_reason": "Reworded.",
    }
    words = diagnostics.verdict(figures, {}).replace("\\", "")
    assert words.endswith(str(SEED["no_spend"]["remedy"]))
