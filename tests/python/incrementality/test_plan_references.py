"""Rows of reference methods for ways to choose regions, against queries of the tests' own."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimators.reference import conformal_power, geox, t_test
from estimators.reference.paired_designs import every_assignment
from estimators.reference.plans import (
    GEOLIFT_DESIGNS,
    SIZES,
    WEEKS,
    WINDOWS,
    assignments,
    references,
    weekly_revenue,
)

Z = 1.6448536269514722 + 0.8416212335729143
REGIONS = ["Delhi", "Bihar", "Goa", "Kerala", "Odisha", "Assam", "Punjab", "(others)"]
# Of three pairs of neighbours in the row; the seventh has none.
ROW = pd.DataFrame({"brand": "X", "region": REGIONS[:7], "place": range(7)})
DESIGNS = {
    "every 2nd region": ("even", ["Delhi", "Goa", "Odisha", "Punjab"]),
    "one of each pair, 1": ("paired", ["Delhi", "Kerala", "Odisha"]),
    "one of each pair, 2": ("paired", ["Bihar", "Kerala", "Odisha"]),
    "regions of Hindi": ("language", ["Delhi"]),
}


def history(weeks: int = 30, seed: int = 3) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    size = 1000 * np.arange(9, 1, -1)[:, None]
    sales = size * random.normal(1, 0.05, (len(REGIONS), weeks)) * random.normal(1, 0.1, weeks)
    region, week = np.indices(sales.shape).reshape(2, -1)
    names = np.array(REGIONS)[region]
    return pd.DataFrame(
        {"brand": "X", "region": names, "week": week, "revenue": sales.round(2).ravel()}
    )


def days(weeks: int = 30, left_over: int = 0) -> pd.DataFrame:
    numbers = np.minimum(np.arange(7 * weeks + left_over) // 7, weeks - 1)
    start = pd.Timestamp("2025-01-01")
    return pd.DataFrame({"date_day": pd.date_range(start, periods=len(numbers)), "week": numbers})


def designs(**chosen: tuple[str, list[str]]) -> pd.DataFrame:
    rows = [
        {"brand": "X", "design_id": name, "kind": kind, "region": region}
        for name, (kind, regions) in (chosen or DESIGNS).items()
        for region in regions
    ]
    return pd.DataFrame(rows)


def answers(table: pd.DataFrame, method: str) -> dict[str, float | str]:
    rows = table[table.reference_method == method]
    revenue = rows.minimum_detectable_revenue.astype(object)
    found = revenue.where(rows.reason_code.isna(), rows.reason_code)
    return dict(zip(rows.design_id, found, strict=True))


def test_each_method_of_each_design() -> None:
    found = references(history(), days(), designs(), ROW, 0.9)
    assert not found.duplicated(["brand", "design_id", "reference_method"]).any()
    assert len(found) == 5 * len(DESIGNS)
    assert (found.minimum_detectable_revenue.isna() == found.reason_code.notna()).all()
    cells = history().pivot_table(index="region", columns="week", values="revenue")
    last = cells.iloc[:, -WEEKS:]

    pairs = last.sum(axis=1)[REGIONS[:6]].to_numpy().reshape(3, 2)
    error = np.sqrt(((pairs[:, 0] - pairs[:, 1]) ** 2).sum())
    matched = answers(found, "matched_pairs")
    assert matched["one of each pair, 1"] == matched["one of each pair, 2"]
    assert matched["one of each pair, 1"] == pytest.approx(Z * error)
    # Of three pairs a quarter is none: nothing is trimmed, and all eight assignments are tried.
    assert answers(found, "trimmed_match") == pytest.approx(matched)
    assert matched["every 2nd region"] == "not_paired"

    change = last.mean(axis=1) - cells.iloc[:, -2 * WEEKS : -WEEKS].mean(axis=1)
    arm = cells.index.isin(DESIGNS["every 2nd region"][1])
    size = t_test.minimum_effect_size(4, 4)
    sd = np.sqrt((change[arm].var() + change[~arm].var()) / 2)
    by_t = answers(found, "t_test")
    assert by_t["every 2nd region"] == pytest.approx(size * sd * 4 * WEEKS)
    assert by_t["regions of Hindi"] == "one_region_in_an_arm"

    masks = np.array([cells.index.isin(regions) for _, regions in DESIGNS.values()])
    by_scatter = answers(found, "geox")
    judged = geox.judge(cells.to_numpy(), masks, WEEKS)
    for name, total in zip(DESIGNS, judged.total, strict=True):
        assert by_scatter[name] == pytest.approx(total)

    shares = [
        conformal_power.power(
            cells[arm].mean().to_numpy(), cells[~arm].T.to_numpy(), WEEKS, effect, WINDOWS
        )
        for effect in SIZES
    ]
    smallest = next(effect for effect, share in zip(SIZES, shares, strict=True) if share >= 0.8)
    by_placebos = answers(found, "geolift")
    assert by_placebos["every 2nd region"] == pytest.approx(smallest * last[arm].sum().sum())


@settings(max_examples=5, deadline=None)
@given(st.floats(0.01, 1000))
def test_money_scales_and_order_does_not_matter(scale: float) -> None:
    sales = history()
    found = references(sales, days(), designs(), ROW, 0.9)
    shuffled = sales.assign(revenue=sales.revenue * scale).sample(frac=1, random_state=1)
    scaled = references(shuffled, days(), designs().sample(frac=1, random_state=2), ROW, 0.9)
    assert scaled.reason_code.fillna("").tolist() == found.reason_code.fillna("").tolist()
    assert scaled.minimum_detectable_revenue.to_numpy() == pytest.approx(
        found.minimum_detectable_revenue.to_numpy() * scale, nan_ok=True
    )


def test_a_longer_last_week_counts_by_the_day() -> None:
    sales = history()
    table = weekly_revenue(sales, days(left_over=7))
    plain = weekly_revenue(sales, days())
    assert table.iloc[:, :-1].equals(plain.iloc[:, :-1])
    assert table.iloc[:, -1].tolist() == pytest.approx(plain.iloc[:, -1] / 2)


def test_short_histories_have_reasons() -> None:
    found = references(history(15), days(15), designs(), ROW, 0.9)
    for method, reason in (("t_test", "few_weeks"), ("geolift", "few_weeks"),
                           ("geox", "too_little_data")):  # fmt: skip
        assert answers(found, method)["every 2nd region"] == reason


def test_what_cannot_be_judged() -> None:
    of_all = designs(all=("even", REGIONS))
    assert references(history(), days(), of_all, ROW, 0.9).empty
    two = references(history(), days(), designs(), ROW[:5], 0.9)
    assert answers(two, "trimmed_match")["one of each pair, 1"] == "few_pairs"
    nothing = references(history().assign(revenue=0.0), days(), designs(), ROW, 0.9)
    found = {method: answers(nothing, method) for method in nothing.reference_method.unique()}
    assert found["trimmed_match"]["one of each pair, 1"] == "no_revenue"
    assert found["matched_pairs"]["one of each pair, 1"] == "no_noise"
    assert found["t_test"]["every 2nd region"] == "no_noise"
    assert found["geox"]["every 2nd region"] == "no_noise"
    assert found["geolift"]["every 2nd region"] == "no_effect_found"
    assert references(history(), days(), designs().iloc[:0], ROW, 0.9).empty


def test_only_designs_with_most_regions_are_fitted() -> None:
    single = {f"only {region}": ("language", [region]) for region in REGIONS[:7]}
    both = {
        f"{a} and {b}": ("language", [a, b]) for i, a in enumerate(REGIONS[:7]) for b in REGIONS[:i]
    }
    found = references(history(), days(), designs(**single, **both), ROW, 0.9)
    fitted = found[found.reference_method == "geolift"].design_id
    assert len(both) == 21 and len(fitted) == GEOLIFT_DESIGNS
    assert set(both) <= set(fitted)


def test_assignments_are_the_same_at_each_call() -> None:
    assert assignments(4).tolist() == every_assignment(4).tolist()
    assert assignments(30).tolist() == assignments(30).tolist()
    assert 0.45 < assignments(30).mean() < 0.55
