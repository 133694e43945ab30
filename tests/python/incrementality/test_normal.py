"""The normal distribution in SQL, against the error function of the C library."""

from __future__ import annotations

import math
from collections.abc import Sequence

import duckdb
import pytest

from tests.python.incrementality.trimmed_match_models import normal_macros


def evaluate(macro: str, values: Sequence[float | None]) -> list[float | None]:
    expression = getattr(normal_macros(), macro)("value")
    sql = f"select {expression} from (select unnest(?::double[]) as value)"
    with duckdb.connect() as connection:
        return [value for (value,) in connection.execute(sql, [list(values)]).fetchall()]


def cdf(z: float) -> float:
    return math.erfc(-z / math.sqrt(2)) / 2


def test_cdf() -> None:
    values = [k / 64 for k in range(-20 * 64, 20 * 64 + 1)] + [0.66291, 4 * math.sqrt(2), -1e-300]
    for z, value in zip(values, evaluate("normal_cdf", values), strict=True):
        assert value == pytest.approx(cdf(z), rel=1e-13, abs=0), z


def test_cdf_far_out() -> None:
    values = [-math.inf, -1e9, -40.0, 40.0, 1e9, math.inf, None]
    assert evaluate("normal_cdf", values) == [0, 0, 0, 1, 1, 1, None]


def quantile_error(p: float, z: float) -> float:
    """By how much of itself z misses the quantile: one Newton step, from the nearer tail."""
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    if abs(p - 0.5) < 0.25:
        return abs(math.erf(z / math.sqrt(2)) / 2 - (p - 0.5)) / density / abs(z)
    tail = p if p < 0.5 else 1 - p
    return abs(cdf(-abs(z)) - tail) / density / abs(z)


def test_quantiles() -> None:
    tails = [10 ** (-k / 50) for k in range(16, 601)]
    probabilities = [*tails, *(1 - p for p in tails), 0.075, 0.925, 0.4999, 0.500001, 0.6]
    for p, z in zip(probabilities, evaluate("normal_quantile", probabilities), strict=True):
        assert z is not None
        assert (z > 0) == (p > 0.5)
        assert quantile_error(p, z) < 1e-14, p


def test_quantiles_at_the_ends() -> None:
    assert evaluate("normal_quantile", [0.5, 0.0, 1.0, -0.1, None]) == [0, None, None, None, None]
