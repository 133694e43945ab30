"""What a view is compared with, in words: "previous quarter (1 Apr 2026 – 30 Jun 2026)"."""

from viewer import data
from viewer.format import period
from viewer.periods import previous_name
from viewer.selection import View


def name(view: View) -> str | None:
    """What the earlier period is called; None where nothing is compared."""
    if view.comparison == "previous period":
        return previous_name(view.selection.period, data.settings().fiscal_year_start_month)
    return view.comparison


def in_words(view: View) -> str | None:
    """What the earlier period is called, and its dates; None where nothing is compared."""
    if view.comparison is None:
        return None
    return f"{name(view)} ({period(*view.selection.before(view.comparison).period)})"
