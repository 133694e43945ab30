"""Worlds without experiments, and worlds without codes: figures are left open, and none fails."""

import re
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from calibrate.figures import figures_of_methods, figures_of_world
from calibrate.money import figures_of_money
from calibrate.page import documents
from calibrate.pooled import figures_given, figures_of_influencers, figures_of_totals
from calibrate.results import TABLES, Results, Task, load, save
from calibrate.uncertainty import Figure
from tests.python.calibrate.made_up import both, made_up, without_codes, without_experiments

NATIONAL = without_experiments(made_up("national", 3))
NO_CODES = without_codes(made_up("no-codes", 3))


@pytest.fixture(autouse=True)
def no_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def values(figures: Callable[[Results], dict[str, Figure]], results: Results) -> dict[str, float]:
    return {name: figure.value for name, figure in figures(results).items()}


def test_without_experiments_only_attribution_has_figures() -> None:
    found = values(figures_of_world, NATIONAL)
    finite = {name for name, value in found.items() if np.isfinite(value)}
    assert finite == {
        *("worlds", "experiments", "measured", "best_by_attributed", "best_by_chance"),
        *("not_measurable_campaign", "not_measurable_influencer", "not_measurable_persona"),
        "gain_by_attributed",
    }
    assert found["experiments"] == found["measured"] == 0
    assert found["not_measurable_campaign"] == 1
    assert figures_of_methods(NATIONAL) == {}


def test_without_codes_experiments_have_figures() -> None:
    found = values(figures_of_world, NO_CODES)
    assert found["coverage"] == values(figures_of_world, made_up("no-codes", 3))["coverage"]
    assert found["bias_attributed"] == -1
    for name in ("coverage_campaign", "rmse_over_better", "best_by_attributed", "raise_right"):
        assert np.isnan(found[name]), name
    assert figures_of_methods(NO_CODES)["default"]["measured"].value == 30
    assert np.isfinite(values(figures_given, NO_CODES)["covered_quarter_1"])


@pytest.mark.parametrize("results", [NATIONAL, NO_CODES], ids=["national", "no-codes"])
def test_nothing_calibrated_is_pooled(results: Results) -> None:
    for figures in (figures_of_totals, figures_of_influencers, figures_of_money):
        for name, value in values(figures, results).items():
            assert value == 0 if name.startswith("worlds") else np.isnan(value), name


def test_they_do_not_move_what_is_pooled() -> None:
    alone = made_up("default", 3)
    together = both(alone, NATIONAL)
    for figures in (figures_given, figures_of_totals, figures_of_influencers, figures_of_money):
        assert figures(together) == figures(alone)


def test_tables_leave_open_what_cannot_be_said() -> None:
    results = both(both(made_up("default", 3), NATIONAL), NO_CODES)
    block, plot = documents(results, ["default", "national", "no-codes"])
    assert not re.search(r"\b(nan|inf)\b", block + plot)
    [row] = [line for line in block.splitlines() if line.startswith("| Portfolio: bias")]
    cells = [cell.strip() for cell in row.split("|")]
    assert cells[4:6] == ["–", "–"] and cells[3].rstrip(" ✓✗≈") == cells[6].rstrip(" ✓✗≈")
    documents(NATIONAL, ["national"])


def test_tables_without_rows_are_kept_and_read(tmp_path: Path) -> None:
    """What is read is what was kept, with the types that figures need."""
    default = made_up("default", 3)
    tasks = [Task(world, seed) for world in ("default", "national") for seed in (1, 2, 3)]
    for task in tasks:
        of_kind = default if task.world == "default" else NATIONAL
        tables = {name: getattr(of_kind, name) for name in TABLES}
        tables = {
            name: rows[rows.seed == task.seed].drop(columns=["world", "seed"])
            for name, rows in tables.items()
        }
        save(tables, task, tmp_path)
    for chosen in (tasks, tasks[3:]):
        results = load(tmp_path, chosen)
        assert values(figures_of_world, results.world("national"))["experiments"] == 0
        assert documents(results, list(dict.fromkeys(task.world for task in chosen)))
    assert len(load(tmp_path, tasks).experiments) == 36
