"""A figure is the same on a page, in a report, to any client of DuckDB, and of exported rows."""

import ast
import math
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.python.support import PROJECT
from viewer import data
from viewer.dimensions import DIMENSIONS
from viewer.extract import Extract
from viewer.published import published_path
from viewer.selection import Selection

DAYS = "fct_influencer_days"
# Dimensions whose columns it has.
OWN_DIMENSIONS = ("influencer", "campaign", "brand")
REPORTS = {
    "influencer": "rpt_influencer_performance",
    "persona": "rpt_persona_performance",
}
TEXTS = ("verdict", "reason_code")
# What only performance() of the published file computes with.
ERRORS = r"incremental_se_\w+|NormalDist|inv_cdf|\berfc?\("
# What is made of sums of influencer days.
METRICS = (
    r"/\s*nullif\(\s*(sum\()?\s*(spend|measured_spend|orders|attributed_revenue|reach)\b"
    r"|\)\s+as (roas|cpm|cpe|cpo|aov|engagement_rate|new_customer_share|ncac|iroas\w*)\b"
)
# The verdict of an interval; a point above a line of break-even is none.
VERDICTS = r"iroas_(low|high)\W*[<>]|[<>]=?\s*break_even(?! \*)"


@st.composite
def selections(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Selection:
    options = data.options()
    length = (options.last_day - options.first_day).days
    first, last = sorted(
        options.first_day + timedelta(days=draw(st.integers(0, length))) for _ in range(2)
    )

    def some(name: str) -> list[str]:
        members = st.sampled_from(list(options.labels[name]))
        chosen: list[str] = draw(st.lists(members, unique=True, max_size=3))
        return chosen

    filters = ("platform", "brand", "campaign", "persona")
    of_dates = Selection(first, last, days_after=draw(st.sampled_from([None, 7, 30])))
    return of_dates.having(**{name: some(name) for name in filters})


@pytest.fixture(scope="module")
def client(simulated_warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A client that knows nothing of Helios, with the published file attached."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{published_path()}' as helios (read_only)")
        yield connection


def by_member(rows: Any, key: str) -> dict[str, dict[str, Any]]:
    return {str(row[key]): row for row in rows.to_dict("records")}


def assert_alike(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Columns that both have are equal."""
    shared = set(one) & set(other)
    assert {"spend", "roas", "iroas", "iroas_low", "prob_profitable", *TEXTS} <= shared
    for column in shared - {"member"}:
        a, b = one[column], other[column]
        if isinstance(a, str) or isinstance(b, str):
            assert a == b, column
        elif not (_missing(a) and _missing(b)):
            assert float(a) == pytest.approx(float(b), rel=1e-9, abs=1e-6), column


def _missing(value: Any) -> bool:
    return value is None or str(value) in ("<NA>", "NaT") or math.isnan(float(value))


@pytest.mark.build
@pytest.mark.parametrize("dimension", OWN_DIMENSIONS)
@given(selection=selections(), method=st.sampled_from(data.SELECTION_METHODS[:2]))
@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_page_function_and_exported_rows_agree(
    client: duckdb.DuckDBPyConnection,
    tmp_path_factory: pytest.TempPathFactory,
    dimension: str,
    selection: Selection,
    method: str,
) -> None:
    column = DIMENSIONS[dimension].column
    page = by_member(data.performance(selection, dimension, method=method), column)
    file = tmp_path_factory.mktemp("exported") / "days.parquet"
    days = "chosen"
    if selection.days_after is None:
        file.write_bytes(data.extract_parquet(Extract(DAYS, selection)))
    else:
        file.write_bytes(data.extract_parquet(Extract(DAYS, data.ever(selection))))
        days = "helios.marts.cohort_days('chosen', $days_after)"
    reading, against = data.settings(), data.break_even(selection)
    asked = client.execute(
        f"""
        with chosen as (select *, {column} as member from read_parquet($file)),

        days as (from {days} where date_day between $first_day and $last_day)

        from helios.marts.performance(
            'days', method := $method, ci_level := $ci_level, break_even := $break_even,
            is_judged := $is_judged
        )
        """,
        {
            "file": str(file),
            "method": "attributed" if method == "attributed" else "calibrated",
            "ci_level": reading.ci_level,
            "break_even": against.value,
            "is_judged": not data.timing(selection).is_off,
            "first_day": selection.first_day,
            "last_day": selection.last_day,
        }
        | ({} if selection.days_after is None else {"days_after": selection.days_after}),
    ).df()
    exported = by_member(asked, "member")
    assert set(exported) == set(page)
    for member, figures in page.items():
        assert_alike(figures, exported[member])


@pytest.mark.build
@pytest.mark.parametrize("dimension", REPORTS)
def test_page_and_report_agree_over_the_whole_period(
    client: duckdb.DuckDBPyConnection, dimension: str
) -> None:
    options = data.options()
    column = DIMENSIONS[dimension].column
    page = by_member(
        data.performance(Selection(options.first_day, options.last_day), dimension), column
    )
    report = by_member(client.execute(f"from helios.marts.{REPORTS[dimension]}").df(), column)
    for member, figures in page.items():
        # The report counts influencers who never were active, too.
        figures.pop("influencers", None)
        assert_alike(figures, report[member])


@pytest.mark.parametrize("pattern", [ERRORS, METRICS, VERDICTS])
def test_the_viewer_has_no_formula_of_its_own(pattern: str) -> None:
    found = [
        f"{file.relative_to(PROJECT)}:{node.lineno}: {match.group()}"
        for file in sorted((PROJECT / "viewer").rglob("*.py"))
        for node, text in _code(file)
        for match in re.finditer(pattern, text)
    ]
    assert not found


def test_formulas_would_be_found() -> None:
    assert re.search(ERRORS, "sqrt(sum(incremental_se_shared) ^ 2)")
    assert re.search(METRICS, "sum(attributed_revenue) / nullif(sum(spend), 0)")
    assert re.search(VERDICTS, "case when iroas_low > break_even then 'profitable' end")


def _code(file: Path) -> Iterator[tuple[Any, str]]:
    """Strings (SQL among them) and names of a module, but for its docstrings."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented)
        and node.body
        and isinstance(node.body[0], ast.Expr)
        and isinstance(node.body[0].value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in docstrings:
                yield node, node.value
        elif isinstance(node, ast.Name | ast.Attribute | ast.Compare):
            yield node, ast.unparse(node)
