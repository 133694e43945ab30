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
from simulate.settings import Settings

HORIZON = 60  # days after a post on which it still works
USUAL_REACH = 10_000  # of a post that has the attention of one
REACH_POWER = 0.7  # attention against reach: large audiences hold more bystanders
NOWHERE = np.array([], dtype=np.int64)
TINY = 1e-300
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


@dataclass(frozen=True)
class Attention:
    """The posts whose attention adds up: those of a campaign, or of a brand outside campaigns.

    Attributes:
        campaign: Row number of the campaign, -1 for none.
        brand: Row number in `BRANDS`.
        rows: Shape (posts,); row numbers of the posts.
        first: First day on which one of them works.
        attention: Shape (posts, days) from `first` on; of each post.
        pull: Shape (posts, regions); attention in a region against the usual one.
        targets: Row numbers of the regions it is shown in; none: everywhere.
    """

    campaign: int
    brand: int
    rows: NDArray[np.int64]
    first: int
    attention: NDArray[np.float64]
    pull: NDArray[np.float64]
    targets: NDArray[np.int64]

    @property
    def stop(self) -> int:
        """The day after the last one."""
        return self.first + len(self.attention[0])


def attentions(
    settings: Settings, influencers: Influencers, campaigns: Campaigns, posts: Posts
) -> Iterator[Attention]:
    """What is seen of each campaign, and of each brand's posts outside campaigns.

    Args:
        settings: Seed, period and strengths.
        influencers: The influencers.
        campaigns: The campaigns.
        posts: The posts.

    Yields:
        The attention of each group that has a post, campaigns first.
    """
    impact = post_impact(settings, influencers, posts)
    half_life = np.array([settings.effect.half_life_days[name] for name in PLATFORMS])
    for campaign, rows in _groups(campaigns, posts):
        who = posts.influencer[rows]
        targets = campaigns.plan[campaign].treated if campaign != NO_MEMBER else NOWHERE
        first = int(posts.day[rows].min())
        stop = min(int(posts.day[rows].max()) + HORIZON + 1, settings.days)
        age = np.arange(first, stop) - posts.day[rows][:, None]
        decay = ad_stock(age, half_life[influencers.platform[who]])
        yield Attention(
            campaign,
            int(posts.brand[rows[0]]),
            rows,
            first,
            impact[rows][:, None] * decay,
            _pull(influencers.audience[who], targets),
            targets,
        )


def campaign_creative(settings: Settings, campaigns: Campaigns) -> NDArray[np.float64]:
    """Quality of each campaign; the last one is that of posts outside campaigns, row -1."""
    quality = draw_creative(settings, campaigns.scheduled, campaigns.planned)
    return np.append(quality, settings.effect.always_on)


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
    n = len(influencers.followers)
    halo = beta(
        effect.halo_share, effect.halo_spread, n, generator(settings.seed, Stream.EFFECT, 1)
    )
    leakiness = lognormal(effect.leak_spread, n, generator(settings.seed, Stream.EFFECT, 2))
    creative = campaign_creative(settings, campaigns)
    parts = []
    for group in attentions(settings, influencers, campaigns, posts):
        campaign, rows, brand = group.campaign, group.rows, group.brand
        first, stop, targets = group.first, group.stop, group.targets
        who = posts.influencer[rows]
        # A stream for each group by its key: what one does is the same without the others.
        key = campaigns.stream(campaign, brand)
        rng = generator(settings.seed, Stream.EFFECT, 3, key)
        share = saturated_shares(group.attention, group.pull, effect.saturation)
        expected = baseline.expected[:, brand]
        demand = share * expected[:, first:stop]
        audience = _pull(influencers.audience[who], NOWHERE)[:, :, None] * expected[:, first:stop]
        demand = spill(demand, targets, audience, effect.spill_over)

        orders = rng.poisson(effect.ceiling * creative[campaign] * demand)
        post, region, day = np.nonzero(orders)
        caused = orders[post, region, day]
        without_code = rng.binomial(caused, halo[who][post])
        place = (rows[post], region, first + day)
        parts.append(_entries(*place, attributed=caused - without_code, halo=without_code))

        leak_rate = effect.leak_share * leakiness[who][:, None, None] * demand
        leak_rate /= np.maximum(expected[:, first:stop], TINY)
        rng = generator(settings.seed, Stream.EFFECT, 4, key)
        leaked = mark(leak_rate, baseline.with_coupon[:, brand, first:stop], rng)
        parts.append(_entries(rows[leaked[0]], leaked[1], first + leaked[2], leaked=leaked[3]))

        due = pulled_forward(orders, first, settings)
        plain = expected[:, first : first + due.shape[2]] * (1 - settings.customers.coupon_share)
        available = baseline.without_coupon[:, brand, first : first + due.shape[2]]
        rng = generator(settings.seed, Stream.EFFECT, 5, key)
        pulled = mark(due / np.maximum(plain, TINY), available, rng)
        parts.append(_entries(rows[pulled[0]], pulled[1], first + pulled[2], pulled=pulled[3]))
    return _concatenate(parts)


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
    elsewhere: NDArray[np.float64],
    spill_over: float,
) -> NDArray[np.float64]:
    """Move a part of a regional effect to the other regions.

    Args:
        demand: Shape (posts, regions, days); effect if all of it stayed where it is targeted.
        targets: Row numbers of targeted regions; none leaves everything as it is.
        elsewhere: Shape (posts, regions, days); in proportion to which other regions get it.
        spill_over: Part that moves.

    Returns:
        Shape (posts, regions, days); the same total for each post and day.
    """
    if not len(targets) or spill_over == 0:
        return demand
    others = elsewhere.copy()
    others[:, targets] = 0
    others /= np.maximum(others.sum(axis=1, keepdims=True), TINY)
    moved = spill_over * demand.sum(axis=1, keepdims=True)
    return np.asarray((1 - spill_over) * demand + moved * others)


def pulled_forward(
    orders: NDArray[np.int64], first: int, settings: Settings
) -> NDArray[np.float64]:
    """Orders that are expected not to come any more, as their buyers ordered early.

    Each order takes `effect.pull_forward` of an order from later days, evenly over the delays of
    `effect.pull_forward_days`. What would have come after the last day is left out.

    Args:
        orders: Shape (posts, regions, days); incremental orders.
        first: Day of the first column.
        settings: Share, delays and length of the period.

    Returns:
        Shape (posts, regions, later days), from day `first` on.
    """
    soonest, latest = settings.effect.pull_forward_days
    days = min(orders.shape[2] + latest, settings.days - first)
    so_far = np.zeros((*orders.shape[:2], days + latest + 2))  # sums, with zeros before the start
    so_far[:, :, latest + 1 : latest + 1 + orders.shape[2]] = orders.cumsum(axis=2)
    so_far[:, :, latest + 1 + orders.shape[2] :] = so_far[:, :, [latest + orders.shape[2]]]
    day = np.arange(days) + latest + 1
    window = so_far[:, :, day - soonest] - so_far[:, :, day - latest - 1]
    return np.asarray(window * (settings.effect.pull_forward / (latest - soonest + 1)))


def mark(
    rate: NDArray[np.float64], available: NDArray[np.int64], rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Draw which of the orders at hand are marked, and by which post.

    Args:
        rate: Shape (posts, regions, days); share of the orders that a post marks.
        available: Shape (regions, days); the orders. Rates above 1 in sum mark all of them.
        rng: Source of randomness.

    Returns:
        Post, region, day and number of orders, each of shape (n,).
    """
    hits = rng.binomial(available, np.minimum(rate.sum(axis=0), 1.0))
    region, day = np.nonzero(hits)
    shares = rate[:, region, day].T
    shares = shares / shares.sum(axis=1, keepdims=True)
    split = rng.multinomial(hits[region, day], shares)
    cell, post = np.nonzero(split)
    return post, region[cell], day[cell], split[cell, post]


def draw_creative(settings: Settings, n: int, planned: int = 0) -> NDArray[np.float64]:
    """Quality of each campaign: 0 for flops, else around `effect.creative`.

    Args:
        settings: Seed and distribution.
        n: Number of campaigns that the world lays out.
        planned: Number of those planned elsewhere, each of which has a stream of its own.

    Returns:
        Shape (n + planned,); from 0 to 1.
    """
    effect = settings.effect
    parts = []
    for size, *part in ((n,), *((1, number) for number in range(planned))):
        rng = generator(settings.seed, Stream.CREATIVE, *part)
        is_flop = rng.random(size) < effect.flop_share
        quality = beta(effect.creative, effect.creative_spread, size, rng)
        parts.append(np.where(is_flop, 0.0, quality))
    return np.concatenate(parts)


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
    relevance = np.sqrt(usual)  # it works less on people for whom it was not made
    here = pull[:, targets] * (relevance / usual)[:, None]
    shown[:, targets] = here * share.sum() ** -REACH_POWER
    return shown


def _entries(
    post: NDArray[np.int64],
    region: NDArray[np.int64],
    day: NDArray[np.int64],
    **counts: NDArray[np.int64],
) -> Response:
    """Entries of the kinds that are given, none of the others."""
    none = np.zeros(len(post), dtype=np.int64)
    kinds = ("attributed", "halo", "leaked", "pulled")
    return Response(post, region, day, **{kind: counts.get(kind, none) for kind in kinds})


def _concatenate(parts: list[Response]) -> Response:
    names = Response.__dataclass_fields__
    empty = np.array([], dtype=np.int64)
    return Response(
        **{
            name: np.concatenate([empty, *(getattr(part, name) for part in parts)])
            for name in names
        }
    )
