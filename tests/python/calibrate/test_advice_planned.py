"""Figures of plans against loops over the experiments."""

from math import hypot, sqrt
from statistics import NormalDist, mean

import pytest

from calibrate.advice.planned import VERDICTS, figures_of_plans
from tests.python.calibrate.made_up_advice import advice, both

TABLE = both(advice("default", 40), advice("overlap", 40)).plans
PLANS = TABLE.to_dict("records")
NORMAL = NormalDist()


def test_errors_are_over_what_was_foreseen() -> None:
    scores = [
        (row["estimate"] - row["truth"])
        / hypot(row["revenue_se"], row["spill_over_error"] * row["estimate"])
        for row in PLANS
    ]
    found = figures_of_plans(TABLE)
    assert found["planned"].value == len(PLANS) == 640
    assert found["rms_over_foreseen"].value == pytest.approx(sqrt(mean(s**2 for s in scores)))
    assert found["covered_foreseen"].value == pytest.approx(
        mean(abs(score) <= 1.6448536269514722 for score in scores)
    )


def test_power_is_promised_for_what_is_true() -> None:
    promised = []
    for row in PLANS:
        error = row["revenue_se"] / row["spend"]
        away = (row["truth"] / row["spend"] - row["break_even"]) / error
        promised.append(NORMAL.cdf(away - NORMAL.inv_cdf(0.95)))
    is_found = [row["verdict"] == "profitable" for row in PLANS]
    found = figures_of_plans(TABLE)
    assert found["promised_power"].value == pytest.approx(mean(promised))
    assert found["found_power"].value == pytest.approx(mean(is_found))
    assert found["promised_less_found"].value == pytest.approx(mean(promised) - mean(is_found))
    # They are drawn as they are foreseen.
    assert abs(found["promised_less_found"].value) < 3 * found["promised_less_found"].error


def test_verdicts_are_scored_against_their_shares() -> None:
    shares = {name: mean(row["verdict"] == name for row in PLANS) for name in VERDICTS}
    score = constant = 0.0
    for row in PLANS:
        for name, column in VERDICTS.items():
            happened = row["verdict"] == name
            score += (row[column] - happened) ** 2
            constant += (shares[name] - happened) ** 2
    found = figures_of_plans(TABLE)
    assert found["brier_over_constant"].value == pytest.approx(score / constant)
    by_decile: dict[int, list[float]] = {}
    for row in PLANS:
        for name, column in VERDICTS.items():
            decile = min(int(row[column] * 10), 9)
            by_decile.setdefault(decile, []).append(row[column] - (row["verdict"] == name))
    away = sum(abs(sum(differences)) for differences in by_decile.values())
    assert found["reliability"].value == pytest.approx(away / (3 * len(PLANS)))
