"""The plan of all orders: how many of which kind, for each day, region, brand and post.

Everything that can be counted is settled here, before any order line is drawn. An order line only
adds what differs within a segment: product, buyer, discount, return. So the lines can be made in
any number of pieces, and the truth of a world is a sum over segments.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from simulate.catalogue import BRANDS, NO_MEMBER, REGIONS
from simulate.demand import Baseline
from simulate.effect import Response
from simulate.posts import Posts


class Kind(IntEnum):
    """What an order owes to influencers."""

    ORGANIC = 0  # nothing
    COUPON = 1  # nothing; bought with a public coupon
    LEAKED = 2  # nothing, but bought with a creator's code in place of the public coupon
    ATTRIBUTED = 3  # everything; bought with the creator's code or link
    HALO = 4  # everything; bought without
    PULLED = 5  # not placed, as the buyer ordered early because of a post


INCREMENTAL = (Kind.ATTRIBUTED, Kind.HALO)
WITHOUT_INFLUENCERS = (Kind.ORGANIC, Kind.COUPON, Kind.LEAKED, Kind.PULLED)


@dataclass(frozen=True)
class Plan:
    """Segments of orders that differ in nothing planned, S of them, in order of day.

    Attributes:
        day: Shape (S,); days since the world's first day.
        region: Shape (S,); row numbers in `REGIONS`.
        brand: Shape (S,); row numbers in `BRANDS`.
        kind: Shape (S,); of `Kind`.
        post: Shape (S,); row numbers of posts, -1 for none.
        count: Shape (S,); orders, at least 1.
        end: Shape (S,); orders up to and including the segment.
    """

    day: NDArray[np.int64]
    region: NDArray[np.int64]
    brand: NDArray[np.int64]
    kind: NDArray[np.int64]
    post: NDArray[np.int64]
    count: NDArray[np.int64]
    end: NDArray[np.int64]

    @property
    def planned(self) -> int:
        """Orders of all kinds, those not placed included."""
        return int(self.end[-1]) if len(self.end) else 0

    @property
    def placed(self) -> int:
        """Orders that are placed: the lines of the export."""
        return int(self.count[self.kind != Kind.PULLED].sum())


def make_plan(posts: Posts, baseline: Baseline, response: Response) -> Plan:
    """Put baseline and response together.

    Leaked codes replace public coupons, so no more codes leak than there are orders with a
    coupon; orders pulled forward come from the other orders of their region, brand and day. What
    exceeds these orders is left out.

    Args:
        posts: The posts; for their brands.
        baseline: Orders without influencers.
        response: What posts do.

    Returns:
        The plan.
    """
    brand = posts.brand[response.post]
    cell = _cell(response.day, response.region, brand)
    coupon = baseline.with_coupon.transpose(2, 0, 1).ravel()
    plain = baseline.without_coupon.transpose(2, 0, 1).ravel()
    leaked = take(cell, response.leaked, coupon)
    pulled = take(cell, response.pulled, plain)
    coupon_left = coupon - np.bincount(cell, leaked, len(coupon)).astype(np.int64)
    plain_left = plain - np.bincount(cell, pulled, len(plain)).astype(np.int64)
    all_cells = np.arange(len(coupon))
    nobody = np.full(len(coupon), NO_MEMBER)
    parts = [
        (Kind.ORGANIC, all_cells, nobody, plain_left),
        (Kind.COUPON, all_cells, nobody, coupon_left),
        (Kind.LEAKED, cell, response.post, leaked),
        (Kind.ATTRIBUTED, cell, response.post, response.attributed),
        (Kind.HALO, cell, response.post, response.halo),
        (Kind.PULLED, cell, response.post, pulled),
    ]
    # Empty segments go first: in a large world they are the most.
    parts = [
        (kind, cells[count > 0], post[count > 0], count[count > 0])
        for kind, cells, post, count in parts
    ]
    cells = np.concatenate([cells for _, cells, _, _ in parts])
    kind = np.concatenate([np.full(len(cells), kind) for kind, cells, _, _ in parts])
    post = np.concatenate([post for _, _, post, _ in parts])
    count = np.concatenate([count for _, _, _, count in parts])
    order = np.lexsort((post, kind, cells))
    place, brands = np.divmod(cells[order], len(BRANDS))
    day, region = np.divmod(place, len(REGIONS.share))
    count = count[order]
    return Plan(day, region, brands, kind[order], post[order], count, np.cumsum(count))


def take(
    cell: NDArray[np.int64], wanted: NDArray[np.int64], available: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Serve wishes from what each cell has, first come first served.

    Args:
        cell: Shape (n,); the cell that each wish is for.
        wanted: Shape (n,); size of each wish.
        available: Shape (cells,); what each cell has.

    Returns:
        Shape (n,); what each wish gets.
    """
    order = np.argsort(cell, kind="stable")
    cells, wishes = cell[order], wanted[order]
    before = np.cumsum(wishes) - wishes
    first = np.flatnonzero(np.diff(cells, prepend=-1))
    before -= np.repeat(before[first], np.diff(first, append=len(cells)))
    got = np.zeros_like(wanted)
    got[order] = np.clip(available[cells] - before, 0, wishes)
    return got


def _cell(
    day: NDArray[np.int64], region: NDArray[np.int64], brand: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Number of a day, region and brand, ascending with the day."""
    return (day * len(REGIONS.share) + region) * len(BRANDS) + brand
