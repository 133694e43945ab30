"""Order lines, made from the plan a chunk at a time."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from simulate.campaigns import Campaigns
from simulate.catalogue import BRAND_NAMES, EVENTS, NO_MEMBER, PRODUCTS, REGIONS
from simulate.people import Influencers
from simulate.plan import Kind, Plan
from simulate.posts import Posts
from simulate.randomness import Stream, generator, lookup
from simulate.settings import Settings

BLOCK = 1 << 14  # planned orders that share a random stream
QUANTITIES, QUANTITY_SHARES = np.array([1, 2, 3]), np.array([0.84, 0.13, 0.03])
DISCOUNTS = np.arange(0, 30, 5)  # per cent
PLAIN_DISCOUNT = lookup(np.array([0.68, 0.22, 0.0, 0.10]))  # of DISCOUNTS, without a code
CODE_DISCOUNT = 2  # of DISCOUNTS: 10 per cent with any code, the shop's or a creator's
SALE_DISCOUNT = 2  # steps of DISCOUNTS on top, on days of a sale
PUBLIC_COUPON = "HEALTH10"
SOURCES = pa.array(
    ["organic_search", "direct", "paid_social", "email", "referral", "influencer"], pa.string()
)
ORGANIC_SOURCE = lookup(np.array([0.42, 0.27, 0.15, 0.11, 0.05]))
HALO_SOURCE = lookup(np.array([0.60, 0.40]))  # they search for the brand, or type its address
FROM_INFLUENCER = 5  # of SOURCES
# Of attributed orders: link alone, link and code, code alone.
TOUCH = lookup(np.array([0.35, 0.37, 0.28]))
LEAKED_LINK = lookup(np.array([0.7, 0.3])).astype(bool)  # fans who would have come anyway
STATUSES = pa.array(["delivered", "returned", "refused", "shipped"], pa.string())
DELIVERED, RETURNED, REFUSED, SHIPPED = range(4)
RETURN_DAYS, REFUSAL_DAYS = (4, 25), (4, 12)  # after the order, first to last
RETURNING_POWER = 1.5  # customers of long standing order more often


@dataclass
class Sales:
    """What the orders of each segment come to, filled while they are made.

    Attributes:
        revenue: Shape (segments,); paise, after discount, net of returns and refusals.
        completed: Shape (segments,); orders that are neither returned nor refused.
    """

    revenue: NDArray[np.int64]
    completed: NDArray[np.int64]


class OrderLines:
    """The order lines of a world.

    Args:
        settings: Seed and what buyers do.
        influencers: The influencers.
        campaigns: The campaigns.
        posts: The posts.
        plan: How many orders of which kind there are.
        chunk_orders: Planned orders made at a time; changes nothing but memory and time.
    """

    def __init__(
        self,
        settings: Settings,
        influencers: Influencers,
        campaigns: Campaigns,
        posts: Posts,
        plan: Plan,
        chunk_orders: int,
    ) -> None:
        """Prepare the tables that draws look up."""
        self._settings, self._plan = settings, plan
        self._blocks_a_chunk = max(1, chunk_orders // BLOCK)
        self.sales = Sales(np.zeros(len(plan.count), np.int64), np.zeros(len(plan.count), np.int64))

        dates = np.datetime64(settings.start) + np.arange(settings.days)
        on_sale = (EVENTS.first_day <= dates[:, None]) & (dates[:, None] <= EVENTS.last_day)
        self._extra = np.where((on_sale & (EVENTS.lift > 0)).any(axis=1), SALE_DISCOUNT, 0)
        self._extra = self._extra.astype(np.uint8)
        brands = range(len(BRAND_NAMES))
        shares = [np.where(PRODUCTS.brand == brand, PRODUCTS.share, 0.0) for brand in brands]
        self._product = np.stack([lookup(share) for share in shares])
        self._quantity = lookup(QUANTITY_SHARES)
        self._fate, self._status, self._delay = _fates(settings)

        gross = (PRODUCTS.list_price * 100)[:, None, None] * QUANTITIES[:, None]
        discount = gross * DISCOUNTS // 100  # whole paise, as prices are whole rupees
        self._net = (gross - discount).ravel()
        # Customers from before the first day, by region; new ones are counted on.
        loyal = settings.customers.loyal_share * settings.orders * REGIONS.share
        self._loyal = np.maximum(np.rint(loyal).astype(np.int64), 1)

        # What a segment looks up through its post; the last entry is for no post.
        self._influencer = np.append(posts.influencer, len(influencers.code)).astype(np.int32)
        self._campaign = np.append(posts.campaign, NO_MEMBER).astype(np.int32)
        text = pa.string()
        money = pa.decimal128(18, 2)
        self._dictionaries = {
            "source": SOURCES,
            "campaign": pa.array(campaigns.campaign_id, text),
            "influencer_id": pa.array(influencers.influencer_id, text),
            "region_code": pa.array(REGIONS.code, text),
            "product": pa.array(PRODUCTS.product, text),
            "brand": pa.array(BRAND_NAMES, text),
            "date": pa.array(dates),
            "revenue": _rupees(self._net, money),
            "region": pa.array(REGIONS.region, text),
            "coupon_code": pa.array([*influencers.code, PUBLIC_COUPON], text),
            "discount": _rupees(discount.ravel(), money),
            "status": STATUSES,
            "returned_date": pa.array(dates),
        }
        self._post_ids = pa.array(posts.post_id, text)
        self._kinds = pa.array([kind.name.lower() for kind in Kind], text)

    def chunks(self) -> Iterator[pa.RecordBatch]:
        """Make all order lines, in order of day, and fill `sales`.

        Yields:
            A batch of lines: `number` counts them from 0, `customer` counts within a region; the
            other columns are those of the export `tracking_data`.
        """
        customers = self._loyal.copy()
        number = 0
        self.sales.revenue[:] = 0
        self.sales.completed[:] = 0
        for segment, draws in self._pieces(draws=8):
            batch = self._lines(segment, draws, number, customers)
            number += batch.num_rows
            yield from self._by_block(batch, segment)

    def truths(self) -> Iterator[pa.RecordBatch]:
        """What each order line owes to influencers, in the order of `chunks`.

        Yields:
            A batch with `number`, `kind`, `is_incremental` and `post_id`, the post that caused it.
        """
        plan, number = self._plan, 0
        kind = plan.kind.astype(np.int8)
        post = plan.post.astype(np.int32)
        for planned, _ in self._pieces(draws=0):
            kinds = kind[planned]
            kinds, segment = kinds[kinds != Kind.PULLED], planned[kinds != Kind.PULLED]
            caused = (kinds == Kind.ATTRIBUTED) | (kinds == Kind.HALO)
            n = len(segment)
            batch = pa.RecordBatch.from_arrays(
                [
                    pa.array(np.arange(number, number + n)),
                    pa.DictionaryArray.from_arrays(pa.array(kinds), self._kinds),
                    pa.array(caused),
                    pa.DictionaryArray.from_arrays(
                        pa.array(post[segment], mask=~caused), self._post_ids
                    ),
                ],
                names=["number", "kind", "is_incremental", "post_id"],
            )
            number += n
            yield from self._by_block(batch, planned)

    def _pieces(self, draws: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint16]]]:
        """Chunks of planned orders, mixed within their day: segments, and draws (draws, n)."""
        plan, seed = self._plan, self._settings.seed
        day = plan.day.astype(np.uint16)
        blocks = -(-plan.planned // BLOCK)
        for first in range(0, max(blocks, 1), self._blocks_a_chunk):
            segments, values = [], []
            # A plan without orders makes one empty chunk, which has the columns.
            for block in range(first, max(min(first + self._blocks_a_chunk, blocks), 1)):
                segment = _segments(plan, block * BLOCK, (block + 1) * BLOCK)
                mixed = segment[generator(seed, Stream.SHUFFLE, block).permutation(len(segment))]
                # Sixteen-bit keys are sorted by radix, many times faster than longer ones.
                segments.append(mixed[np.argsort(day[mixed], kind="stable")])
                raw = generator(seed, Stream.ORDERS, block).bytes(2 * draws * len(segment))
                values.append(np.frombuffer(raw, "<u2").reshape(draws, len(segment)))
            yield np.concatenate(segments), np.concatenate(values, axis=1)

    def _by_block(
        self, batch: pa.RecordBatch, planned: NDArray[np.int64]
    ) -> Iterator[pa.RecordBatch]:
        """A chunk's lines, block by block: where a batch ends decides on the groups of Parquet."""
        is_placed = self._plan.kind[planned] != Kind.PULLED
        starts = np.arange(0, max(len(planned), 1), BLOCK)
        begin = 0
        for lines in np.add.reduceat(is_placed, starts, dtype=np.int64) if len(planned) else [0]:
            yield batch.slice(begin, lines)
            begin += lines

    def _lines(
        self,
        segment: NDArray[np.int64],
        draws: NDArray[np.uint16],
        number: int,
        customers: NDArray[np.int64],
    ) -> pa.RecordBatch:
        plan = self._plan
        day, kind = plan.day[segment].astype(np.int16), plan.kind[segment].astype(np.int8)
        brand = plan.brand[segment].astype(np.int8)
        touch = TOUCH[draws[0]]
        is_attributed, is_leaked = kind == Kind.ATTRIBUTED, kind == Kind.LEAKED
        has_link = (is_attributed & (touch < 2)) | (is_leaked & LEAKED_LINK[draws[0]])
        has_code = (is_attributed & (touch > 0)) | is_leaked
        has_coupon = has_code | (kind == Kind.COUPON)

        product = self._product[brand, draws[1]]
        step = np.where(has_coupon, CODE_DISCOUNT, PLAIN_DISCOUNT[draws[2]]) + self._extra[day]
        quantity = self._quantity[draws[3]]
        price = (product.astype(np.int16) * len(QUANTITIES) + quantity) * len(DISCOUNTS) + step
        fate = self._fate[draws[4]]
        status, back = self._status[fate], day + self._delay[fate]
        # The exports are taken on the last day: what comes back later is not known yet.
        is_open = (status != DELIVERED) & (back >= self._settings.days)
        status = np.where(is_open, np.where(status == REFUSED, SHIPPED, DELIVERED), status)
        comes_back = (status == RETURNED) | (status == REFUSED)
        self._count(segment, np.where(comes_back, 0, self._net[price]), ~comes_back)

        placed = kind != Kind.PULLED
        region = plan.region[segment].astype(np.int8)
        customer, is_new = self._customers(region, kind, placed, draws, customers)
        post = plan.post[segment]
        who, campaign = self._influencer[post], self._campaign[post]
        source = np.select(
            [has_link, kind == Kind.HALO],
            [np.uint8(FROM_INFLUENCER), HALO_SOURCE[draws[5]]],
            ORGANIC_SOURCE[draws[5]],
        )
        columns: dict[str, tuple[NDArray[np.generic], NDArray[np.bool_] | None]] = {
            "source": (source, None),
            "campaign": (campaign, ~has_link | (campaign == NO_MEMBER)),
            "influencer_id": (who, ~has_link),
            "region_code": (region, None),
            "product": (product, None),
            "brand": (brand, None),
            "date": (day, None),
            "revenue": (price, None),
            "region": (region, None),
            # Without a creator the code is the entry behind the last one: the public coupon.
            "coupon_code": (who, ~has_coupon),
            "discount": (price, None),
            "status": (status, None),
            "returned_date": (back, ~comes_back),
        }
        names, arrays = [], []
        for name, (codes, missing) in columns.items():
            missing = missing[placed] if missing is not None else None
            indices = pa.array(codes[placed], mask=missing)
            arrays.append(pa.DictionaryArray.from_arrays(indices, self._dictionaries[name]))
            names.append(name)
        n = int(placed.sum())
        return pa.RecordBatch.from_arrays(
            [
                pa.array(np.arange(number, number + n)),
                pa.array(customer[placed]),
                pa.array(is_new[placed]),
                *arrays,
            ],
            names=["number", "customer", "is_new_customer", *names],
        )

    def _count(
        self,
        segment: NDArray[np.int64],
        revenue: NDArray[np.int64],
        is_completed: NDArray[np.bool_],
    ) -> None:
        """Add orders to the sales of their segments. Sums stay below 2^53, so doubles are exact."""
        if not len(segment):
            return
        first = int(segment.min())
        local = segment - first
        n = int(local.max()) + 1
        self.sales.revenue[first : first + n] += np.bincount(local, revenue).astype(np.int64)
        self.sales.completed[first : first + n] += np.bincount(local, is_completed).astype(np.int64)

    def _customers(
        self,
        region: NDArray[np.int8],
        kind: NDArray[np.int8],
        placed: NDArray[np.bool_],
        draws: NDArray[np.uint16],
        customers: NDArray[np.int64],
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Who buys: the next new customer of the region, or one whom it has already.

        `customers` counts the customers of each region so far, and is moved on.
        """
        rates = self._settings.customers
        influenced = (kind == Kind.ATTRIBUTED) | (kind == Kind.HALO)
        new_share = np.where(influenced, rates.new_share_influenced, rates.new_share)
        is_new = placed & (draws[6] < new_share * (1 << 16))
        order = np.argsort(region, kind="stable")  # by region, in time within each
        ordered_new = is_new[order]
        so_far = np.cumsum(ordered_new) - ordered_new
        sizes = np.bincount(region, minlength=len(customers))
        at_begin = np.append(so_far, 0)[np.cumsum(sizes) - sizes]
        known = np.empty(len(region), dtype=np.int64)
        known[order] = so_far + np.repeat(customers - at_begin, sizes)
        customers += np.bincount(region, is_new, len(customers)).astype(np.int64)
        # Two draws make 32 bits, enough to reach every customer.
        place = (draws[7].astype(np.float64) + draws[5] / 65536) / 65536
        returning = (known * place**RETURNING_POWER).astype(np.int64)
        return np.where(is_new, known, returning), is_new


def _segments(plan: Plan, start: int, stop: int) -> NDArray[np.int64]:
    """The segment of each planned order from `start` to before `stop`."""
    stop = min(stop, plan.planned)
    if start >= stop:
        return np.array([], dtype=np.int64)
    first = int(np.searchsorted(plan.end, start, side="right"))
    last = int(np.searchsorted(plan.end, stop, side="left"))
    ends = np.minimum(plan.end[first : last + 1], stop)
    return np.repeat(np.arange(first, last + 1), np.diff(ends, prepend=start))


def _fates(
    settings: Settings,
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.int16]]:
    """Lookup of what becomes of an order, and status and days of each outcome."""
    customers = settings.customers
    returned = np.arange(RETURN_DAYS[0], RETURN_DAYS[1] + 1)
    refused = np.arange(REFUSAL_DAYS[0], REFUSAL_DAYS[1] + 1)
    shares = [
        np.array([1 - customers.return_share - customers.refusal_share]),
        np.full(len(returned), customers.return_share / len(returned)),
        np.full(len(refused), customers.refusal_share / len(refused)),
    ]
    status = np.repeat([DELIVERED, RETURNED, REFUSED], [1, len(returned), len(refused)])
    delay = np.concatenate([[0], returned, refused])
    return lookup(np.concatenate(shares)), status.astype(np.uint8), delay.astype(np.int16)


def _rupees(paise: NDArray[np.int64], money: pa.Decimal128Type) -> pa.Array:
    """Paise as decimals in rupees."""
    return pa.array([f"{amount // 100}.{amount % 100:02d}" for amount in paise]).cast(money)
