"""How much of a campaign's return is left for the next rupee: saturation, by days of orders.

More posts on a day bring fewer orders each. Of a campaign's orders by codes and links, the part of
day d is modelled as

    p_d ~ demand_d x_d / (x_d + s),     x_d = sum over posts of weight x (1 - r) r^age,

a Hill curve of slope 1 of ad-stocked attention, as in media-mix models (Jin et al. 2017, equations
1 to 5), with r = 2^(-1 / half-life of the platform) and weight = reach^power x strength of the
platform. A campaign's level drops out, since only parts of its orders are compared: whether its
creative was good does not matter, nor how many orders come without a code. The model is fitted to
all campaigns by multinomial quasi-likelihood with weak priors (Fisher scoring).

The elasticity of an influencer is what one more of the same posts would bring for each rupee, over
what they bring: sum_d demand a s / (x + s)^2 over sum_d demand a / (x + s), at most 1.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

FEWEST_CAMPAIGNS, FEWEST_ORDERS = 3, 300
# Campaigns of a brand differ so much in spend for their demand, or nobody saw what more brings.
FEWEST_LEVELS = 2.5
LEVELS = (0.1, 0.9)  # quantiles of campaigns that are compared for it
POWER = (0.7, 0.3)  # prior of the power of reach: mean, standard deviation
HALF_LIFE = (np.log(3.0), 0.8)  # of the logarithm of days
STRENGTH = (0.0, 1.0)  # of the logarithm of a platform's strength
SATURATION = (0.0, 2.0)  # of its logarithm against usual attention
# Attention of regions, of people and of formats differs, and it fades in other ways than this.
MODEL_ERROR = 0.06
UNKNOWN = (0.5, 12**-0.5)  # an elasticity of which nothing is known: even between 0 and 1
STEPS, CONVERGED = 60, 1e-6
TINY = 1e-300
COLUMNS = {
    "campaign_id": "str",
    "brand": "str",
    "influencer_id": "str",
    "elasticity": "float64",
    "elasticity_se": "float64",
    "problem": "str",
}


@dataclass(frozen=True)
class Posts:
    """Days with posts of an influencer for a campaign, n of them.

    Attributes:
        group: Shape (n,); number of the campaign and brand, 0 to groups - 1, ascending.
        day: Shape (n,); days since the group's first post.
        posts: Shape (n,); how many.
        reach: Shape (n,); logarithm of a post's reach, less the mean of all.
        platform: Shape (n,); 0 to platforms - 1.
    """

    group: Integers
    day: Integers
    posts: Floats
    reach: Floats
    platform: Integers


@dataclass(frozen=True)
class Orders:
    """Orders of groups, day by day from their first post.

    Attributes:
        orders: Shape (groups, days).
        demand: Shape (groups, days); 0 after a group's last day.
    """

    orders: Floats
    demand: Floats


@dataclass(frozen=True)
class Fit:
    """What the days say.

    Attributes:
        theta: Logarithm of saturation, power of reach, logarithms of half-lives, and logarithms of
            strengths of platforms against the first.
        saturation_se: Standard error of the logarithm of saturation.
    """

    theta: Floats
    saturation_se: float


def elasticities(
    days: pd.DataFrame,
    posts: pd.DataFrame,
    influencers: pd.DataFrame,
    spend: pd.DataFrame,
    none_member: str,
) -> pd.DataFrame:
    """Elasticity of each influencer's return in each campaign.

    Args:
        days: campaign_id, brand, date_day, orders by codes and links, and demand, other orders.
        posts: campaign_id, brand, influencer_id, date_day, posts, and their reach.
        influencers: influencer_id, platform and follower_count, which stands for missing reach.
        spend: campaign_id and spend.
        none_member: Campaign of posts outside campaigns.

    Returns:
        One row per campaign_id, brand and influencer_id with a post: elasticity, its standard
        error, which is shared by all, and problem, which is null where it is known:
        `too_few_orders` or `one_level`, where all campaigns spent alike.
    """
    nothing = pd.DataFrame(columns=list(COLUMNS)).astype(COLUMNS)
    if posts.empty or days.empty:
        return nothing
    keys = ["campaign_id", "brand"]
    groups = days.groupby(keys, sort=True).agg(orders=("orders", "sum"), demand=("demand", "sum"))
    groups["number"] = np.arange(len(groups))
    table = _posts_table(posts, influencers, groups)
    if table.empty:
        return nothing
    first = table.groupby("number")["date_day"].min()
    seen = _posts(table, first)
    daily = _orders(days, groups, first)
    is_campaign = groups.index.get_level_values("campaign_id").to_numpy() != none_member
    problem = _problem(groups[is_campaign], spend)
    rows = table[[*keys, "influencer_id"]].copy()
    if problem is None:
        found = fit(seen, daily, is_campaign)
        rows["slope"], rows["value"] = gains(found.theta, seen, daily)
        shifted = found.theta.copy()
        shifted[0] += found.saturation_se
        rows["shifted_slope"], rows["shifted_value"] = gains(shifted, seen, daily)
    summed = rows.groupby([*keys, "influencer_id"], as_index=False).sum()
    if problem is None:
        summed["elasticity"] = summed["slope"] / summed["value"]
        moved = summed["shifted_slope"] / summed["shifted_value"] - summed["elasticity"]
        summed["elasticity_se"] = np.hypot(moved, MODEL_ERROR)
    else:
        summed["elasticity"], summed["elasticity_se"] = UNKNOWN
    summed["problem"] = problem
    known = summed[summed["elasticity"].notna()]
    return known[list(COLUMNS)].astype(COLUMNS | {"problem": "object"})


def fit(posts: Posts, daily: Orders, is_fitted: NDArray[np.bool_]) -> Fit:
    """Fit saturation, half-lives and weights of posts to the days of orders.

    Args:
        posts: Posts of all groups.
        daily: Their orders.
        is_fitted: Shape (groups,); groups that are fitted to.

    Returns:
        The mode of the posterior, and the error of saturation by the curvature there, with orders
        as much more spread than a multinomial draw as they are seen to be.
    """
    platforms = int(posts.platform.max()) + 1
    posts, daily = _only(posts, daily, is_fitted)
    orders = daily.orders * (daily.demand > 0)
    theta, prior, precision = _prior(platforms, _usual_attention(platforms, posts, daily))
    spread = 1.0
    for _ in range(2):  # first without, then with the spread that is seen
        damping = 1e-3
        score, gradient, information, _ = _objective(theta, posts, daily.demand, orders, spread)
        score -= 0.5 * float(precision @ (theta - prior) ** 2)
        for _ in range(STEPS):
            slope = gradient - precision * (theta - prior)
            curvature = information + np.diag(precision)
            scaled = curvature + damping * np.diag(np.diag(curvature))
            step = np.linalg.solve(scaled, slope)
            step = np.clip(step, -1, 1)
            tried = _objective(theta + step, posts, daily.demand, orders, spread)
            there = tried[0] - 0.5 * float(precision @ (theta + step - prior) ** 2)
            if there >= score:
                theta, score = theta + step, there
                gradient, information = tried[1], tried[2]
                damping /= 5
                if np.abs(step).max() < CONVERGED:
                    break
            else:
                damping *= 5
                if damping > 1e9:
                    break
        expected = _objective(theta, posts, daily.demand, orders, 1.0)[3]
        spread = _overdispersion(orders, expected, len(theta))
    _, _, information, _ = _objective(theta, posts, daily.demand, orders, spread)
    covariance = np.linalg.inv(information + np.diag(precision))
    return Fit(theta, float(np.sqrt(covariance[0, 0])))


def gains(theta: Floats, posts: Posts, daily: Orders) -> tuple[Floats, Floats]:
    """What each row of posts brings, and what more of it would bring.

    Args:
        theta: As in `Fit`.
        posts: Posts of all groups.
        daily: Their orders; only demand counts.

    Returns:
        Two arrays of shape (n,): the sums over days of demand x a s / (x + s)^2, and of
        demand x a / (x + s).
    """
    saturation, slope, value = np.exp(theta[0]), np.empty(len(posts.day)), np.empty(len(posts.day))
    for group in np.unique(posts.group):  # one at a time: posts outside campaigns are many
        rows = np.arange(*np.searchsorted(posts.group, [group, group + 1]))
        demand = daily.demand[group]
        demand = demand[: np.flatnonzero(demand).max(initial=0) + 1]
        attention = _attention(theta, _rows(posts, rows), len(demand))
        seen = attention.sum(axis=0) + saturation
        slope[rows] = attention @ (demand * saturation / seen**2)
        value[rows] = attention @ (demand / seen)
    return slope, value


def _objective(
    theta: Floats, posts: Posts, demand: Floats, orders: Floats, spread: float
) -> tuple[float, Floats, Floats, Floats]:
    """Quasi-likelihood, its gradient, expected information, and expected orders by day."""
    saturation, platforms = np.exp(theta[0]), (len(theta) - 1) // 2
    groups, days = orders.shape
    attention = _attention(theta, posts, days)
    seen = _by_group(attention, posts.group, groups)
    rate = demand * seen / (seen + saturation)
    total = rate.sum(axis=1, keepdims=True)
    part = rate / np.maximum(total, TINY)
    totals = orders.sum(axis=1, keepdims=True)
    expected = totals * part
    score = float((orders * np.log(np.maximum(part, TINY))).sum()) / spread
    by_attention = saturation / (np.maximum(seen, TINY) * (seen + saturation))
    aged = attention * _half_life_slope(theta, posts, days)
    slopes = [-saturation / (seen + saturation)]
    slopes += [by_attention * _by_group(posts.reach[:, None] * attention, posts.group, groups)]
    for number in range(platforms):
        own = np.where((posts.platform == number)[:, None], aged, 0)
        slopes += [by_attention * _by_group(own, posts.group, groups)]
    for number in range(1, platforms):
        own = np.where((posts.platform == number)[:, None], attention, 0)
        slopes += [by_attention * _by_group(own, posts.group, groups)]
    stacked = np.stack(slopes)
    centred = stacked - (stacked * part).sum(axis=2, keepdims=True)
    gradient = np.einsum("kgd,gd->k", centred, orders) / spread
    information = np.einsum("kgd,lgd,gd->kl", centred, centred, expected, optimize=True) / spread
    return score, gradient, information, expected


def _attention(theta: Floats, posts: Posts, days: int) -> Floats:
    """Shape (n, days); ad-stocked attention of each row of posts."""
    platforms = (len(theta) - 1) // 2
    kept = 0.5 ** np.exp(-theta[2 : 2 + platforms])[posts.platform][:, None]
    strength = np.append(0.0, theta[2 + platforms :])[posts.platform]
    weight = posts.posts * np.exp(theta[1] * posts.reach + strength)
    age = np.arange(days) - posts.day[:, None]
    return np.where(age >= 0, weight[:, None] * (1 - kept) * kept ** np.maximum(age, 0), 0.0)


def _half_life_slope(theta: Floats, posts: Posts, days: int) -> Floats:
    """Shape (n, days); derivative of log attention by the logarithm of the half-life."""
    platforms = (len(theta) - 1) // 2
    half_life = np.exp(theta[2 : 2 + platforms])[posts.platform][:, None]
    kept = 0.5 ** (1 / half_life)
    age = np.maximum(np.arange(days) - posts.day[:, None], 0)
    return np.asarray(np.log(2) / half_life * (age - kept / (1 - kept)))


def _by_group(rows: Floats, group: Integers, groups: int) -> Floats:
    """Sums of rows by group, which ascends."""
    sums = np.zeros((groups, rows.shape[1]))
    present, start = np.unique(group, return_index=True)
    sums[present] = np.add.reduceat(rows, start, axis=0)
    return sums


def _usual_attention(platforms: int, posts: Posts, daily: Orders) -> float:
    """Mean attention on the day of an order, at the prior means."""
    theta = _prior(platforms, 1.0)[1]
    groups, days = daily.demand.shape
    seen = _by_group(_attention(theta, posts, days), posts.group, groups)
    return float((seen * daily.orders).sum() / max(daily.orders.sum(), 1))


def _only(posts: Posts, daily: Orders, kept: NDArray[np.bool_]) -> tuple[Posts, Orders]:
    """Posts and orders of some groups, without the days after all of them."""
    chosen = _rows(posts, np.flatnonzero(kept[posts.group]))
    days = int(np.flatnonzero(daily.demand[kept].any(axis=0)).max()) + 1
    return (
        replace(chosen, group=(np.cumsum(kept) - 1)[chosen.group]),
        Orders(daily.orders[kept, :days], daily.demand[kept, :days]),
    )


def _rows(posts: Posts, rows: Integers) -> Posts:
    return Posts(
        posts.group[rows],
        posts.day[rows],
        posts.posts[rows],
        posts.reach[rows],
        posts.platform[rows],
    )


def _prior(platforms: int, usual: float) -> tuple[Floats, Floats, Floats]:
    """Start, means and precisions of the parameters."""
    mean = np.concatenate(
        [
            [np.log(usual) + SATURATION[0], POWER[0]],
            np.full(platforms, HALF_LIFE[0]),
            np.full(platforms - 1, STRENGTH[0]),
        ]
    )
    sd = np.concatenate(
        [
            [SATURATION[1], POWER[1]],
            np.full(platforms, HALF_LIFE[1]),
            np.full(platforms - 1, STRENGTH[1]),
        ]
    )
    return mean.copy(), mean, sd**-2


def _overdispersion(orders: Floats, expected: Floats, parameters: int) -> float:
    """Pearson's statistic over degrees of freedom, at least 1."""
    counted = expected > 0
    pearson = ((orders - expected)[counted] ** 2 / np.maximum(expected[counted], 0.05)).sum()
    free = counted.sum() - (orders.sum(axis=1) > 0).sum() - parameters
    return max(float(pearson / max(free, 1)), 1.0)


def _problem(campaigns: pd.DataFrame, spend: pd.DataFrame) -> str | None:
    """Why no elasticity can be known, or None."""
    if (campaigns["orders"] > 0).sum() < FEWEST_CAMPAIGNS:
        return "too_few_orders"
    if campaigns["orders"].sum() < FEWEST_ORDERS:
        return "too_few_orders"
    spent = spend.groupby("campaign_id")["spend"].sum().astype("float64")
    table = campaigns.reset_index()
    level = table["campaign_id"].map(spent) / table["demand"].where(table["demand"] > 0)
    level = level.where(level > 0)
    relative = (level / level.groupby(table["brand"]).transform("median")).dropna()
    if len(relative) < FEWEST_CAMPAIGNS:
        return "one_level"
    low, high = np.quantile(relative, LEVELS)
    return None if high >= FEWEST_LEVELS * low else "one_level"


def _posts_table(
    posts: pd.DataFrame, influencers: pd.DataFrame, groups: pd.DataFrame
) -> pd.DataFrame:
    """Posts of groups with orders, in order of group; attention by reach, else by followers."""
    table = posts.merge(influencers, on="influencer_id", how="left")
    table = table.merge(groups[["number"]].reset_index(), on=["campaign_id", "brand"])
    each = table["reach"] / table["posts"]
    known = each.where(each > 0)
    followers = table["follower_count"].where(table["follower_count"] > 0)
    usual = float((known / followers).median()) if (known / followers).notna().any() else 1.0
    size = np.log(known.fillna(usual * followers).astype("float64"))
    table["size"] = (size - size.mean()).fillna(0.0)
    table["platform"] = table["platform"].fillna("")
    return table.sort_values(
        ["number", "influencer_id", "date_day"], kind="stable", ignore_index=True
    )


def _posts(table: pd.DataFrame, first: pd.Series) -> Posts:
    day = (table["date_day"] - first.reindex(table["number"]).to_numpy()).dt.days
    return Posts(
        table["number"].to_numpy(np.int64),
        day.to_numpy(np.int64),
        table["posts"].to_numpy(np.float64),
        table["size"].to_numpy(np.float64),
        np.unique(table["platform"].to_numpy(dtype=str), return_inverse=True)[1].astype(np.int64),
    )


def _orders(days: pd.DataFrame, groups: pd.DataFrame, first: pd.Series) -> Orders:
    table = days.merge(groups[["number"]].reset_index(), on=["campaign_id", "brand"])
    table = table[table["number"].isin(first.index)]
    day = (table["date_day"] - first.reindex(table["number"]).to_numpy()).dt.days.to_numpy()
    shape = (len(groups), int(day.max()) + 1)
    orders, demand = np.zeros(shape), np.zeros(shape)
    place = (table["number"].to_numpy(), day)
    orders[place] = table["orders"].to_numpy(np.float64)
    demand[place] = table["demand"].to_numpy(np.float64)
    return Orders(orders, demand)
