"""Codes that the models give are those of reasons.csv, whatever the data."""

import csv
import re

from tests.python.support import PROJECT

with (PROJECT / "seeds" / "reference" / "reasons.csv").open(encoding="utf-8") as lines:
    SEED = {row["code"]: row for row in csv.DictReader(lines)}
SQL = {
    file.relative_to(PROJECT).as_posix(): file.read_text(encoding="utf-8")
    for folder in ("models", "macros")
    for file in sorted((PROJECT / folder).rglob("*.sql"))
}
PYTHON = (PROJECT / "estimators" / "campaigns.py").read_text(encoding="utf-8")
PLANS = (PROJECT / "estimators" / "reference" / "plans.py").read_text(encoding="utf-8")
# Columns that hold a code.
CODE_COLUMNS = r"(?:\w+_)?(?:problem|reason_code|reject_code|not_measurable_reason)"


def codes_given(sql: str) -> list[str]:
    """What the cases come to that make a column of codes, and the text that is one at once."""
    codes: list[str] = re.findall(rf"'([^']*)' as {CODE_COLUMNS}\b", sql)
    for end in re.finditer(rf"\bend as {CODE_COLUMNS}\b", sql):
        begin = sql.rindex("case\n", 0, end.start()) if "case\n" in sql[: end.start()] else 0
        codes += re.findall(r"\b(?:then|else) '([^']*)'", sql[begin : end.start()])
        codes += re.findall(r"\bthen\s+'([^']*)'", sql[begin : end.start()])
    return codes


def test_models_give_no_code_without_a_sentence() -> None:
    given = {(name, code) for name, sql in SQL.items() for code in codes_given(sql)}
    given |= {
        (name, code)
        for name in (
            "macros/estimators/arms_problem.sql",
            "macros/reasons/reason_of_interval.sql",
        )
        for code in re.findall(r"then '([^']*)'", SQL[name])
    }
    in_python = re.findall(r'problem\[.*\] = "(\w+)"', PYTHON)
    assert len(given) > 60 and len(in_python) > 3
    given |= {("estimators/campaigns.py", code) for code in in_python}
    of_plans = re.findall(r'\(np\.nan, "(\w+)"\)|return np\.nan, "(\w+)"', PLANS)
    assert len(of_plans) > 5
    given |= {("estimators/reference/plans.py", one or other) for one, other in of_plans}
    assert [(name, code) for name, code in sorted(given) if code not in SEED] == []


def test_no_sentence_is_without_a_use() -> None:
    everything = "\n".join([*SQL.values(), PYTHON, PLANS])
    of_models = ("row", "not_found", "verdict", "default_method", "file", "plan")
    unused = [
        code
        for code, row in SEED.items()
        if row["subject"] in of_models and not re.search(rf"['\"]{code}['\"]", everything)
    ]
    assert unused == []
