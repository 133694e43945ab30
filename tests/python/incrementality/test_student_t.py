"""Student's t in SQL, to ten digits."""

from decimal import Decimal
from itertools import pairwise, product

import duckdb
import jinja2
import pytest

from tests.python.incrementality import student_t
from tests.python.support import PROJECT

DEGREES_OF_FREEDOM = (
    *("1", "1.0001", "1.37", "2", "2.5", "3", "4", "5.99", "7", "10", "19.5", "30", "40"),
    *("75.30844985940003", "97", "120", "365", "500.5", "1000", "1999", "2000"),
    *("12345.678", "100000", "1000000"),
)
PROBABILITIES = (
    *("0.001", "0.005", "0.025", "0.05", "0.1", "0.25", "0.4", "0.49", "0.4999", "0.5"),
    *("0.5001", "0.51", "0.6", "0.75", "0.8", "0.9", "0.95", "0.975", "0.99", "0.995"),
    *("0.999", "0.9995"),
)
VALUES = (
    *("0", "1e-12", "1e-6", "0.001", "0.1", "0.5", "1", "1.6449", "2.5", "4", "6", "8", "12"),
    *("25", "100", "1000", "1e5"),
)


def render(macro: str, *arguments: str) -> str:
    """The SQL expression that a macro expands to, rendered without dbt."""
    source = (PROJECT / "macros" / "estimators" / "student_t.sql").read_text(encoding="utf-8")
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], undefined=jinja2.StrictUndefined)
    module = environment.from_string(source).module
    return str(getattr(module, macro)(*arguments)).strip()


def evaluate(macro: str, pairs: list[tuple[str, str]]) -> list[float]:
    """The macro's value for each pair of arguments, in one query over columns."""
    rows = ", ".join(f"({i}, {a}::double, {b}::double)" for i, (a, b) in enumerate(pairs))
    sql = f"""
        select {render(macro, "a", "b")}
        from (values {rows}) as pairs (i, a, b)
        order by i
    """
    with duckdb.connect() as connection:
        return [value for (value,) in connection.execute(sql).fetchall()]


def test_quantiles() -> None:
    pairs = list(product(PROBABILITIES, DEGREES_OF_FREEDOM))
    for (p, df), value in zip(pairs, evaluate("student_t_quantile", pairs), strict=True):
        # As the warehouse gets them: doubles.
        expected = float(student_t.quantile(Decimal(float(p)), Decimal(float(df))))
        assert value == pytest.approx(expected, rel=1e-10, abs=0), (p, df)


def test_quantiles_are_symmetric() -> None:
    lower = [(p, df) for p in ("0.25", "0.125", "0.03125") for df in DEGREES_OF_FREEDOM]
    upper = [(str(1 - float(p)), df) for p, df in lower]
    values = zip(
        evaluate("student_t_quantile", lower), evaluate("student_t_quantile", upper), strict=True
    )
    assert all(low == -high for low, high in values)


def test_probabilities() -> None:
    pairs = [(f"{sign}{t}", df) for sign, t, df in product(("", "-"), VALUES, DEGREES_OF_FREEDOM)]
    for (t, df), value in zip(pairs, evaluate("student_t_cdf", pairs), strict=True):
        expected = float(student_t.cdf(Decimal(float(t)), Decimal(float(df))))
        assert 0 <= value <= 1, (t, df)
        # A lower tail is 1 - P(T <= |t|): what a double holds of it, not each of its digits.
        assert value == pytest.approx(expected, rel=1e-10, abs=1e-13), (t, df)


def test_probabilities_do_not_fall() -> None:
    steps = [str(step / 8) for step in range(-400, 401)]
    for df in ("1", "2.5", "40", "2000"):
        values = evaluate("student_t_cdf", [(t, df) for t in steps])
        assert all(a <= b + 1e-12 for a, b in pairwise(values)), df


def test_quantile_and_probability_are_inverse() -> None:
    pairs = list(product(PROBABILITIES, DEGREES_OF_FREEDOM))
    quantiles = evaluate("student_t_quantile", pairs)
    back = evaluate(
        "student_t_cdf", [(repr(q), df) for q, (_, df) in zip(quantiles, pairs, strict=True)]
    )
    for (p, df), value in zip(pairs, back, strict=True):
        assert value == pytest.approx(float(p), rel=1e-10), (p, df)


def test_nothing_in_nothing_out() -> None:
    for macro in ("student_t_cdf", "student_t_quantile"):
        assert evaluate(macro, [("null", "5"), ("0.9", "null")]) == [None, None]
