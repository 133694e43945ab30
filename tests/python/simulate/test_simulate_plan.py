"""The plan of orders: nothing is lost or made up between demand, effect and order lines."""

from collections import defaultdict
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulate import World
from simulate.plan import Kind, take
from simulate.randomness import DRAWS, Stream, generator, lookup
from tests.python.simulate.worlds import SAME_EXAMPLES, Files, world_of

pytestmark = pytest.mark.slow

KEYS = ["day", "region", "brand"]


def planned(world: World) -> pd.DataFrame:
    plan = world.plan
    names = ("day", "region", "brand", "kind", "post", "count")
    return pd.DataFrame({name: getattr(plan, name) for name in names})


def of_kinds(rows: pd.DataFrame, *kinds: Kind) -> pd.Series:
    """Orders of these kinds by day, region and brand, zeros left out."""
    return rows[rows["kind"].isin(kinds)].groupby(KEYS)["count"].sum()


def by_cell(orders: np.ndarray[Any, Any]) -> pd.Series:
    region, brand, day = np.nonzero(orders)
    index = pd.MultiIndex.from_arrays([day, region, brand], names=KEYS)
    return pd.Series(orders[region, brand, day], index=index).sort_index()


@pytest.mark.parametrize("orders", [6_000, 200_000])
def test_every_order_without_influencers_is_planned_once(orders: int) -> None:
    world = world_of("tiny", 42, orders=orders)
    rows = planned(world)
    for kinds, meant in [
        ((Kind.COUPON, Kind.LEAKED), world.baseline.with_coupon),
        ((Kind.ORGANIC, Kind.PULLED), world.baseline.without_coupon),
    ]:
        pd.testing.assert_series_equal(
            of_kinds(rows, *kinds), by_cell(meant), check_names=False, check_dtype=False
        )


@pytest.mark.parametrize("orders", [6_000, 200_000])
def test_every_incremental_order_is_planned_with_its_post(orders: int) -> None:
    world = world_of("tiny", 42, orders=orders)
    response, rows = world.response, planned(world)
    for kind, counts in [(Kind.ATTRIBUTED, response.attributed), (Kind.HALO, response.halo)]:
        meant: dict[tuple[int, ...], int] = defaultdict(int)
        for *place, count in zip(response.day, response.region, response.post, counts, strict=True):
            if count:
                meant[tuple(place)] += count
        found = rows[rows["kind"] == kind].set_index(["day", "region", "post"])["count"]
        assert found.to_dict() == meant
    of_post = rows[rows["post"] >= 0]
    assert (of_post["brand"].to_numpy() == world.posts.brand[of_post["post"]]).all()
    without = rows[rows["kind"].isin([Kind.ORGANIC, Kind.COUPON])]
    assert (without["post"] == -1).all() and (rows["count"] > 0).all()


@pytest.mark.parametrize("orders", [6_000, 200_000])
def test_leaked_and_pulled_orders_are_at_most_those_that_were_drawn(orders: int) -> None:
    world = world_of("tiny", 42, orders=orders)
    rows = planned(world)
    for kind, drawn in [
        (Kind.LEAKED, world.response.leaked), (Kind.PULLED, world.response.pulled),
    ]:  # fmt: skip
        found = rows.loc[rows["kind"] == kind, "count"].sum()
        assert 0.95 * drawn.sum() <= found <= drawn.sum()


def test_the_plan_is_in_order_of_day(tiny: Files) -> None:
    world = world_of("tiny")
    assert (np.diff(world.plan.day) >= 0).all()
    assert world.plan.planned == world.plan.count.sum()
    assert world.plan.placed == tiny.value("select count(*) from raw.tracking_data")


@pytest.mark.parametrize("world", ["default", "tiny"])
def test_the_lines_that_are_written_are_those_of_the_plan(
    world: str, default: Files, tiny: Files
) -> None:
    """By day, region, brand, kind and post."""
    files = {"default": default, "tiny": tiny}[world]
    made = world_of(world)
    rows = planned(made)
    rows = rows[rows["kind"] != Kind.PULLED]
    regions = [row[0] for row in files.rows("select region from raw.regions")]
    brands = ["MuscleBlaze", "HKVitals", "Gritzo", "TrueBasics"]
    kinds = ["organic", "coupon", "leaked", "attributed", "halo"]
    rows["kind_name"] = [kinds[kind] for kind in rows["kind"]]
    rows["region_name"] = [regions[region] for region in rows["region"]]
    rows["brand_name"] = [brands[brand] for brand in rows["brand"]]
    is_caused = rows["kind"].isin([Kind.ATTRIBUTED, Kind.HALO])
    rows["post_id"] = [
        made.posts.post_id[post] if caused else None
        for post, caused in zip(rows["post"], is_caused, strict=True)
    ]
    files.connection.register("planned", rows)
    differences = files.rows(
        f"""
        with meant as (
            select
                date '{files.settings.start}' + day::integer as date,
                region_name as region, brand_name as brand, kind_name as kind, post_id,
                sum(count)::bigint as lines,
            from planned
            group by all
        ),

        found as (
            select date, region, brand, kind, post_id, count(*) as lines
            from raw.tracking_data
            inner join truth.orders using (transaction_id)
            group by all
        )

        (from meant except all from found) union all (from found except all from meant)
        """
    )
    files.connection.unregister("planned")
    assert differences == []


wishes = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9)), max_size=30)


@given(wishes, st.lists(st.integers(0, 20), min_size=5, max_size=5))
@SAME_EXAMPLES
def test_take_serves_who_comes_first(wanted: list[tuple[int, int]], available: list[int]) -> None:
    left, meant = list(available), []
    for cell, wish in wanted:
        got = min(wish, left[cell])
        left[cell] -= got
        meant.append(got)
    cells = np.array([cell for cell, _ in wanted], dtype=np.int64)
    sizes = np.array([size for _, size in wanted], dtype=np.int64)
    assert take(cells, sizes, np.array(available)).tolist() == meant


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20).filter(lambda shares: sum(shares) > 0.01))
@SAME_EXAMPLES
def test_a_lookup_holds_each_outcome_by_its_share(shares: list[float]) -> None:
    table = lookup(np.array(shares))
    assert len(table) == DRAWS and (np.diff(table.astype(int)) >= 0).all()
    found = np.bincount(table, minlength=len(shares)) / DRAWS
    np.testing.assert_allclose(found, np.array(shares) / sum(shares), atol=1.01 / DRAWS)
    assert all(found[place] == 0 for place, share in enumerate(shares) if share == 0)


def test_streams_are_independent_and_repeatable() -> None:
    first: dict[tuple[int, ...], bytes] = {}
    for seed in (0, 1, 2**63 - 1):
        for stream in Stream:
            for numbers in ((), (0,), (1,), (1, 0)):
                draw = generator(seed, stream, *numbers).bytes(16)
                assert draw == generator(seed, stream, *numbers).bytes(16)
                first[(seed, stream, *numbers)] = draw
    assert len(set(first.values())) == len(first)
