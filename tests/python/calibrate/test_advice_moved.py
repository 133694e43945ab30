"""Figures of budgets against loops over the rows."""

from statistics import mean

import numpy as np
import pytest

from calibrate.advice.moved import PLANS, figures_of_budgets
from tests.python.calibrate.made_up_advice import advice, both

TABLE = both(advice("default", 20), advice("flat", 20)).budgets
ROWS = TABLE.to_dict("records")


def test_regret_is_what_a_plan_leaves_of_the_gain_of_the_oracle() -> None:
    found = figures_of_budgets(TABLE)
    assert found["budgets"].value == len(ROWS) == 120
    assert found["oracle_gain"].value == pytest.approx(0.1)
    for plan in PLANS:
        left = [(row["oracle"] - row[plan]) / (row["oracle"] - row["today"]) for row in ROWS]
        assert found[f"regret_{plan}"].value == pytest.approx(mean(left))
        at_most = found[f"regret_90_{plan}"].value
        assert mean(value <= at_most for value in left) >= 0.9
        assert mean(value < at_most for value in left) < 0.9
    assert found["regret_less_attributed"].value == pytest.approx(
        found["regret_helios"].value - found["regret_attributed"].value
    )


def test_where_nothing_is_to_gain_no_plan_has_a_regret() -> None:
    rows = TABLE.assign(oracle=TABLE.today + 1, helios=TABLE.today - 5, attributed=TABLE.today)
    found = figures_of_budgets(rows)
    assert found["regret_helios"].value == found["regret_90_attributed"].value == 0
    assert found["found_better"].value == 0


def test_promises_are_held_against_what_plans_brought() -> None:
    found = figures_of_budgets(TABLE)
    true = [row["helios"] - row["today"] for row in ROWS]
    promised = [row["prob_better"] for row in ROWS]
    assert found["promised_better"].value == pytest.approx(mean(promised))
    assert found["found_better"].value == 1
    assert found["promised_less_found_better"].value == pytest.approx(mean(promised) - 1)
    assert found["brier_better"].value == pytest.approx(mean((1 - p) ** 2 for p in promised))
    gains = [row["gain"] for row in ROWS]
    assert found["gain_over_found"].value == pytest.approx(sum(gains) / sum(true))
    within = [abs(g - t) <= 1.6448536269514722 * 1e4 for g, t in zip(gains, true, strict=True)]
    assert found["covered_gain"].value == pytest.approx(mean(within))
    away = np.abs(TABLE.elasticity - 0.4) <= 1.6448536269514722 * 0.08
    assert found["covered_elasticity"].value == pytest.approx(away.mean())


def test_a_plan_that_moves_nothing_is_not_worse_than_today() -> None:
    still = TABLE.assign(helios=TABLE.today, gain=0.0, prob_better=np.nan)
    found = figures_of_budgets(still)
    assert found["found_better"].value == 1
    assert found["promised_better"].value == 0.5
    assert found["regret_helios"].value == pytest.approx(1)


def test_refused_budgets_have_no_regret() -> None:
    refused = advice("one-level", 4, is_refused=True).budgets
    alone = figures_of_budgets(refused)
    assert alone["refused"].value == 1
    assert "regret_helios" not in alone
    mixed = figures_of_budgets(both(advice("default", 20), advice("one-level", 4, True)).budgets)
    assert mixed["refused"].value == pytest.approx(12 / 72)
    first = TABLE[TABLE.world == "default"]
    assert mixed["regret_helios"].value == figures_of_budgets(first)["regret_helios"].value
