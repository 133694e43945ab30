"""Plans of a budget, and what each would really have brought.

A world's response to other spend is known (`simulate.curves`), so the best split of today's budget
is as well: the oracle's. Beside it stand what Helios advises of the same exports, today's split,
and the rankings that are usual: the most to what has the highest attributed ROAS, or the highest
calibrated average. All of them may move each member's spend by the same part.
"""

from collections.abc import Mapping
from typing import Any, cast

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize

from simulate.curves import Surface, response_surface
from simulate.settings import Settings
from simulate.truth import members_of_posts, order_value
from simulate.world import World, simulate_world

Floats = NDArray[np.float64]
MODELS = ("+fct_response", "+fct_influencer_days")
DIMENSIONS = ("platform", "persona", "brand")
CHANGE = 0.3  # most that a member's spend may change
# A split whose gain is smaller than that part of today's revenue is as good as the best.
LEAST_GAIN = 1e-3
DAYS = """
    create or replace temp table days as
    select
        days.*,
        {column} as member,
        response.elasticity,
        response.elasticity_se,
        response.problem,
    from marts.fct_influencer_days as days
    inner join marts.dim_influencers as influencers using (influencer_id)
    left join marts.fct_response as response using (campaign_id, brand, influencer_id)
"""
MEMBERS = """
    select
        curves.*,
        curves.spend * greatest(1 - $change, least(curves.seen_low, 1)) as lowest,
        curves.spend * least(1 + $change, greatest(curves.seen_high, 1)) as highest,
        attributed.roas,
    from marts.response_curves('days') as curves
    inner join (
        select member, sum(attributed_revenue) / nullif(sum(spend), 0) as roas
        from days
        group by member
    ) as attributed using (member)
    where curves.spend > 0 and list_contains($names, member)
    order by member
"""
ADVICE = """
    select allocated.spend
    from marts.allocated('bounds', budget := $budget) as allocated
    order by member
"""
GAIN = "select gain, gain_se, prob_better from marts.plan_gains('days', 'members', 'plans')"


def budgets_of(warehouse: str, settings: Settings) -> pd.DataFrame:
    """What plans of a world's budget would have brought, by each dimension.

    Args:
        warehouse: The file that dbt built of its exports.
        settings: The world.

    Returns:
        One row per dimension: members; is_refused, whether Helios gives no advice; expected
        revenue of today's split and of the oracle's, of Helios' and of both rankings (today,
        oracle, helios, attributed, average); gain, gain_se and prob_better as Helios says;
        elasticity and elasticity_se of all as it says, and true_elasticity.
    """
    world = simulate_world(settings)
    lines = world.order_lines()
    for _ in lines.chunks():
        continue  # they are made to be counted
    value = order_value(world.plan, lines.sales)
    rows = []
    with duckdb.connect(warehouse, read_only=True) as connection:
        for by in DIMENSIONS:
            row = _plans(connection, world, value, by)
            if row:
                rows.append({"by": by, **row})
    return pd.DataFrame(rows)


def oracle(surface: Surface, low: Floats, high: Floats, spend: Floats) -> Floats:
    """Multiples of today's spend that bring most, by sequential quadratic programming.

    Args:
        surface: The world's response.
        low: Shape (members,); least multiples.
        high: Shape (members,); greatest multiples.
        spend: Shape (members,); today's.

    Returns:
        Shape (members,); the same spend in all.
    """
    one = np.ones(len(spend))
    scale = surface.value(one)
    found = minimize(
        lambda m: -surface.value(m) / scale,
        one,
        jac=lambda m: -surface.gradient(m) / scale,
        method="SLSQP",
        bounds=list(zip(low, high, strict=True)),
        constraints={
            "type": "eq",
            "fun": lambda m: float(spend @ (m - 1) / spend.sum()),
            "jac": lambda m: spend / spend.sum(),
        },
        options={"maxiter": 300, "ftol": 1e-10},
    )
    return np.asarray(np.clip(found.x, low, high))


def by_rank(worth: Floats, spend: Floats, low: Floats, high: Floats) -> Floats:
    """The most to what ranks highest, the least to the others, within limits.

    Args:
        worth: Shape (members,); by which members rank.
        spend: Shape (members,); today's.
        low: Shape (members,); least spend.
        high: Shape (members,); greatest spend.

    Returns:
        Shape (members,); the same spend in all.
    """
    order = np.argsort(-worth, kind="stable")
    room = (high - low)[order]
    left = spend.sum() - low.sum()
    given = np.clip(left - (np.cumsum(room) - room), 0, room)
    new = low.copy()
    new[order] += given
    return new


def _plans(
    connection: duckdb.DuckDBPyConnection, world: World, value: Floats, by: str
) -> dict[str, Any] | None:
    column = "days.brand" if by == "brand" else f"influencers.{by}"
    connection.execute(DAYS.format(column=column))
    names, of_post = members_of_posts(by, world.influencers, world.posts)
    members = connection.execute(MEMBERS, {"change": CHANGE, "names": names}).df()
    if len(members) < 2:
        return None
    surface = response_surface(
        world.settings, world.influencers, world.campaigns, world.posts, world.baseline, value,
        of_post,
    )  # fmt: skip
    place = np.array([names.index(name) for name in members["member"]])
    spend, low, high = (members[name].to_numpy(float) for name in ("spend", "lowest", "highest"))

    def brought(new: Floats) -> float:
        multiples = np.ones(len(names))
        multiples[place] = new / spend
        return surface.value(multiples)

    ranked = {
        "attributed": by_rank(members["roas"].to_numpy(float), spend, low, high),
        "average": by_rank(members["average_iroas"].to_numpy(float), spend, low, high),
    }
    one = np.ones(len(names))
    of_all = [one.copy(), one.copy(), np.zeros(len(names))]  # others stay as they are
    for all_of_them, own in zip(of_all, (low / spend, high / spend, spend), strict=True):
        all_of_them[place] = own
    best = oracle(surface, *of_all)
    row: dict[str, Any] = {
        "members": len(members),
        "is_refused": bool(members["problem"].notna().any()),
        "today": surface.value(one),
        "oracle": surface.value(best),
        **{name: brought(new) for name, new in ranked.items()},
        "true_elasticity": float(surface.gradient(one).sum() / surface.shares().sum()),
    }
    if row["is_refused"]:
        return row
    return row | _advised(connection, members, brought)


def _advised(
    connection: duckdb.DuckDBPyConnection, members: pd.DataFrame, brought: Any
) -> dict[str, Any]:
    connection.register("members", members)
    connection.register("bounds", members.drop(columns="spend").assign(plan_id=0))
    budget = {"budget": float(members["spend"].sum())}
    new = connection.execute(ADVICE, budget).df()["spend"].to_numpy(float)
    plans = members[["member"]].assign(plan_id=0, spend=new, spend_before=members["spend"])
    connection.register("plans", plans)
    [said] = cast("list[Mapping[str, Any]]", connection.execute(GAIN).df().to_dict("records"))
    total = members["incremental_revenue"].sum()
    return {
        "helios": brought(new),
        **said,
        "elasticity": members["marginal_revenue"].sum() / total,
        "elasticity_se": (members["elasticity_se"] * members["incremental_revenue"].abs()).sum()
        / abs(total),
    }
