"""Ad-stock, saturation and experiments as priors, against what the public packages said."""

import json
import re
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.signal import lfilter

from estimators.experiment_prior import (
    captured_share,
    prior,
    recency_discount,
    spend_discount,
)
from estimators.media_curves import (
    adstocked,
    delayed_weights,
    geometric_weights,
    hill,
    logistic_saturation,
    michaelis_menten,
)
from tests.python.support import REFERENCE
from tests.python.viewer import tiny

Floats = NDArray[np.float64]
GOLDEN = REFERENCE / "planner" / "golden_budget.json"
WITHOUT_NUMBERS = pytest.mark.skipif(
    not GOLDEN.is_file(), reason="the reference numbers are not beside the project"
)


def golden(name: str) -> dict[str, Any]:
    cases = json.loads(GOLDEN.read_text(encoding="utf-8"))["cases"]
    [case] = [case for case in cases if case["id"] == name]
    return dict(case)


def spend_by_day() -> pd.Series:
    file = REFERENCE / "geo" / golden("BU-AD-1")["input"]["file"]
    rows = pd.read_csv(file)
    rows = rows[(rows.group == "treatment") & rows.date.between("2015-01-05", "2015-04-07")]
    return rows.groupby("date").cost.sum()


def stocked(case: dict[str, Any]) -> pd.Series:
    """By the settings of either package."""
    chosen, spend = case["settings"], spend_by_day()
    lags = chosen["l_max"] if "l_max" in chosen else chosen["max_lag"] + 1
    weights = geometric_weights(chosen["alpha"], lags, chosen.get("normalize", True))
    return pd.Series(adstocked(spend.to_numpy(), weights), spend.index)


def assert_series(found: pd.Series, wanted: dict[str, Any], tolerance: float) -> None:
    numbers = {"sum": found.sum(), "last": found.iloc[-1]}
    numbers |= {f"at_{str(day).replace('-', '_')}": value for day, value in found.items()}
    for name in wanted.keys() & numbers.keys():
        assert numbers[name] == pytest.approx(wanted[name], rel=tolerance), name
    assert found.iloc[:5].tolist() == pytest.approx(wanted["first"], rel=tolerance)


@WITHOUT_NUMBERS
def test_the_series_is_that_of_the_reference() -> None:
    wanted = golden("BU-AD-1")["results"]["series"]
    spend = spend_by_day()
    assert (spend.index[0], len(spend)) == (wanted["first_date"], wanted["dates"])
    assert spend.sum() == pytest.approx(wanted["sum"], rel=1e-12)
    assert spend.iloc[:3].tolist() == pytest.approx(wanted["first"], rel=1e-12)


@WITHOUT_NUMBERS
@pytest.mark.parametrize("name", ["BU-AD-1", "BU-AD-2", "BU-AD-4"])
def test_golden_adstock(name: str) -> None:
    case = golden(name)
    assert_series(stocked(case), case["results"], case["tolerance"]["relative"])


@WITHOUT_NUMBERS
@pytest.mark.parametrize("name", ["BU-HI-1", "BU-HI-2"])
def test_golden_hill(name: str) -> None:
    case = golden(name)
    wanted, tolerance = case["results"], case["tolerance"]["relative"]
    spend = stocked(golden("BU-AD-1"))
    kappa = float(np.median(spend["2015-02-16":"2015-03-15"]))  # type: ignore[misc]
    assert kappa == pytest.approx(wanted["kappa"], rel=tolerance)
    found = hill(spend.to_numpy(), case["settings"]["slope"], kappa)
    assert_series(pd.Series(found, spend.index), wanted, tolerance)


@WITHOUT_NUMBERS
def test_golden_other_curves() -> None:
    case = golden("BU-OT-1")
    wanted, tolerance = case["results"], case["tolerance"]["relative"]
    spend = spend_by_day()
    days = spend.to_numpy()
    scaled = wanted["logistic_saturation(x / max) lam=3"]
    assert days.max() == pytest.approx(scaled["maximum"], rel=tolerance)
    curves = {
        "michaelis_menten alpha=10 lam=500": michaelis_menten(days, 10, 500),
        "logistic_saturation(x / max) lam=3": logistic_saturation(days / days.max(), 3),
        "delayed_adstock alpha=0.7 theta=2 l_max=8 normalize=True": adstocked(
            days, delayed_weights(0.7, 2, 8)
        ),
    }
    assert curves.keys() == wanted.keys()
    for name, found in curves.items():
        assert_series(pd.Series(found, spend.index), wanted[name], tolerance)


@WITHOUT_NUMBERS
def test_golden_priors() -> None:
    case = golden("BU-PRIOR")
    wanted, tolerance = case["results"], case["tolerance"]["relative"]
    half_life = case["settings"]["half_life_weeks"]
    for both, tau in wanted["spend"].items():
        channel, experiment = map(float, both.split())
        # Spend is written with nine decimals, tau with twelve.
        assert spend_discount(channel, experiment) == pytest.approx(tau, rel=tolerance, abs=2e-12)
    for days, tau in wanted["recency"].items():
        assert recency_discount(int(days), half_life) == pytest.approx(tau, rel=tolerance)
    for sentence, share in wanted["duration_capture"].items():
        duration, lag, alpha = re.findall(r"=([0-9.]+)", sentence)
        found = captured_share(int(duration), int(lag), float(alpha))
        assert found == pytest.approx(share, rel=tolerance), sentence


# --- Properties ---------------------------------------------------------------------------------

shares = st.floats(0, 1)
series = st.lists(st.floats(0, 1e6), min_size=1, max_size=30).map(np.array)


@settings(max_examples=60, deadline=None)
@given(series, shares, st.integers(1, 12))
def test_adstock_is_a_filter(spend: Floats, alpha: float, lags: int) -> None:
    weights = geometric_weights(alpha, lags)
    found = adstocked(spend, weights)
    assert found == pytest.approx(lfilter(weights, [1.0], spend), rel=1e-9, abs=1e-6)
    padded = adstocked(np.concatenate([spend, np.zeros(lags)]), weights)
    assert padded.sum() == pytest.approx(spend.sum())  # nothing is lost, it only comes later
    together = adstocked(np.stack([spend, 2 * spend]), weights)
    assert together == pytest.approx(np.stack([found, 2 * found]))


@given(shares.filter(lambda share: share < 1), st.integers(1, 12))
def test_weights(alpha: float, lags: int) -> None:
    raw = geometric_weights(alpha, lags, normalized=False)
    assert raw[0] == 1 and raw.sum() == pytest.approx((1 - alpha**lags) / (1 - alpha))
    assert delayed_weights(alpha, 3, 8).sum() == pytest.approx(1)
    assert delayed_weights(alpha, 3, 8).argmax() == 3
    assert delayed_weights(alpha, 0, 2, normalized=False) == pytest.approx([1, alpha])


def test_weights_that_are_none() -> None:
    with pytest.raises(ValueError, match="alpha"):
        geometric_weights(1.1, 3)
    with pytest.raises(ValueError, match="lag"):
        delayed_weights(0.5, 1, 0)


positive = st.floats(1e-3, 1e6)


@given(positive, positive, st.floats(0.3, 3), positive)
def test_saturation(spend: float, half: float, slope: float, scale: float) -> None:
    at = np.array([spend])
    assert hill(np.array([half]), slope, half)[0] == pytest.approx(0.5)
    assert hill(at * scale, slope, half * scale) == pytest.approx(hill(at, slope, half), abs=1e-9)
    assert michaelis_menten(at, 7, half) == pytest.approx(7 * hill(at, 1, half), abs=1e-9)
    other = (1 - np.exp(-spend / half)) / (1 + np.exp(-spend / half))
    assert logistic_saturation(at, 1 / half)[0] == pytest.approx(other, rel=1e-6, abs=1e-12)


def test_budgets_are_split_by_the_same_curve() -> None:
    members = pd.DataFrame(
        {"member": [0, 1, 2], "ceiling": [9.0, 5, 2], "half_saturation": [3.0, 1, 4],
         "lowest": 0.0, "highest": 99.0, "plan_id": 0}
    )  # fmt: skip
    with duckdb.connect() as connection:
        connection.execute("create schema marts; use marts")
        connection.execute(tiny.functions())
        connection.register("members", members)
        split = connection.execute("from allocated('members', budget := 20) order by member").df()
    for member in range(len(members)):
        ceiling, half = members.ceiling[member], members.half_saturation[member]
        value = michaelis_menten(split.spend[[member]].to_numpy(), float(ceiling), float(half))
        assert split.value[[member]].tolist() == pytest.approx(value)


@given(positive, positive, st.floats(0, 2000), st.floats(0.01, 0.99), st.integers(1, 30))
def test_priors_are_no_surer_than_experiments(
    channel: float, experiment: float, days: float, alpha: float, duration: int
) -> None:
    captured = captured_share(duration, 8, alpha)
    spend, recency = spend_discount(channel, experiment), recency_discount(days)
    assert spend == spend_discount(experiment, channel)
    believed = prior(2.0, 0.25, captured, spend, recency)
    assert believed.variance >= 0.25
    assert believed.mean * captured == pytest.approx(2)
    alike = prior(2.0, 0.25, 1.0)
    assert (alike.mean, alike.variance) == (2, 0.25)
    worked = sum(alpha**lag for lag in range(duration)) / sum(alpha**lag for lag in range(9))
    assert captured == pytest.approx(worked)
    tau = believed.variance / 0.25 - 1
    assert tau == pytest.approx(spend + recency + max(0, 1 / captured - 1))


def test_spend_of_nothing_has_no_discount() -> None:
    with pytest.raises(ValueError, match="positive"):
        spend_discount(0, 5)
    assert captured_share(0, 8, 0.5) == 1e-6
