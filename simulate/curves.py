"""What more or less money would buy: a world's response to other multiples of it.

Money for a member, such as a platform or a brand, times m buys m times the posts of the same
influencers on the same days: their attention is m times as large. Or it buys as many posts of
larger accounts of the same kind: fees rise with followers^0.65, reach with followers^0.85, and
attention with reach^0.7, so their attention is m^(0.7 x 0.85 / 0.65) times as large. All posts of
a campaign saturate together (`effect.saturated_shares`), so the response of a region and day is
concave in the multiples of all members' attention,

    ceiling x creative x expected demand x sum_c m_c a_c / (sum_c m_c a_c + saturation),

and a best split of a budget exists. These are expectations: no order is drawn.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulate.campaigns import Campaigns
from simulate.demand import Baseline
from simulate.effect import REACH_POWER, attentions, campaign_creative
from simulate.people import RATE_POWER, Influencers
from simulate.posts import SIZE_POWER, Posts
from simulate.settings import Settings

# What money is spent on: attention is that power of it.
LEVERS = {"posts": 1.0, "reach": REACH_POWER * (1 + SIZE_POWER) / RATE_POWER}
MULTIPLES = np.array([0.0, 0.25, 0.5, 0.7, 0.85, 1.0, 1.15, 1.3, 1.5, 2.0, 3.0])

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Group:
    """One campaign, or a brand's posts outside campaigns; its days and regions are cells.

    Attributes:
        members: Shape (m,); the members with posts in it.
        attention: Shape (m, cells); attention of each at today's spend.
        highest: Shape (cells,); response to attention without end.
    """

    members: NDArray[np.int64]
    attention: Floats
    highest: Floats


@dataclass(frozen=True)
class Surface:
    """Expected incremental revenue by multiples of the posts of each member.

    Attributes:
        size: Number of members.
        saturation: Attention at which half of the possible response is reached.
        groups: What saturates together.
    """

    size: int
    saturation: float
    groups: tuple[_Group, ...]

    def value(self, multiples: Floats) -> float:
        """Incremental revenue.

        Args:
            multiples: Shape (members,); posts against today's, 0 or more.

        Returns:
            In the unit of the value of an order.
        """
        return float(sum(self._values(group, multiples[group.members]) for group in self.groups))

    def gradient(self, multiples: Floats) -> Floats:
        """What one more multiple of each member adds to `value`.

        Args:
            multiples: Shape (members,).

        Returns:
            Shape (members,).
        """
        slope = np.zeros(self.size)
        for group in self.groups:
            seen = multiples[group.members] @ group.attention
            by_cell = group.highest * self.saturation / (seen + self.saturation) ** 2
            slope[group.members] += group.attention @ by_cell
        return slope

    def shares(self) -> Floats:
        """Shape (members,); each one's part of today's revenue, by its part of the attention."""
        parts = np.zeros(self.size)
        for group in self.groups:
            seen = group.attention.sum(axis=0)
            parts[group.members] += group.attention @ (group.highest / (seen + self.saturation))
        return parts

    def alone(self, multiples: Floats) -> Floats:
        """Curves of each member while all others stay as they are.

        Args:
            multiples: Shape (k,).

        Returns:
            Shape (members, k); revenue beyond that without the member.
        """
        curves = np.zeros((self.size, len(multiples)))
        for group in self.groups:
            seen = group.attention.sum(axis=0)
            for row, member in enumerate(group.members):
                others = np.maximum(seen - group.attention[row], 0)
                without = others / (others + self.saturation)
                now = others + multiples[:, None] * group.attention[row]
                curves[member] += (now / (now + self.saturation) - without) @ group.highest
        return curves

    def _values(self, group: _Group, multiples: Floats) -> float:
        seen = multiples @ group.attention
        return float(group.highest @ (seen / (seen + self.saturation)))


def response_surface(
    settings: Settings,
    influencers: Influencers,
    campaigns: Campaigns,
    posts: Posts,
    baseline: Baseline,
    order_value: Floats,
    member: NDArray[np.int64],
) -> Surface:
    """The response of a world to multiples of some members' posts.

    Args:
        settings: The world.
        influencers: The influencers.
        campaigns: The campaigns.
        posts: The posts.
        baseline: Demand without them.
        order_value: Shape (brands,); what an incremental order brings.
        member: Shape (posts,); whose post it is, 0 or more.

    Returns:
        The surface. Orders pulled forward count against it as far as they would have come before
        the world's last day.
    """
    groups = _groups(settings, influencers, campaigns, posts, baseline, order_value, member)
    size = int(member.max()) + 1 if len(member) else 0
    return Surface(size, settings.effect.saturation, tuple(groups))


def _groups(
    settings: Settings,
    influencers: Influencers,
    campaigns: Campaigns,
    posts: Posts,
    baseline: Baseline,
    order_value: Floats,
    member: NDArray[np.int64],
) -> Iterator[_Group]:
    creative = campaign_creative(settings, campaigns)
    kept = _kept(settings)
    for group in attentions(settings, influencers, campaigns, posts):
        members, place = np.unique(member[group.rows], return_inverse=True)
        attention = np.stack(
            [
                np.einsum("pr,pd->rd", group.pull[place == row], group.attention[place == row])
                for row in range(len(members))
            ]
        )
        days = slice(group.first, group.stop)
        worth = settings.effect.ceiling * creative[group.campaign] * order_value[group.brand]
        highest = worth * baseline.expected[:, group.brand, days] * kept[days]
        seen = attention.sum(axis=0) > 0
        yield _Group(members, attention[:, seen], highest[seen])


def _kept(settings: Settings) -> Floats:
    """Shape (days,); part of the orders of each day that is not missing later in the period."""
    soonest, latest = settings.effect.pull_forward_days
    left = settings.days - 1 - np.arange(settings.days)
    missing = np.clip(left - soonest + 1, 0, latest - soonest + 1) / (latest - soonest + 1)
    return np.asarray(1 - settings.effect.pull_forward * missing)
