"""What posts do: attention fades, demand saturates, codes leak, orders are pulled forward.

The response is defined per campaign, so that the effect of one campaign does not depend on any
other and "had this campaign not run" is exact. Posts outside campaigns form one group per brand.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulate.campaigns import Campaigns
from simulate.catalogue import BRANDS, NO_MEMBER, REGIONS
from simulate.demand import Baseline
from simulate.people import PLATFORMS, TIERS, Influencers
from simulate.posts import Posts
from simulate.randomness import Stream, generator
from simulate.settings import Effect, Settings

HORIZON = 60  # days after a post on which it still works
USUAL_REACH = 10_000  # of a post that has the attention of one
REACH_POWER = 0.5  # attention against reach: large audiences hold more bystanders
STRONGEST_PULL = 4.0  # of an audience towards a region, against the shop's own customers


@dataclass(frozen=True)
class Response:
    """Orders that posts caused or marked: one entry a post, region and day with any.

    Attributes:
        post: Shape (n,); row numbers of posts.
        region: Shape (n,); row numbers in `REGIONS`.
        day: Shape (n,); days since the world's first day.
        attributed: Shape (n,); incremental orders with the creator's code or link.
        halo: Shape (n,); incremental orders without.
        leaked: Shape (n,); orders that would have come anyway, with the creator's code.
        pulled: Shape (n,); later orders that no longer come, on the day they would have come.
    """

    post: NDArray[np.int64]
    region: NDArray[np.int64]
    day: NDArray[np.int64]
    attributed: NDArray[np.int64]
    halo: NDArray[np.int64]
    leaked: NDArray[np.int64]
    pulled: NDArray[np.int64]


def simulate_response(
    settings: Settings,
    influencers: Influencers,
    campaigns: Campaigns,
    posts: Posts,
    baseline: Baseline,
) -> Response:
    """Draw what posts do to orders.

    Args:
        settings: Seed and strengths.
        influencers: The influencers.
        campaigns: The campaigns.
        posts: The posts.
        baseline: Demand without them.

    Returns:
        Entries in order of group, post, region and day; pulled orders last.
    """
    effect = settings.effect
    impact = post_impact(settings, influencers, posts)
    halo = beta(
        effect.halo_share,
        effect.halo_spread,
        len(influencers.followers),
        generator(settings.seed, Stream.EFFECT, 1),
    )
    leakiness = lognormal(
        effect.leak_spread, len(influencers.followers), generator(settings.seed, Stream.EFFECT, 2)
    )
    creative = np.append(draw_creative(settings, len(campaigns.plan)), effect.creative)
    parts = []
    for campaign, rows in _groups(campaigns, posts):
        brand = int(posts.brand[rows[0]])
        # A stream for each group by its key: what one does is the same without the others.
        group = campaign if campaign != NO_MEMBER else len(campaigns.plan) + brand
        rng = generator(settings.seed, Stream.EFFECT, 3, group)
        targets = campaigns.plan[campaign].treated if campaign != NO_MEMBER else np.array([], int)
        first = int(posts.day[rows].min())
        last = min(int(posts.day[rows].max()) + HORIZON, settings.days - 1)
        days = np.arange(first, last + 1)
        pull = _pull(influencers.audience[posts.influencer[rows]], targets)
        half_life = np.array([effect.half_life_days[name] for name in PLATFORMS])
        decay = ad_stock(
            days - posts.day[rows][:, None],
            half_life[influencers.platform[posts.influencer[rows]]],
        )
        share = saturated_shares(impact[rows][:, None] * decay, pull, effect.saturation)
        demand = share * baseline.expected[:, brand, first : last + 1]
        demand = spill(demand, targets, baseline.expected[:, brand, first : last + 1], effect)

        who = posts.influencer[rows][:, None, None]
        orders = rng.poisson(effect.ceiling * creative[campaign] * demand)
        coupons = settings.customers.coupon_share
        leak_rate = np.minimum(coupons * effect.leak_share * leakiness[who], coupons)
        leaked = rng.poisson(leak_rate * demand)
        post, region, day = np.nonzero(orders + leaked)
        without_code = rng.binomial(orders[post, region, day], halo[posts.influencer[rows]][post])
        parts.append(
            Response(
                post=rows[post],
                region=region,
                day=first + day,
                attributed=orders[post, region, day] - without_code,
                halo=without_code,
                leaked=leaked[post, region, day],
                pulled=np.zeros(len(post), dtype=np.int64),
            )
        )
    seen = _concatenate(parts)
    return _concatenate([seen, _pulled_forward(settings, seen)])


def post_impact(settings: Settings, influencers: Influencers, posts: Posts) -> NDArray[np.float64]:
    """Attention of each post at its start, in units of a usual post.

    Args:
        settings: Strengths by platform, tier and fit, and how influencers differ.
        influencers: The influencers.
        posts: The posts.

    Returns:
        Shape (posts,).
    """
    effect, who = settings.effect, posts.influencer
    rng = generator(settings.seed, Stream.EFFECT, 0)
    persuasion = lognormal(effect.persuasion_spread, len(influencers.followers), rng)
    platform = np.array([effect.platform[name] for name in PLATFORMS])
    tier = np.array([effect.tier[name] for name in TIERS])
    fits = influencers.suits[who, posts.brand]
    strength = platform[influencers.platform[who]] * tier[influencers.tier[who]]
    reached = (posts.reach / USUAL_REACH) ** REACH_POWER
    return np.asarray(reached * strength * persuasion[who] * np.where(fits, effect.fit, 1.0))


def ad_stock(age: NDArray[np.int64], half_life: NDArray[np.float64]) -> NDArray[np.float64]:
    """Part of a post's attention that falls on each day of its age: geometric ad-stock.

    Broadbent (1979), "One way TV advertisements work", in its normalised form
    (1 - rho) rho^age with rho = 2^(-1 / half-life), from age 0 to `HORIZON`.

    Args:
        age: Shape (posts, days); days since the post, negative before it.
        half_life: Shape (posts,); days.

    Returns:
        Shape (posts, days); sums to 1 over all ages, but for what lies beyond the horizon.
    """
    kept = 0.5 ** (1 / half_life)[:, None]
    alive = (age >= 0) & (age <= HORIZON)
    return np.where(alive, (1 - kept) * kept ** np.maximum(age, 0), 0.0)


def saturated_shares(
    attention: NDArray[np.float64], pull: NDArray[np.float64], saturation: float
) -> NDArray[np.float64]:
    """Response of each region and day as a part of the highest possible one, split over posts.

    A Hill curve of slope 1 of the attention x of all posts, x / (x + saturation); each post gets
    its part of x.

    Args:
        attention: Shape (posts, days).
        pull: Shape (posts, regions); attention in a region against the usual one.
        saturation: Attention at which half of the possible response is reached.

    Returns:
        Shape (posts, regions, days); sums over posts lie in 0 to 1.
    """
    own = pull[:, :, None] * attention[:, None, :]
    return np.asarray(own / (own.sum(axis=0) + saturation))


def spill(
    demand: NDArray[np.float64],
    targets: NDArray[np.int64],
    expected: NDArray[np.float64],
    effect: Effect,
) -> NDArray[np.float64]:
    """Move a part of a regional effect to the other regions, in proportion to their demand.

    Args:
        demand: Shape (posts, regions, days); effect if all of it stayed where it is targeted.
        targets: Row numbers of targeted regions; none leaves everything as it is.
        expected: Shape (regions, days); demand of the brand without influencers.
        effect: Its `spill_over` is the part that moves.

    Returns:
        Shape (posts, regions, days); the same total for each post and day.
    """
    if not len(targets) or effect.spill_over == 0:
        return demand
    elsewhere = expected.copy()
    elsewhere[targets] = 0
    moved = effect.spill_over * demand.sum(axis=1, keepdims=True)
    return np.asarray(
        (1 - effect.spill_over) * demand + moved * (elsewhere / elsewhere.sum(axis=0))
    )


def draw_creative(settings: Settings, n: int) -> NDArray[np.float64]:
    """Quality of each campaign: 0 for flops, else around `effect.creative`.

    Args:
        settings: Seed and distribution.
        n: Number of campaigns.

    Returns:
        Shape (n,); from 0 to 1.
    """
    rng = generator(settings.seed, Stream.CREATIVE)
    effect = settings.effect
    is_flop = rng.random(n) < effect.flop_share
    return np.where(is_flop, 0.0, beta(effect.creative, effect.creative_spread, n, rng))


def beta(mean: float, spread: float, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Shares from a beta distribution.

    Args:
        mean: Mean, 0 to 1; 0 and 1 are the same for all.
        spread: Standard deviation, at most nine tenths of what the mean allows.
        n: How many.
        rng: Source of randomness.

    Returns:
        Shape (n,).
    """
    spread = min(spread, 0.9 * np.sqrt(mean * (1 - mean)))
    if spread == 0:
        return np.full(n, mean)
    concentration = mean * (1 - mean) / spread**2 - 1
    return rng.beta(mean * concentration, (1 - mean) * concentration, n)


def lognormal(spread: float, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Factors with mean 1.

    Args:
        spread: Standard deviation of the logarithm.
        n: How many.
        rng: Source of randomness.

    Returns:
        Shape (n,).
    """
    return rng.lognormal(-(spread**2) / 2, spread, n)


def _groups(campaigns: Campaigns, posts: Posts) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Posts whose attention adds up: of a campaign, or of a brand outside campaigns."""
    for campaign in range(len(campaigns.plan)):
        rows = np.flatnonzero(posts.campaign == campaign)
        if len(rows):
            yield campaign, rows
    for brand in range(len(BRANDS)):
        rows = np.flatnonzero((posts.campaign == NO_MEMBER) & (posts.brand == brand))
        if len(rows):
            yield NO_MEMBER, rows


def _pull(audience: NDArray[np.float64], targets: NDArray[np.int64]) -> NDArray[np.float64]:
    """Attention in each region against that of a post shown to the whole country alike.

    A post that is shown in its targets only meets fewer people, the more often: its attention
    there grows with the same power as with reach.
    """
    pull = np.minimum(audience / REGIONS.share, STRONGEST_PULL)
    if not len(targets):
        return np.asarray(pull)
    shown = np.zeros_like(pull)
    share = REGIONS.share[targets]
    usual = pull[:, targets] @ share / share.sum()
    shown[:, targets] = pull[:, targets] / usual[:, None] * share.sum() ** -REACH_POWER
    return shown


def _pulled_forward(settings: Settings, seen: Response) -> Response:
    """Later orders of those who ordered early because of a post."""
    rng = generator(settings.seed, Stream.EFFECT, 4)
    early = rng.binomial(seen.attributed + seen.halo, settings.effect.pull_forward)
    post, region, day = (np.repeat(column, early) for column in (seen.post, seen.region, seen.day))
    first, last = settings.effect.pull_forward_days
    day = day + rng.integers(first, last + 1, len(day))
    inside = day < settings.days
    keys, pulled = np.unique(
        np.stack([post[inside], region[inside], day[inside]]), axis=1, return_counts=True
    )
    none = np.zeros(len(pulled), dtype=np.int64)
    return Response(keys[0], keys[1], keys[2], none, none, none, pulled)


def _concatenate(parts: list[Response]) -> Response:
    names = Response.__dataclass_fields__
    empty = np.array([], dtype=np.int64)
    return Response(
        **{
            name: np.concatenate([empty, *(getattr(part, name) for part in parts)])
            for name in names
        }
    )
