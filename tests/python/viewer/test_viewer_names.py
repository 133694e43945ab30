"""No page shows two values under one name, and no two pages do."""

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.python.viewer.pages import open_page
from tests.python.viewer.test_viewer_report import shown
from viewer import data

# Pages with tiles of a whole selection; one influencer and one experiment are other selections.
PAGES = ("overview", "decide", "experiments", "payouts", "report")


def selection(seed: int) -> dict[str, Any]:
    """Filters of a link, drawn at random."""
    draw = random.Random(seed)
    options = data.options()
    length = (options.last_day - options.first_day).days
    first, last = sorted(draw.sample(range(length + 1), 2))
    query: dict[str, Any] = {}
    if draw.random() < 0.7:
        query["dates"] = [str(options.first_day + timedelta(days=day)) for day in (first, last)]
    for name, chance in (("brand", 0.4), ("platform", 0.3), ("campaign", 0.2), ("persona", 0.2)):
        if draw.random() < chance:
            query[name] = draw.choice(list(options.labels[name].values()))
    if draw.random() < 0.3:
        query["judge_by"] = "Revenue"
    if draw.random() < 0.2:
        query["method"] = "Attributed revenue"
    if draw.random() < 0.3:
        query["cohort"] = "Up to 30 days after spend"
    return query


def figures(page: str, query: dict[str, Any]) -> list[tuple[str, str]]:
    """Label and value of every tile of a page, and of every headline of the report."""
    app = open_page(page, **query)
    assert not app.exception, (page, query)
    if page == "report":
        facts = shown(app).pairs
        labels = {tile.label for tile in open_page("overview", **query).metric}
        return [(label, text.split()[0]) for label, text in facts.items() if label in labels]
    return [(tile.label, str(tile.value)) for tile in app.metric]


def conflicts(seed: int) -> list[str]:
    """Names under which a selection has two values, with pages and values."""
    query = selection(seed)
    found: dict[str, tuple[str, str]] = {}
    wrong = []
    for page in PAGES:
        for label, value in figures(page, query):
            # The report is read to its first blank, which may part a number from its unit.
            place, before = found.setdefault(label, (page, value))
            is_same = before.startswith(value) or value.startswith(before)
            if not is_same:
                wrong.append(f"{label}: {before} on {place}, {value} on {page}, {query}")
    return wrong


@pytest.mark.build
@pytest.mark.parametrize("seed", range(4))
def test_one_name_has_one_value(seed: int, simulated_warehouse: Path) -> None:
    assert conflicts(seed) == []


@pytest.mark.long
@pytest.mark.build
@pytest.mark.parametrize("seed", range(100, 140))
def test_one_name_has_one_value_in_many_selections(seed: int, simulated_warehouse: Path) -> None:
    assert conflicts(seed) == []
