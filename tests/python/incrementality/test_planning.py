"""Foreseen precision against generalised least squares in full matrices, and planned panels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from estimators import joint_panel, planning
from estimators.campaigns import measure_campaigns
from estimators.joint_panel import Brand, Levels
from estimators.planning import LENGTHS, pair_precisions, precisions, pretended
from tests.python.incrementality.test_joint_panel import NOISE, Dense, made, start, tables

Flags = NDArray[np.bool_]


def in_full_matrices(brand: Brand, levels: Levels, chosen: Flags, length: int) -> float:
    """Mean precision of a lift of nothing, a column added for each campaign that is pretended."""
    found = []
    campaigns = pretended(brand.orders.shape[1], length)
    for weeks in campaigns:
        more = Brand(
            brand.orders,
            np.column_stack([brand.treated, chosen]),
            np.column_stack([brand.share, weeks]),
        )
        at = Levels(levels.region, levels.week, np.append(levels.effect, 0.0))
        found.append(1 / Dense.of(more, at, NOISE).inverse[-1, -1])
    return float(np.mean(found) * length / campaigns[0].sum())


@pytest.mark.parametrize("chosen", [[0], [1, 4], [0, 2, 3, 7, 8]])
@pytest.mark.parametrize("length", [4, 9, 16])
def test_the_sum_over_pairs_is_that_of_full_matrices(chosen: list[int], length: int) -> None:
    brand = made(weeks=36, noise=NOISE).brand
    levels = start(brand)
    found = pair_precisions(brand, joint_panel.equations(brand, levels, NOISE))
    mask = np.isin(np.arange(len(brand.orders)), chosen)
    precision = found[int(np.flatnonzero(length == LENGTHS)[0])][np.ix_(mask, mask)].sum()
    assert precision == pytest.approx(in_full_matrices(brand, levels, mask, length), rel=1e-6)


def test_the_table_holds_each_pair_once() -> None:
    world = tables(made(weeks=36, noise=NOISE))
    found = precisions(**world, none_member="(none)")
    regions = world["region_weeks"].region.nunique()
    assert len(found) == len(LENGTHS) * regions * (regions + 1) / 2
    assert not found.duplicated(["brand", "region", "other_region", "weeks"]).any()
    assert (found.region <= found.other_region).all()
    own = found[(found.region == found.other_region) & (found.weeks == 8)]
    assert (own.pair_precision > 0).all()


@pytest.mark.slow
def test_what_is_foreseen_is_how_far_a_campaign_is_missed() -> None:
    """The campaign comes after the history, and brings nothing: its estimate is its error."""
    scores = []
    length, history = 6, 40
    for seed in range(120):
        world = made(regions=12, weeks=history + length, seed=seed, noise=NOISE)
        before = tables(world)
        after = {name: table.copy() for name, table in before.items()}
        before["region_weeks"] = before["region_weeks"].query(f"week < {history}")
        before["campaign_weeks"] = before["campaign_weeks"].query(f"week < {history}")
        chosen = [f"r{number}" for number in (1, 4, 6, 9)]
        foreseen = precisions(**before, none_member="(none)").query(f"weeks == {length}")
        inside = foreseen.region.isin(chosen) & foreseen.other_region.isin(chosen)
        error = foreseen.pair_precision[inside].sum() ** -0.5
        planned = pd.DataFrame({"campaign_id": "planned", "brand": "X", "region": chosen})
        weeks = pd.DataFrame(
            {
                "campaign_id": "planned", "brand": "X", "phase": "campaign",
                "week": range(history, history + length), "share": 1.0,
            }
        )  # fmt: skip
        found = measure_campaigns(
            after["region_weeks"],
            pd.concat([after["campaign_weeks"], weeks]),
            pd.concat([after["campaign_regions"], planned]),
            "(none)",
        ).set_index("experiment_id")
        scores.append(found.lift["planned"] / error)
    # The error of a standard deviation of 120 scores is 6 %.
    assert 0.84 < np.sqrt(np.mean(np.square(scores))) < 1.16


@given(st.integers(1, 120), st.integers(4, 16))
def test_pretended_campaigns_end_in_the_history(weeks: int, length: int) -> None:
    campaigns = pretended(weeks, length)
    assert 1 <= len(campaigns) <= planning.ENDS
    assert set(np.unique(campaigns)) <= {0.0, 1.0}
    lengths = campaigns.sum(axis=1)
    assert (lengths == lengths[0]).all()
    assert 1 <= lengths[0] <= length
    assert campaigns[0, -1] == 1
    if len(campaigns) > 1:
        assert campaigns[:, : weeks // 3].sum() == 0


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 4), st.integers(0, 99))
def test_more_weeks_and_larger_regions_tell_more(factor: int, seed: int) -> None:
    """By the same noise: with as many times the orders everywhere nothing gets less sure."""
    brand = made(weeks=40, seed=seed).brand
    larger = Brand(brand.orders * factor, brand.treated, brand.share)
    small, large = (
        pair_precisions(b, joint_panel.equations(b, start(b), NOISE))[:, [1, 3]][:, :, [1, 3]].sum(
            axis=(1, 2)
        )
        for b in (brand, larger)
    )
    assert (large > small).all()


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda rows: rows[rows.region == "r0"],
        lambda rows: rows[rows.week < 6],
        lambda rows: rows.assign(orders=0),
        lambda rows: rows.head(0),
    ],
)
def test_too_little_data_give_no_row(spoilt: object) -> None:
    world = tables(made(weeks=36, noise=NOISE))
    world["region_weeks"] = spoilt(world["region_weeks"])  # type: ignore[operator]
    found = precisions(**world, none_member="(none)")
    assert found.empty
    assert list(found) == list(planning.COLUMNS)


def test_a_brand_without_any_campaign_can_be_planned_for() -> None:
    world = tables(made(weeks=36, noise=NOISE))
    for name in ("campaign_weeks", "campaign_regions"):
        world[name] = world[name].head(0)
    assert len(precisions(**world, none_member="(none)")) > 0
