"""How far methods were from the truth of the study, and how well their errors were foreseen."""

import numpy as np
import pandas as pd

from calibrate.benchmark.process import LIFT, SCENARIOS
from calibrate.rows import QUANTILE
from calibrate.uncertainty import Figure, Resampling, figure

ALL = "all"  # the four scenarios together
FORESIGHT = "foresight"  # what stands in place of a method where errors are foreseen

Figures = dict[tuple[str, str], dict[str, Figure]]


def figures_of_study(rows: pd.DataFrame) -> Figures:
    """All figures of the study.

    Args:
        rows: One row per test and method, as of `run.load`.

    Returns:
        Figures by name, by scenario (and all together) and method (and foresight). The error of
        each is that of drawing other panels; the tests of one panel stay together.
    """
    found: Figures = {}
    names = [scenario.name for scenario in SCENARIOS]
    rows = rows.assign(place=rows.panel * len(names) + rows.scenario.map(names.index))
    for scenario in [*names, ALL]:
        own = rows if scenario == ALL else rows[rows.scenario == scenario]
        resampling = Resampling(own.place)
        tests = own[own.pseudo == 0]
        for method, said in tests.groupby("method"):
            found[scenario, str(method)] = figures_of_method(said, resampling)
        found[scenario, FORESIGHT] = figures_of_foresight(own, resampling)
    return found


def figures_of_method(rows: pd.DataFrame, resampling: Resampling) -> dict[str, Figure]:
    """What one method says of tests with and without effect.

    Args:
        rows: Its rows, one per test; with the column place, the panel.
        resampling: All panels, as they are and drawn again.

    Returns:
        panels; measured, the share with an interval, and is_default; then of those measured, where
        there is an effect: coverage, power (zero is excluded), bias and width as shares of what
        would have been sold; where there is none: false_positives.
    """
    affected = rows[np.isclose(rows.lift, LIFT)]
    measured = affected[affected.ci_low.notna()]
    unaffected = rows[(rows.lift == 0) & rows.ci_low.notna()]
    truth = measured.lift * measured.baseline
    return {
        "panels": Figure(affected.place.nunique(), 0),
        "measured": resampling.share(affected.place, affected.ci_low.notna()),
        "is_default": resampling.share(affected.place, affected.is_default),
        "coverage": resampling.share(
            measured.place, (measured.ci_low <= truth) & (truth <= measured.ci_high)
        ),
        "power": resampling.share(measured.place, _excludes_zero(measured)),
        "false_positives": resampling.share(unaffected.place, _excludes_zero(unaffected)),
        "bias": resampling.mean(measured.place, (measured.estimate - truth) / measured.baseline),
        "width": resampling.mean(
            measured.place, (measured.ci_high - measured.ci_low) / measured.baseline
        ),
    }


def _excludes_zero(rows: pd.DataFrame) -> "pd.Series[bool]":
    return (rows.ci_low > 0) | (rows.ci_high < 0)


def figures_of_foresight(rows: pd.DataFrame, resampling: Resampling) -> dict[str, Figure]:
    """Errors of the default method against what pseudo-tests let foresee.

    Args:
        rows: Rows of all methods, with pseudo-tests and the column place.
        resampling: All panels, as they are and drawn again.

    Returns:
        planned, the number of tests with the effect (without it a test has the same error);
        rms_over_foreseen, the root mean square of error ÷ foreseen error; covered_foreseen, the
        share of tests whose estimate is within 1.64 foreseen errors of the truth.
    """
    own = rows[rows.is_default & rows.se.notna()]
    tests = own[(own.pseudo == 0) & (own.lift > 0)].merge(foreseen_errors(own), on="place")
    score = (tests.estimate - tests.lift * tests.baseline) / tests.foreseen_error
    squares = resampling.total(tests.place, score**2)
    with np.errstate(invalid="ignore", divide="ignore"):
        rms = np.sqrt(squares / resampling.total(tests.place, np.ones(len(tests))))
    return {
        "planned": Figure(len(tests), 0),
        "rms_over_foreseen": figure(rms),
        "covered_foreseen": resampling.share(tests.place, score.abs() <= QUANTILE),
    }


def foreseen_errors(rows: pd.DataFrame) -> pd.DataFrame:
    """The error that pseudo-tests let expect of the test of each panel.

    Args:
        rows: Rows of the default method, with pseudo-tests and the column place.

    Returns:
        place and foreseen_error. As in plans of campaigns it is the error of the lift, the root
        mean square of those of the pseudo-tests, times what the treated city lately sold: a day of
        the latest pseudo-test, times the days of the test. Errors of pseudo-tests are those of
        their own length and pretest; they are scaled as if days were independent.
    """
    tests = rows[(rows.pseudo == 0) & (rows.lift == 0)]
    lengths = tests[["place", "pretest_days", "test_days"]]
    pseudo = rows[rows.pseudo > 0].merge(lengths, on="place", suffixes=("", "_of_test"))
    by_length = (1 / pseudo.test_days_of_test + 1 / pseudo.pretest_days_of_test) / (
        1 / pseudo.test_days + 1 / pseudo.pretest_days
    )
    variance = (pseudo.se / pseudo.baseline) ** 2 * by_length
    lift_error = variance.groupby(pseudo.place).mean() ** 0.5
    latest = pseudo[pseudo.pseudo == 1].set_index("place")
    expected = latest.baseline / latest.test_days * latest.test_days_of_test
    return (
        pd.DataFrame({"foreseen_error": lift_error * expected}).rename_axis("place").reset_index()
    )
