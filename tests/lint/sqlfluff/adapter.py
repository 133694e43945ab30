"""Stands in for dbt's `adapter` while SQLFluff renders a model.

Every dispatched macro becomes its first argument.
"""

from collections.abc import Callable


def dispatch(macro_name: str) -> Callable[..., str]:
    """Return a macro that renders as its first argument, which is always a SQL expression."""
    return lambda expression, *_: str(expression)
